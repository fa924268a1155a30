"""The translator as it runs: encoder, attention, decoder in NumPy, one step at a time, everything kept."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

import numpy as np

from models.language.languages import LANGUAGES, Language
from models.language.text import SentenceError, checked_sentence, excerpt
from models.language.vocabulary import END, START, Vocabulary, language_tag
from models.recurrent.lstm import LSTM, State
from models.recurrent.trace import AffineMaps, Array, LSTMTrace, Step
from models.translation.attention import attend, softmax
from models.translation.configuration import TranslatorConfig
from models.translation.decoding import CANDIDATES, WIDEST, BeamSearch, Node, greedy
from models.translation.interventions import NO_EDITS, Donor, Edits, Intervention, InterventionError, Means, prepare
from models.translation.record import Candidate, TranslationTrace

MAX_SOURCE_TOKENS = 70  # subwords a person may type; the longest training sentence has 65
MAX_TARGET_TOKENS = 60


@dataclass(frozen=True)
class Source:
    """A sentence as the encoder reads it: S tokens, the language tag first and ``</s>`` last."""

    sentence: str
    ids: tuple[int, ...]
    tokens: tuple[str, ...]
    surfaces: tuple[str, ...]  # the stretch of the sentence behind each token, "" for tag and </s>


class DecoderState(NamedTuple):
    """What the decoder goes on from."""

    step: int  # the number of the step to come, from 0
    layers: list[State]  # a hidden and a cell state for each layer


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
    candidates: tuple[Candidate, ...]  # the most probable tokens that may be written; greedy search writes the first
    attention: Array  # (S,), weights, sum 1
    attention_scores: Array  # (S,), before the softmax
    context: Array  # (H,)
    logits: Array  # (V,)
    layers: list[Step]


@dataclass(frozen=True, eq=False)
class Reading(TopLayer):
    """The decoder has read ``token_read``; which token it writes is for the search to choose."""

    position: int  # 0..T-1
    token_read: str
    most_probable: Array  # (8,) at most: of the tokens that may be written, the most probable first
    attention: Array  # the rest as in DecoderStep
    attention_scores: Array
    context: Array
    logits: Array
    layers: list[Step]
    forced: int | None = None  # the token that an intervention has chosen

    @property
    def state(self) -> DecoderState:
        return DecoderState(self.position + 1, [(step.hidden_state, step.cell_state) for step in self.layers])

    @property
    def ranking(self) -> Array:
        """Tokens that a search may write, the most probable first: 8 at most, or the one that was chosen for it."""
        return self.most_probable if self.forced is None else np.array([self.forced])

    @property
    def log_probabilities(self) -> Array:
        """Of the tokens in ``ranking``, in double precision: a search adds up many of them."""
        logits = self.logits.astype(np.float64)
        logits -= logits.max()
        return logits[self.ranking] - np.log(np.exp(logits).sum())

    def writing(self, token_id: int, vocabulary: Vocabulary) -> DecoderStep:
        """The step that wrote this token."""
        probabilities = softmax(self.logits)
        best = self.most_probable[:CANDIDATES]
        return DecoderStep(
            position=self.position,
            token_read=self.token_read,
            token=vocabulary.tokens[token_id],
            token_id=token_id,
            probability=float(probabilities[token_id]),
            candidates=tuple(Candidate(vocabulary.tokens[n], float(probabilities[n])) for n in best),
            attention=self.attention,
            attention_scores=self.attention_scores,
            context=self.context,
            logits=self.logits,
            layers=self.layers,
        )


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
    fingerprint: str = ""  # of the weights: interventions on units of one network are not for another
    held_back: tuple[int, ...] = ()  # numbers of tokens that no search writes, however probable

    @classmethod
    def from_parameters(
        cls, language: Language, config: TranslatorConfig, source: Vocabulary, target: Vocabulary,
        parameters: dict[str, Array], fingerprint: str = "",
    ) -> "Translator":  # fmt: skip
        encoder, decoder = (LSTM.from_parameters(parameters, side) for side in ("encoder", "decoder"))
        return cls(language, config, source, target, parameters, encoder, decoder, fingerprint)

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

    def edits(
        self, source: Source, interventions: Iterable[Intervention], means: Means | None = None,
        run_of: Callable[[Donor], TranslationTrace] | None = None,
    ) -> Edits:  # fmt: skip
        """Make interventions ready for a run of this source.

        Args:
            means: over recorded sentences, for interventions that replace by a mean.
            run_of: gives the run that values are patched from; by default it is translated here.

        Raises:
            InterventionError: this run has no such layer, unit, step or token, or there are no means.
            SentenceError: the sentence of a donor cannot be translated.
        """

        def translated(donor: Donor) -> TranslationTrace:
            if donor.language not in LANGUAGES:
                raise InterventionError(f"the other run is to a language that is not known: {excerpt(donor.language)}")
            return replace(self, language=donor.language).translate(donor.sentence)

        return prepare(
            interventions,
            layers=self.config.layers,
            units=self.config.hidden_size,
            source_steps=len(source.ids),
            target_steps=MAX_TARGET_TOKENS,
            tokens=len(self.target_vocabulary),
            network=self.fingerprint,
            means=means,
            run_of=run_of or translated,
        )

    def steps(self, source: Source, edits: Edits = NO_EDITS) -> Iterator[EncoderStep | DecoderStep]:
        """Read the source, then write the translation; each step is yielded before the next is computed."""
        read = []
        for step in self.read_source(source, edits):
            read.append(step)
            yield step
        start = self.target_vocabulary.start_id, self.target_vocabulary.end_id
        for reading, token_id in greedy(self._reader(read, edits), _state_after(read), *start, MAX_TARGET_TOKENS):
            yield reading.writing(token_id, self.target_vocabulary)

    def read_source(self, source: Source, edits: Edits = NO_EDITS) -> Iterator[EncoderStep]:
        """Read the source; each step is yielded before the next is computed."""
        embedded = self.parameters["source_embedding.weight"][list(source.ids)]
        state, edit = self.encoder.zero_state(), partial(edits.of, "encoder")
        for position, layers in enumerate(self.encoder.read(embedded, state, edit)):
            yield EncoderStep(position, source.tokens[position], source.surfaces[position], layers)

    def read_target(
        self, source_states: Array, token_id: int, state: DecoderState, edits: Edits = NO_EDITS
    ) -> Reading:  # fmt: skip
        """Read one target token: the step of the decoder that every search is made of.

        Args:
            source_states: hidden states of the encoder's highest layer, (S, H).
            token_id: what was written last, or the start mark.
            state: of the decoder before it.
            edits: interventions on this run.
        """
        embedded = self.parameters["target_embedding.weight"][token_id]
        layers = next(self.decoder.read(embedded[None], state.layers, partial(edits.of, "decoder"), state.step))
        attended = attend(
            layers[-1].hidden_state,
            source_states,
            self.parameters["attention.weight"],
            partial(edits.attention, state.step),
        )
        logits = self.logits(layers[-1].hidden_state, attended.context)
        return Reading(
            position=state.step,
            token_read=self.target_vocabulary.tokens[token_id],
            most_probable=np.argsort(-self.writable(logits), kind="stable")[:WIDEST],
            attention=attended.weights,
            attention_scores=attended.scores,
            context=attended.context,
            logits=logits,
            layers=layers,
            forced=edits.token(state.step),
        )

    def _reader(self, read: Sequence[EncoderStep], edits: Edits) -> partial[Reading]:
        """``read_target`` for a source that was read."""
        return partial(self.read_target, np.array([step.hidden_state for step in read]), edits=edits)

    def beam_search(self, read: Sequence[EncoderStep], width: int, edits: Edits = NO_EDITS) -> BeamSearch:
        """Prepare a beam search for translations of a source that was read; nothing is computed yet.

        Raises:
            ValueError: the width is not in 1..8.
        """
        if not 1 <= width <= WIDEST:
            raise ValueError(f"a beam of {width}; expected 1 to {WIDEST}")
        root = Node(self.target_vocabulary.start_id, None, _state_after(read))
        return BeamSearch(self._reader(read, edits), root, self.target_vocabulary.end_id, width, MAX_TARGET_TOKENS)

    def written(self, hypothesis: Node) -> list[DecoderStep]:
        """The decoder steps that wrote a hypothesis of a beam search, as they were computed in it."""
        return [node.parent.reading.writing(node.token, self.target_vocabulary) for node in hypothesis.path]

    def logits(self, hidden_state: Array, context: Array) -> Array:
        """Score every target token, (V,), from the decoder's hidden state and the context, (H,) each."""
        readout = (
            self.parameters["readout_hidden.weight"] @ hidden_state
            + self.parameters["readout_context.weight"] @ context
        )
        return self.parameters["target_embedding.weight"] @ readout + self.parameters["output_bias"]

    def writable(self, logits: Array) -> Array:
        """The logits, (..., V), by which a token to write is chosen: of those held back it is minus infinity.

        Probabilities are of all tokens, those held back among them.
        """
        if not self.held_back:
            return logits
        chosen = logits.copy()
        chosen[..., list(self.held_back)] = -np.inf
        return chosen

    def logits_of_batch(self, hidden_state: Array, context: Array) -> Array:
        """``logits`` for B sentences at once: (B, H) each, to (B, V)."""
        readout = (
            hidden_state @ self.parameters["readout_hidden.weight"].T
            + context @ self.parameters["readout_context.weight"].T
        )
        return readout @ self.parameters["target_embedding.weight"].T + self.parameters["output_bias"]

    def stream(self, sentence: str) -> Iterator[DecoderStep]:
        """Translate, yielding step k before step k + 1 is computed; stop iterating and the computing stops.

        Raises:
            SentenceError: at the first step, if the sentence cannot be translated.
        """
        for step in self.steps(self.source(sentence)):
            if isinstance(step, DecoderStep):
                yield step

    def translate(
        self, sentence: str, interventions: Iterable[Intervention] = (), means: Means | None = None
    ) -> TranslationTrace:  # fmt: skip
        """Run ``steps`` to the end and keep everything.

        Raises:
            SentenceError: the sentence cannot be translated.
            InterventionError: an intervention on what this run does not have.
        """
        source = self.source(sentence)
        edits = self.edits(source, interventions, means)
        return self.gather(source, list(self.steps(source, edits)), edits)

    def search(self, sentence: str, width: int) -> "Beam":
        """Run a beam search to its end and keep everything.

        Raises:
            SentenceError: the sentence cannot be translated.
            ValueError: the width is not in 1..8.
        """
        source = self.source(sentence)
        read = list(self.read_source(source))
        return Beam(self, source, read, self.beam_search(read, width).finish())

    def gather(
        self, source: Source, steps: list[EncoderStep | DecoderStep], edits: Edits = NO_EDITS
    ) -> TranslationTrace:  # fmt: skip
        """Put the steps of one finished run into one record."""
        read = [step for step in steps if isinstance(step, EncoderStep)]
        written = [step for step in steps if isinstance(step, DecoderStep)]
        encoder = _traces(self.encoder, self.encoder.zero_state(), [step.layers for step in read], source.tokens)
        encoder = [edits.noted_in(trace, "encoder") for trace in encoder]
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
            decoder=[edits.noted_in(trace, "decoder") for trace in decoder],
            held_back=self.held_back,
        )


@dataclass(frozen=True, eq=False)
class Beam:
    """A beam search over the translations of one sentence."""

    translator: Translator
    source: Source
    read: Sequence[EncoderStep]
    search: BeamSearch

    def text(self, hypothesis: Node) -> str:
        """A hypothesis as text, also where it is only the beginning of a translation."""
        return self.translator.target_vocabulary.decode(hypothesis.tokens)

    def trace(self, hypothesis: Node) -> TranslationTrace:
        """The record of one hypothesis, finished or not, made of the steps of the search; nothing is computed again.

        Raises:
            ValueError: nothing was written yet.
        """
        if hypothesis.parent is None:
            raise ValueError("nothing was written yet")
        return self.translator.gather(self.source, [*self.read, *self.translator.written(hypothesis)])


def _state_after(read: Sequence[EncoderStep]) -> DecoderState:
    """What the decoder starts from: the encoder's final states, unchanged."""
    return DecoderState(0, [(step.hidden_state, step.cell_state) for step in read[-1].layers])


def _traces(lstm: LSTM, state: list, steps: list[list[Step]], tokens: list[str] | tuple[str, ...]) -> list[LSTMTrace]:
    return [
        LSTMTrace.of(Step.stack([layers[number] for layers in steps]), tokens, layer.bias, state[number], layer=number)
        for number, layer in enumerate(lstm.layers)
    ]


assert START == "<s>"
