"""The translator as it runs: encoder, attention, decoder in NumPy, one step at a time, everything kept."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from models.attention import attend, softmax
from models.configuration import Language, TranslatorConfig
from models.lstm import LSTM
from models.text import SentenceError, checked_sentence, visible_form
from models.trace import AffineMaps, Array, Candidate, Step, Trace, TranslationTrace
from models.vocabulary import END, START, Vocabulary, language_tag

MAX_SOURCE_TOKENS = 70  # subwords a person may type; the longest training sentence has 65
MAX_TARGET_TOKENS = 60
CANDIDATES = 5


@dataclass(frozen=True)
class Source:
    """A sentence as the encoder reads it: S tokens, the language tag first and ``</s>`` last."""

    sentence: str
    ids: tuple[int, ...]
    tokens: tuple[str, ...]
    surfaces: tuple[str, ...]  # the stretch of the sentence behind each token, "" for tag and </s>


class TopLayer:
    """What the highest layer computed in a step."""

    layers: list[Step]  # lowest first

    @property
    def gates(self) -> AffineMaps:
        """The three gates and the candidate, (H,) each."""
        return self.layers[-1].gates

    @property
    def cell_state(self) -> Array:
        """(H,), after the step."""
        return self.layers[-1].cell_state

    @property
    def hidden_state(self) -> Array:
        """(H,), after the step."""
        return self.layers[-1].hidden_state


@dataclass(frozen=True, eq=False)
class EncoderStep(TopLayer):
    """The encoder has read one source token."""

    position: int  # 0..S-1
    token: str
    surface: str
    layers: list[Step]


@dataclass(frozen=True, eq=False)
class DecoderStep(TopLayer):
    """The decoder has read ``token_read`` and written ``token``."""

    position: int  # 0..T-1
    token_read: str
    token: str
    token_id: int
    probability: float  # of ``token``, given all tokens before it
    candidates: tuple[Candidate, ...]  # the most probable tokens, ``token`` first
    attention: Array  # (S,), weights, sum 1
    attention_scores: Array  # (S,), before the softmax
    context: Array  # (H,)
    logits: Array  # (V,)
    layers: list[Step]


@dataclass(frozen=True, eq=False)
class Translator:
    """LSTM encoder and decoder with attention, for one target language.

    The encoder's final hidden and cell state start the decoder unchanged. The logits are linear in the decoder's hidden
    state and the context: ``target_embedding @ (readout_hidden h + readout_context context) + output_bias``.
    """

    language: Language
    config: TranslatorConfig
    source_vocabulary: Vocabulary
    target_vocabulary: Vocabulary
    parameters: dict[str, Array]  # named as in models.network
    encoder: LSTM
    decoder: LSTM

    @classmethod
    def from_parameters(
        cls, language: Language, config: TranslatorConfig, source: Vocabulary, target: Vocabulary,
        parameters: dict[str, Array],
    ) -> "Translator":  # fmt: skip
        encoder, decoder = (LSTM.from_parameters(parameters, side) for side in ("encoder", "decoder"))
        return cls(language, config, source, target, parameters, encoder, decoder)

    def source(self, typed: str) -> Source:
        """Cut a sentence into what the encoder reads.

        Raises:
            SentenceError: the sentence is empty, invisible or too long; the message says which and by how much.
        """
        sentence = checked_sentence(typed)
        encoded = self.source_vocabulary.encode(sentence)
        if (count := len(encoded.ids)) > MAX_SOURCE_TOKENS:
            raise SentenceError(
                f"That sentence has {count} subwords; the translator reads at most {MAX_SOURCE_TOKENS}. "
                "Try a shorter one."
            )
        tag = language_tag(self.language)
        return Source(
            sentence=sentence,
            ids=(self.source_vocabulary[tag], *encoded.ids, self.source_vocabulary.end_id),
            tokens=(tag, *encoded.pieces, END),
            surfaces=("", *encoded.surfaces, ""),
        )

    def steps(self, source: Source) -> Iterator[EncoderStep | DecoderStep]:
        """Read the source, then write the translation; each step is yielded before the next is computed."""
        state = self.encoder.zero_state()
        source_states = []
        embedded = self.parameters["source_embedding.weight"][list(source.ids)]
        for position, layers in enumerate(self.encoder.read(embedded, state)):
            source_states.append(layers[-1].hidden_state)
            yield EncoderStep(position, source.tokens[position], source.surfaces[position], layers)
        final = [(step.hidden_state, step.cell_state) for step in layers]
        yield from self._write(np.array(source_states), final)

    def _write(self, source_states: Array, state: list[tuple[Array, Array]]) -> Iterator[DecoderStep]:
        """Write until ``</s>`` or the length limit, the most probable token each time (greedy search)."""
        vocabulary = self.target_vocabulary
        token_id = vocabulary.start_id
        for position in range(MAX_TARGET_TOKENS):
            token_read, embedded = vocabulary.tokens[token_id], self.parameters["target_embedding.weight"][token_id]
            layers = next(self.decoder.read(embedded[None], state))
            state = [(step.hidden_state, step.cell_state) for step in layers]
            attended = attend(layers[-1].hidden_state, source_states, self.parameters["attention.weight"])
            logits = self.logits(layers[-1].hidden_state, attended.context)
            probabilities = softmax(logits)
            best = np.argsort(-probabilities, kind="stable")[:CANDIDATES]
            token_id = int(best[0])
            yield DecoderStep(
                position=position,
                token_read=token_read,
                token=vocabulary.tokens[token_id],
                token_id=token_id,
                probability=float(probabilities[token_id]),
                candidates=tuple(Candidate(vocabulary.tokens[n], float(probabilities[n])) for n in best),
                attention=attended.weights,
                attention_scores=attended.scores,
                context=attended.context,
                logits=logits,
                layers=layers,
            )
            if token_id == vocabulary.end_id:
                return

    def logits(self, hidden_state: Array, context: Array) -> Array:
        """Score every target token, (V,), from the decoder's hidden state and the context, (H,) each."""
        readout = (
            self.parameters["readout_hidden.weight"] @ hidden_state
            + self.parameters["readout_context.weight"] @ context
        )
        return self.parameters["target_embedding.weight"] @ readout + self.parameters["output_bias"]

    def stream(self, sentence: str) -> Iterator[DecoderStep]:
        """Translate, yielding step k before step k + 1 is computed; stop iterating and the computing stops.

        Raises:
            SentenceError: at the first step, if the sentence cannot be translated.
        """
        for step in self.steps(self.source(sentence)):
            if isinstance(step, DecoderStep):
                yield step

    def translate(self, sentence: str) -> TranslationTrace:
        """Run ``steps`` to the end and keep everything.

        Raises:
            SentenceError: the sentence cannot be translated.
        """
        source = self.source(sentence)
        return self.gather(source, list(self.steps(source)))

    def gather(self, source: Source, steps: list[EncoderStep | DecoderStep]) -> TranslationTrace:
        """Put the steps of one finished run into one record."""
        read = [step for step in steps if isinstance(step, EncoderStep)]
        written = [step for step in steps if isinstance(step, DecoderStep)]
        encoder = _traces(self.encoder, self.encoder.zero_state(), [step.layers for step in read], source.tokens)
        handed_over = [(trace.hidden_state[-1], trace.cell_state[-1]) for trace in encoder]
        decoder = _traces(
            self.decoder, handed_over, [step.layers for step in written], [step.token_read for step in written]
        )
        return TranslationTrace(
            sentence=source.sentence,
            text=self.target_vocabulary.decode(step.token_id for step in written),
            language=self.language,
            source_tokens=source.tokens,
            source_surfaces=source.surfaces,
            target_tokens=tuple(step.token for step in written),
            probabilities=np.array([step.probability for step in written]),
            candidates=tuple(step.candidates for step in written),
            attention=np.array([step.attention for step in written]),
            attention_scores=np.array([step.attention_scores for step in written]),
            context=np.array([step.context for step in written]),
            logits=np.array([step.logits for step in written]),
            encoder=encoder,
            decoder=decoder,
        )


def _traces(lstm: LSTM, state: list, steps: list[list[Step]], tokens: list[str] | tuple[str, ...]) -> list[Trace]:
    return [
        Trace.of(Step.stack([layers[number] for layers in steps]), tokens, layer.bias, state[number], layer=number)
        for number, layer in enumerate(lstm.layers)
    ]


def shown_token(token: str, surface: str = "") -> str:
    """A token as people should see it: without the word-start mark, an unknown one by what was typed."""
    if token == "<unk>" and surface.strip():
        return visible_form(surface.strip())
    return token.replace("▁", "") or "␣"


assert START == "<s>"
