"""The time machine: one sentence through the stored states of one training, each a run of its own."""

from dataclasses import dataclass, replace

from models.evaluation.reading import earlier_states_of, load_evidence
from models.evaluation.results import METRIC
from models.language.languages import Language
from models.translation.checkpoints import ASSETS, AssetError, load_card, states_of
from viz.networks import TIME_MACHINE, Network, course
from viz.serving.asked import Question, ask, give
from viz.serving.runs import Run

ABOUT = (
    "One training, stopped at eight points: the slider runs the same sentence through each. The score beside a state "
    "is that of its translations of held-out sentences, not of this sentence."
)


@dataclass(frozen=True, eq=False)
class Course:
    """One run for each state, the untrained weights first; what nobody looks at is never computed."""

    states: list[Network]
    runs: list[Run]
    labels: list[str]
    scores: list[str]  # over held-out sentences; "" where none was measured
    at: int  # the state on view

    @property
    def data(self) -> list[dict[str, str]]:
        """As the heat maps take it."""
        return [
            {"run": run.id, "label": label, "score": score}
            for run, label, score in zip(self.runs, self.labels, self.scores, strict=True)
        ]


def is_in_course(network: str) -> bool:
    """Whether the slider stands at this network."""
    return any(state.key == network for state in course())


def course_of(run: Run, network: str, name: str = "course") -> Course | None:
    """The states of the training that ``network`` belongs to, with the run on view at its own place among them.

    The other runs are of the same sentence and language and the same search, without interventions: those are made for
    one network. They are kept in the session under ``name`` for as long as the question stays the same.

    None where the network has no course, or a file of it is missing or damaged.
    """
    states = course()
    at = next((number for number, state in enumerate(states) if state.key == network), None)
    if at is None:
        return None
    question = Question(
        run.source.sentence, run.translator.language, network, run.width, run.hypothesis, side=f"{name} {at}"
    )  # fmt: skip
    give(question, run)
    runs = []
    for number, state in enumerate(states):
        found = ask(replace(question, network=state.key, side=f"{name} {number}")).run
        if found is None:
            return None
        runs.append(found.looking_at(run.hypothesis))
    return Course(states, runs, *_said(question.language), at)


def _said(language: Language) -> tuple[list[str], list[str]]:
    """What each state is called, and its score."""
    steps = states_of(load_card(ASSETS, TIME_MACHINE))
    try:
        measured = dict(earlier_states_of(load_evidence(), language).get(TIME_MACHINE, ()))
    except AssetError:
        measured = {}
    labels = ["untrained" if not step else f"after {step:,} batches" for step in steps]
    labels[-1] += ", the end"
    scores = []
    for step in steps:
        rated = measured.get(step)
        score = rated.scores.get("chrf") if rated else None
        scores.append(f"{METRIC['chrf']} {score.value:.1f} over {rated.sentences} held-out sentences" if score else "")
    return labels, scores
