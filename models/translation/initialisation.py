"""The weights a training starts from, drawn by NumPy: the app can show them without having to ship them."""

import numpy as np

from models.recurrent.trace import Array
from models.translation.configuration import TranslatorConfig


def initial_parameters(config: TranslatorConfig, seed: int) -> dict[str, Array]:
    """Draw every parameter, float32, named as in ``models.network``; the same for the same seed.

    Matrices are uniform between -b and b, b = 1 / sqrt(H) for those of the LSTMs (torch's choice) and 1 / sqrt(columns)
    for the others; embeddings are normal with standard deviation 0.1. Biases are 0 but for the forget gate's (Gers et
    al. 2000; Jozefowicz et al. 2015, section 3.2), which stands in ``bias_ih`` alone: the two vectors are added.
    """
    H = config.hidden_size
    parameters = {}
    for number, (name, shape) in enumerate(sorted(config.parameter_shapes().items())):
        generator = np.random.Generator(np.random.PCG64([seed, number]))
        if len(shape) == 1:
            values = np.zeros(shape)
            if ".bias_ih_" in name:
                values[H : 2 * H] = config.forget_bias
        elif "embedding" in name:
            values = 0.1 * generator.standard_normal(shape)
        else:
            bound = 1 / np.sqrt(H if name.startswith(("encoder", "decoder")) else shape[1])
            values = generator.uniform(-bound, bound, shape)
        parameters[name] = values.astype(np.float32)
    return parameters
