"""Which unit of one network does what a unit of another does: one-to-one pairs by the correlation of their courses.

Units have no order of their own: swapping two with all their weights gives the same translations, and so does turning
one upside down (its candidate, cell state and hidden state change sign). Two trainings therefore never agree on what
unit 17 is, and units are compared by what they do: one-to-one by correlation as in Li et al. 2016 (1511.07543), by its
absolute value as in Bau et al. 2019 (1811.01157).
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from models.recurrent.trace import Array
from models.translation.translator import Source, Translator

BATCH = 64
SEED = 1  # of what the matched correlations are compared with
CLEAR = 0.5  # pairs whose correlation is larger in size are counted


@dataclass(frozen=True, eq=False)
class Matching:
    """One partner for each of the H units of A among those of B, such that the |r| of all pairs add up to the most."""

    partners: Array  # (H,), whole numbers: the unit of B that goes with each unit of A
    correlations: Array  # (H,), Pearson's r of each pair, in [-1, 1]; negative: one is the other upside down
    by_number: Array  # (H,), r of the units that merely have the same number
    by_place: Array  # (H,), r of the pairs that are found where B reads another sentence of equal length and language
    chance: Array  # (H,), r of the pairs that are found once all steps of B are shuffled
    readings: int  # of sentences
    steps: int  # of the encoder, over which courses were correlated

    @property
    def best_first(self) -> Array:
        """Units of A, those with the closest partners first, (H,)."""
        return np.argsort(-np.abs(self.correlations), kind="stable")


def match_units(
    a: Translator, b: Translator, sources: Sequence[Source], seed: int = SEED,
    progress: Callable[[float], None] = lambda share: None,
) -> Matching:  # fmt: skip
    """Match units of the encoders' highest layers, by the courses of their cell states over all sources.

    Both encoders read the same tokens, so that step t of one belongs to step t of the other; their translations would
    differ.

    Args:
        sources: as both networks cut them.
        seed: for what the pairs are compared with, the best of many by chance being high as well: the same matching
            where B reads other sentences, so that only the place in the sentence is common, and once its steps are
            shuffled.
        progress: is told the share that is done, 0 to 1.

    Raises:
        ValueError: no sources, or the networks have other numbers of units.
    """
    if not sources or a.config.hidden_size != b.config.hidden_size:
        raise ValueError("units are matched one to one, over at least one sentence")
    generator = np.random.default_rng(seed)
    read = [(a, sources), (b, sources), (b, exchanged(sources, generator))]
    first, second, elsewhere = (
        cell_states(each, given, lambda share, number=number: progress((number + share) / len(read)))
        for number, (each, given) in enumerate(read)
    )
    found = correlations(first, second)
    partners, paired = assigned(found)
    return Matching(
        partners=partners,
        correlations=paired,
        by_number=np.diagonal(found).copy(),
        by_place=assigned(correlations(first, elsewhere))[1],
        chance=assigned(correlations(first, generator.permutation(second)))[1],
        readings=len(sources),
        steps=len(first),
    )


def exchanged(sources: Sequence[Source], generator: np.random.Generator) -> list[Source]:
    """The same sources in another order: in place of each stands one of equal length and language, or itself."""
    alike: dict[tuple[int, int], list[int]] = defaultdict(list)
    for place, source in enumerate(sources):
        alike[len(source.ids), source.ids[0]].append(place)
    found = list(sources)
    for places in alike.values():
        for place, other in zip(places, generator.permutation(places), strict=True):
            found[place] = sources[other]
    return found


def cell_states(
    translator: Translator, sources: Sequence[Source], progress: Callable[[float], None] = lambda share: None
) -> Array:  # fmt: skip
    """What the encoder's highest layer remembered after every step of every source, (steps, H).

    Sources of equal length are read together, short ones first, so the steps of two networks stand in the same order.
    """
    by_length: dict[int, list[tuple[int, ...]]] = defaultdict(list)
    for source in sources:
        by_length[len(source.ids)].append(source.ids)
    parts: list[Array] = []
    done = 0
    for _, same in sorted(by_length.items()):
        for start in range(0, len(same), BATCH):
            ids = np.array(same[start : start + BATCH])  # (B, S)
            embedded = translator.parameters["source_embedding.weight"][ids.T]  # (S, B, E)
            state = [layer.zero_state(len(ids)) for layer in translator.encoder.layers]
            parts += [layers[-1].cell_state.copy() for layers in translator.encoder.read(embedded, state)]
            done += len(ids)
            progress(done / len(sources))
    return np.concatenate(parts)


def correlations(a: Array, b: Array) -> Array:
    """Pearson's r of every column of ``a`` with every column of ``b``: (T, H) each, to (H, H); 0 where one is constant.

    In double precision, deviations from the mean first.
    """
    unit = []
    for values in (a, b):
        from_mean = values.astype(np.float64)
        from_mean -= from_mean.mean(axis=0)
        size = np.sqrt((from_mean**2).sum(axis=0))
        is_constant = size <= 1e-12 * np.sqrt(len(values)) * np.maximum(np.abs(values).max(axis=0), 1e-300)
        unit.append(np.divide(from_mean, size, out=np.zeros_like(from_mean), where=~is_constant))
    return np.clip(unit[0].T @ unit[1], -1, 1)


def assigned(found: Array) -> tuple[Array, Array]:
    """For each row of (H, H) correlations a column of its own, such that their absolute values add up to the most.

    Returns:
        The columns, (H,), and the correlations there, (H,).
    """
    rows, columns = linear_sum_assignment(np.abs(found), maximize=True)
    return columns, found[rows, columns]
