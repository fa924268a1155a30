"""Many sentences at once through the same equations, everything recorded: for statistics over a corpus."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from models.recurrent.trace import Array, Step
from models.translation.attention import attend_batch
from models.translation.translator import MAX_TARGET_TOKENS, Source, Translator

BATCH = 64


@dataclass(frozen=True, eq=False)
class BatchRun:
    """Greedy translations of B sources of equal length S; T is the length of the longest translation."""

    places: tuple[int, ...]  # B, where each stood in the list that was given
    target_ids: tuple[tuple[int, ...], ...]  # B, what was written
    encoder: list[Step]  # one per layer, (S, B, ...)
    decoder: list[Step]  # one per layer, (T, B, ...); what is past the end of a translation is 0

    def steps_of(self, column: int, layer: int = -1) -> tuple[Step, Step]:
        """The steps of encoder and decoder for one sentence, (S, ...) and as many as it has tokens."""
        written = len(self.target_ids[column])
        return self.encoder[layer].at(slice(None), column), self.decoder[layer].at(slice(written), column)


def translate_in_batches(
    translator: Translator, sources: Sequence[Source], size: int = BATCH
) -> Iterator[BatchRun]:  # fmt: skip
    """Translate sources greedily, those of equal length together; each batch is yielded before the next is computed.

    Sources of both languages may be mixed: the tag is among their tokens. Values differ from those of a single
    sentence by rounding alone.
    """
    by_length: dict[int, list[int]] = defaultdict(list)
    for place, source in enumerate(sources):
        by_length[len(source.ids)].append(place)
    for _, places in sorted(by_length.items()):
        for first in range(0, len(places), size):
            chosen = places[first : first + size]
            yield _translate(translator, tuple(chosen), np.array([sources[place].ids for place in chosen]))


def _translate(translator: Translator, places: tuple[int, ...], source_ids: Array) -> BatchRun:
    parameters, B = translator.parameters, len(places)
    embedded = parameters["source_embedding.weight"][source_ids.T]  # (S, B, E)
    read = list(translator.encoder.read(embedded, [layer.zero_state(B) for layer in translator.encoder.layers]))
    encoder = [Step.stack([layers[number] for layers in read]) for number in range(len(translator.encoder.layers))]
    source_states = np.ascontiguousarray(encoder[-1].hidden_state.swapaxes(0, 1))  # (B, S, H)

    state = [(step.hidden_state, step.cell_state) for step in read[-1]]
    tokens, active = np.full(B, translator.target_vocabulary.start_id), np.arange(B)  # active: not yet at an end
    written: list[list[int]] = [[] for _ in places]
    decoder = [Step.empty((MAX_TARGET_TOKENS, B), layer.bias.reshape(4, -1)) for layer in translator.decoder.layers]
    for recorded in decoder:
        for values in recorded[:-1]:
            values[...] = 0
    for time in range(MAX_TARGET_TOKENS):
        layers = next(translator.decoder.read(parameters["target_embedding.weight"][tokens][None], state))
        for recorded, step in zip(decoder, layers, strict=True):
            for values, now in zip(recorded[:-1], step[:-1], strict=True):
                values[time, active] = now
        hidden_state = layers[-1].hidden_state
        attended = attend_batch(hidden_state, source_states[active], parameters["attention.weight"])
        tokens = translator.writable(translator.logits_of_batch(hidden_state, attended.context)).argmax(axis=1)
        for column, token in zip(active.tolist(), tokens.tolist(), strict=True):
            written[column].append(token)
        goes_on = tokens != translator.target_vocabulary.end_id
        active, tokens = active[goes_on], tokens[goes_on]
        if not len(active):
            break
        state = [(step.hidden_state[goes_on], step.cell_state[goes_on]) for step in layers]
    T = max(map(len, written))
    return BatchRun(places, tuple(map(tuple, written)), encoder, [step.at(slice(T)) for step in decoder])
