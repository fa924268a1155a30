"""What an intervention costs beside the plain run, and what many random sets of units cost beside one after the other.

    python -m benchmarks.interventions

The shipped weights translate a sentence of ten words, which becomes ten tokens. Edited and plain run take turns on one
thread; each turn gives one ratio, and the table shows the median with the middle half of all ratios in brackets. The
edits are such that the translation stays as long as it was. The random sets are computed together and one by one, in
turn, on one thread as the app does: one by one means, for each set, its own translation and then the original tokens by
teacher forcing, with the same measures. Ratios are of processor time: what else runs on the machine takes no part.
"""

import argparse
import os
from collections.abc import Callable, Sequence
from statistics import median
from time import perf_counter

from benchmarks.ledger import measured, ratios

SENTENCE = "Tom said that he would come to my house tomorrow."
SETS, SEED = 100, 1
DEAREST, CHEAPEST, LONGEST = 1.1, 10.0, 3.0  # edited / plain; one by one / together; seconds together


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--turns", type=int, default=100, help="turns of edited and plain run (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="turns of the random sets (default: %(default)s)")
    arguments = parser.parse_args()
    os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))
    print(runs_table(arguments.turns), flush=True)
    print(sets_table(arguments.rounds))


def runs_table(turns: int) -> str:
    """Edited against plain translation of the same length: one row for each list of interventions."""
    from models.translation.checkpoints import load_translator
    from models.translation.interventions import MOST, OF_UNITS, Intervention

    translator = load_translator("bn")
    plain = translator.translate(SENTENCE)
    held = (Intervention("forget_gate", units=(unit,), value=1.0) for unit in range(translator.config.hidden_size))
    one = next(each for each in held if same_length(plain, translator.translate(SENTENCE, [each])))
    lists = {
        "forget gate of one unit set, all steps of the decoder": [one],
        "the same, plain run beside itself": [],
        "forget gate of all units scaled by 1": [Intervention("forget_gate", "scale", value=1.0)],
        f"{MOST} interventions, on each quantity of encoder and decoder": [
            Intervention(OF_UNITS[number % 6], "add", ("encoder", "decoder")[number // 6 % 2], units=(number, 200))
            for number in range(MOST)
        ],
    }
    rows = []
    for name, interventions in lists.items():
        assert same_length(plain, translator.translate(SENTENCE, interventions)), name
        times = measured(
            lambda listed=interventions: translator.translate(SENTENCE, listed),
            lambda: translator.translate(SENTENCE),
            turns,
        )
        ours, mark = (1000 * median(column) for column in zip(*times, strict=True))
        rows.append(f"| {name} | {mark:.1f} | {ours:.1f} | {ratios(times)} |")
        if interventions == [one]:
            found = median(edited / mark for edited, mark in times)
    return "\n".join([
        f"{len(plain.source_tokens)} source and {len(plain.target_tokens)} target tokens, <to bn> and </s> among them.",
        "",
        "| interventions | plain run, ms | edited run, ms | edited / plain |",
        "|---|--:|--:|--:|",
        *rows,
        "",
        f"One intervention: {found:.2f} of a plain run, target {DEAREST:g}: {reached(found <= DEAREST)}.",
        "",
    ])  # fmt: skip


def same_length(one: object, other: object) -> bool:
    return len(one.target_tokens) == len(other.target_tokens)


def sets_table(rounds: int) -> str:
    """Random sets together against one by one, for an edit of either side."""
    import numpy as np

    from models.analysis.effects import controls, random_set
    from models.translation.checkpoints import load_translator
    from models.translation.interventions import Intervention

    translator = load_translator("bn")
    base = translator.translate(SENTENCE)
    expected, units = log_probabilities(base.logits), tuple(range(20))
    cases = {
        "decoder: forget gates of 20 units at 0": [Intervention("forget_gate", units=units, value=0.0)],
        "encoder: cell states of 20 units times -1": [
            Intervention("cell_state", "scale", "encoder", units=units, value=-1.0)
        ],
    }  # fmt: skip
    rows, found, slowest = [], [], 0.0
    for name, interventions in cases.items():

        def together(listed: Sequence[Intervention] = interventions) -> None:
            assert sum(map(len, controls(translator, base, listed, SETS, SEED))) == SETS

        def one_by_one(listed: Sequence[Intervention] = interventions) -> None:
            generator = np.random.default_rng(SEED)
            for _ in range(SETS):
                alone(translator, base, expected, random_set(listed, generator, translator))

        times = measured(together, one_by_one, rounds)
        ours, mark = (median(column) for column in zip(*times, strict=True))
        found.append(median(single / joint for joint, single in times))
        slowest = max(slowest, median(by_the_clock(together) for _ in range(rounds)))
        inverse = ratios([(single, joint) for joint, single in times])
        rows.append(f"| {name} | {ours:.2f} | {mark:.2f} | {inverse} |")
    return "\n".join([
        f"| {SETS} random sets | together, s | one by one, s | one by one / together |",
        "|---|--:|--:|--:|",
        *rows,
        "",
        f"Together {min(found):.1f} times as fast or more, target {CHEAPEST:g}: {reached(min(found) >= CHEAPEST)}; "
        f"{slowest:.2f} s by the clock, target {LONGEST:g} s: {reached(slowest <= LONGEST)}.",
    ])  # fmt: skip


def alone(translator: object, base: object, expected: object, interventions: Sequence[object]) -> object:
    """The effect of one set by itself: its translation, then the original tokens one after the other."""
    import numpy as np

    from models.analysis.alignment import tokens_changed
    from models.analysis.effects import Effect
    from models.translation.translator import DecoderState

    source = translator.source(base.sentence)
    edits = translator.edits(source, interventions)
    edited = translator.gather(source, list(translator.steps(source, edits)), edits)
    state = DecoderState(0, [(trace.hidden_state[-1], trace.cell_state[-1]) for trace in edited.encoder])
    token, change, divergences = translator.target_vocabulary.start_id, 0.0, []
    for written, before in zip(base.target_tokens, expected, strict=True):
        reading = translator.read_target(edited.encoder[-1].hidden_state, token, state, edits)
        token, state = translator.target_vocabulary[written], reading.state
        found = log_probabilities(reading.logits)
        change += found[token] - before[token]
        divergences.append(np.exp(before) @ (before - found))
    changed = tokens_changed(base.target_tokens, edited.target_tokens)
    return Effect(tuple(interventions), edited.target_tokens, edited.text, changed, change, np.array(divergences))


def log_probabilities(logits: object) -> object:
    import numpy as np

    values = logits.astype(np.float64)
    values -= values.max(axis=-1, keepdims=True)
    return values - np.log(np.exp(values).sum(axis=-1, keepdims=True))


def by_the_clock(work: Callable[[], object]) -> float:
    begun = perf_counter()
    work()
    return perf_counter() - begun


def reached(is_so: bool) -> str:
    return "reached" if is_so else "missed"


if __name__ == "__main__":
    main()
