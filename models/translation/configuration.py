"""The sizes and choices that make a translator what it is, saved beside its weights."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TranslatorConfig:
    source_vocabulary_size: int
    target_vocabulary_size: int
    embedding_size: int = 256
    hidden_size: int = 256
    layers: int = 1
    dropout: float = 0.3  # on embeddings, hidden state and context, while training only
    forget_bias: float = 1.0  # set on one of torch's two bias vectors

    def __post_init__(self) -> None:
        for name in ("source_vocabulary_size", "target_vocabulary_size", "embedding_size", "hidden_size", "layers"):
            if type(size := getattr(self, name)) is not int or size < 1:
                raise ValueError(f"{name} is {size!r}, expected a positive whole number")

    def parameter_shapes(self) -> dict[str, tuple[int, ...]]:
        """Name and shape of every tensor in the weights file, as torch names them."""
        E, H = self.embedding_size, self.hidden_size
        shapes: dict[str, tuple[int, ...]] = {
            "source_embedding.weight": (self.source_vocabulary_size, E),
            "target_embedding.weight": (self.target_vocabulary_size, E),
            "attention.weight": (H, H),
            "readout_hidden.weight": (E, H),
            "readout_context.weight": (E, H),
            "output_bias": (self.target_vocabulary_size,),
        }
        for side in ("encoder", "decoder"):
            for layer in range(self.layers):
                shapes |= {
                    f"{side}.weight_ih_l{layer}": (4 * H, E if layer == 0 else H),
                    f"{side}.weight_hh_l{layer}": (4 * H, H),
                    f"{side}.bias_ih_l{layer}": (4 * H,),
                    f"{side}.bias_hh_l{layer}": (4 * H,),
                }
        return shapes
