"""The record of one translation: what both LSTMs computed, and the attention and probabilities between them."""

from dataclasses import dataclass

from models.recurrent.trace import Array, Trace, TraceError, check_shape


@dataclass(frozen=True)
class Candidate:
    """A token that could come next."""

    token: str
    probability: float


@dataclass(frozen=True, eq=False)
class TranslationTrace:
    """One translation with everything that made it: S source tokens, T target tokens, H units, V target vocabulary.

    The decoder's step t read ``("<s>", *target_tokens)[t]`` and wrote ``target_tokens[t]``; its traces are labelled by
    what was read. The last token is ``</s>`` unless the run was cut off at the length limit.
    """

    sentence: str  # as read, after normalisation
    text: str  # the translation
    language: str
    source_tokens: tuple[str, ...]  # S: language tag, subwords, </s>
    source_surfaces: tuple[str, ...]  # S: the stretch of the sentence behind each, "" for tag and </s>
    target_tokens: tuple[str, ...]  # T
    probabilities: Array  # (T,), of each token given all before it
    candidates: tuple[tuple[Candidate, ...], ...]  # T, the most probable tokens first
    attention: Array  # (T, S), target x source; each row sums to 1
    attention_scores: Array  # (T, S), before the softmax
    context: Array  # (T, H), the source states blended by the weights
    logits: Array  # (T, V)
    encoder: list[Trace]  # one per layer
    decoder: list[Trace]

    def __post_init__(self) -> None:
        S, T = len(self.source_tokens), len(self.target_tokens)
        H = self.decoder[-1].hidden_state.shape[1]
        for name, shape in {
            "probabilities": (T,), "attention": (T, S), "attention_scores": (T, S), "context": (T, H),
        }.items():  # fmt: skip
            check_shape(name, getattr(self, name), shape)
        for side, length in (("encoder", S), ("decoder", T)):
            if any(len(trace.tokens) != length for trace in getattr(self, side)):
                raise TraceError(f"{side} traces do not have {length} steps")

    @property
    def is_finished(self) -> bool:
        """False when the length limit cut the translation off."""
        return bool(self.target_tokens) and self.target_tokens[-1] == "</s>"
