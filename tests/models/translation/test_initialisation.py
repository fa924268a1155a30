"""The weights before training: drawn as stated, the same for the same seed."""

import numpy as np
import pytest

from models.translation.configuration import TranslatorConfig
from models.translation.initialisation import initial_parameters

CONFIG = TranslatorConfig(90, 80, embedding_size=24, hidden_size=30, layers=2, forget_bias=1.5)


def test_the_same_seed_draws_the_same_weights_and_another_seed_others():
    first, again, other = (initial_parameters(CONFIG, seed) for seed in (1, 1, 2))
    assert {name: values.shape for name, values in first.items()} == CONFIG.parameter_shapes()
    for name, values in first.items():
        assert values.dtype == np.float32
        assert np.array_equal(values, again[name]), name
        assert values.ndim == 1 or not np.array_equal(values, other[name]), name


def test_no_two_matrices_are_drawn_alike():
    drawn = [values.ravel()[:20] for values in initial_parameters(CONFIG, 1).values() if values.ndim == 2]
    scaled = [values / np.abs(values).max() for values in drawn]
    assert not any(np.allclose(a, b) for n, a in enumerate(scaled) for b in scaled[:n])


@pytest.mark.parametrize(
    ("name", "bound"),
    [("encoder.weight_ih_l0", 30**-0.5), ("decoder.weight_hh_l1", 30**-0.5), ("attention.weight", 30**-0.5),
     ("readout_context.weight", 30**-0.5)],
)  # fmt: skip
def test_matrices_fill_their_range(name, bound):
    values = initial_parameters(CONFIG, 1)[name]
    assert np.abs(values).max() <= bound
    assert np.abs(values).max() > 0.95 * bound
    assert values.std() == pytest.approx(bound / np.sqrt(3), rel=0.1)


def test_embeddings_are_small_and_biases_nothing_but_the_forget_bias():
    parameters = initial_parameters(CONFIG, 1)
    for name in ("source_embedding.weight", "target_embedding.weight"):
        assert parameters[name].std() == pytest.approx(0.1, rel=0.1)
    for name, values in parameters.items():
        if values.ndim == 1:
            expected = np.zeros(values.shape)
            if ".bias_ih_" in name:
                expected[30:60] = 1.5  # torch packs i, f, g, o
            assert np.array_equal(values, expected), name
