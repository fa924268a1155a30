"""The record of one translation: what both LSTMs computed, and the attention and probabilities between them."""

from dataclasses import dataclass
from functools import cached_property

from models.language.vocabulary import START, shown_token
from models.recurrent.record import Part, Record
from models.recurrent.trace import Array, LSTMTrace, TraceError, check_shape


@dataclass(frozen=True)
class Candidate:
    """A token that could come next."""

    token: str
    probability: float


@dataclass(frozen=True, eq=False)
class TranslationTrace(Record):
    """One translation with everything that made it: S source tokens, T target tokens, H units, V target vocabulary.

    A record of two parts, ``encoder`` and ``decoder``. The decoder's step t read ``("<s>", *target_tokens)[t]`` and
    wrote ``target_tokens[t]``; its traces are labelled by what was read. The last token is ``</s>`` unless the run was
    cut off at the length limit.
    """

    sentence: str  # as read, after normalisation
    text: str  # the translation
    language: str
    source_tokens: tuple[str, ...]  # S: language tag, subwords, </s>
    source_surfaces: tuple[str, ...]  # S: the stretch of the sentence behind each, "" for tag and </s>
    target_tokens: tuple[str, ...]  # T
    probabilities: Array  # (T,), of each token given all before it
    candidates: tuple[tuple[Candidate, ...], ...]  # T, of the tokens that may be written the most probable first
    attention: Array  # (T, S), target x source; each row sums to 1
    attention_scores: Array  # (T, S), before the softmax
    context: Array  # (T, H), the source states blended by the weights
    logits: Array  # (T, V)
    encoder: list[LSTMTrace]  # one per layer
    decoder: list[LSTMTrace]
    held_back: tuple[int, ...] = ()  # numbers of tokens that its network does not write, however probable

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

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """What the encoder read, and what the decoder read and wrote, as people should see it."""
        source = map(shown_token, self.source_tokens, self.source_surfaces)
        written = tuple(map(shown_token, self.target_tokens))
        return (
            Part("encoder", tuple(source), tuple(self.encoder), None, self.source_tokens, "en"),
            Part(
                "decoder", (START, *written)[: len(written)], tuple(self.decoder), written, self.target_tokens,
                self.language,
            ),
        )  # fmt: skip

    @property
    def is_finished(self) -> bool:
        """False when the length limit cut the translation off."""
        return bool(self.target_tokens) and self.target_tokens[-1] == "</s>"
