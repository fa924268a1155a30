"""The other networks, and beam search, beside the main one."""

from collections.abc import Sequence

from models.evaluation import reading as measured
from models.evaluation.former import FORMER
from models.evaluation.reading import Tree
from models.evaluation.results import METRIC, Metric
from models.language.languages import LANGUAGES
from models.translation.checkpoints import NAME
from viz import loading
from viz.figures import evidence_captions as said
from viz.trust.parts import (
    NOT_MEASURED,
    in_language,
    interval_pictures,
    part,
    rated_table,
    shown,
)
from viz.widgets.words import folding, table, words


def other_networks(evidence: Tree) -> None:
    with part("Against other networks, and against beam search"):
        systems = {code: measured.systems_of(evidence, code) for code in LANGUAGES}
        if not any(systems.values()):
            words(NOT_MEASURED)
        for code, found in systems.items():
            main = next((each for each in found if each.network == NAME and each.beam == 1), None)
            for each in found:
                if main and each.network == NAME and each.beam > 1 and "chrf" in each.differences:
                    words(
                        said.beam_caption(LANGUAGES[code], each.beam, main.rated, each.rated, each.differences["chrf"])
                    )
        rows = [in_language(LANGUAGES[code], each.rated) for code, found in systems.items() for each in found]
        if rows:
            interval_pictures(rows, "systems")
            words(
                "A difference is to the main network with greedy search, on the same sentences, by paired bootstrap; p "
                "is how often chance alone would bring about one as large. Not every difference is one of chance or of "
                "the weights at the start: the table of networks says all that was set otherwise in each training."
            )
            if any(each.network == FORMER for found in systems.values() for each in found):
                words(
                    f"{FORMER} is the network that shipped before the present one, which began with its weights. They "
                    "do not ship any more; what it wrote for these sentences was kept."
                )
            compared = [each for found in systems.values() for system in found for each in system.differences.values()]
            compared += [former.difference for code in systems if (former := measured.former_of(evidence, code))]
            if compared:
                words(said.comparisons_caption(compared))
            with folding("Scores and differences as a table", "systems_table") as box:
                if box.open:
                    systems_table({LANGUAGES[code]: found for code, found in systems.items()})
    with part("The networks that ship"):
        networks_table(measured.network_cards(loading.ASSETS))
        states = {code: measured.earlier_states_of(evidence, code) for code in LANGUAGES}
        with folding("Earlier states of a training, and the network before it", "states_table") as box:
            if box.open:
                if any(states.values()):
                    rows = [
                        in_language(LANGUAGES[code], row)
                        for code, by_name in states.items()
                        for entries in by_name.values()
                        for _, row in entries
                    ]
                    rated_table("Scores of earlier states, on fewer sentences", rows)
                else:
                    words(NOT_MEASURED)


def systems_table(systems: dict[str, list[measured.System]]) -> None:
    def numbers(system: measured.System, metric: Metric) -> tuple[str, str]:
        found = system.differences.get(metric)
        return shown(system.rated, metric), said.difference_text(found) if found else "—"

    table(
        "Scores, and differences to the main network with greedy search",
        [
            "language",
            "network and search",
            *(text for name in METRIC.values() for text in (name, f"{name}, difference")),
        ],
        [
            [
                language,
                each.rated.label,
                *(text for metric in METRIC for text in numbers(each, metric)),
            ]
            for language, found in systems.items()
            for each in found
        ],
    )


def networks_table(found: Sequence[measured.NetworkCard]) -> None:
    scores = [(code, metric) for code in LANGUAGES for metric in METRIC]
    table(
        "Networks, as their cards describe them; scores on all held-out sentences",
        ["network", "what it is", "parameters", "MB", "training pairs", "seed", "epochs",
         *(f"{LANGUAGES[code]} {METRIC[metric]}" for code, metric in scores)],
        [
            [
                each.name, each.what, f"{each.parameters:,}", f"{each.megabytes:.1f}",
                ", ".join(f"{LANGUAGES.get(code, code)} {count:,}" for code, count in each.pairs.items()) or "not said",
                each.seed, each.epochs,
                *(f"{each.scores[code][metric]:.1f}" if metric in each.scores.get(code, {}) else "not measured"
                  for code, metric in scores),
            ]
            for each in found
        ],
    )  # fmt: skip
    for files in dict.fromkeys(each.files for each in found if each.files):
        names = ", ".join(each.name for each in found if each.files == files)
        words(f"Files that {names} read in training, beside what was written for the project: {', '.join(files)}.")
