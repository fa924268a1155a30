"""Whether the network was trained on a sentence, what it was trained on that comes nearest, and how long is unusual."""

from collections.abc import Sequence

import streamlit as st

from models import AssetError
from models.language.languages import LANGUAGES, Language
from models.language.text import letters_of_other_scripts
from models.translation.checkpoints import NAME
from viz import loading
from viz.figures.wording import capitalised, counted
from viz.networks import NetworkKey, is_untrained, training_of
from viz.serving.runs import Run
from viz.widgets.words import folding, notice, problem, words

RARE = 0.01  # a sentence longer than all but this share of the training sentences is unusual


def badge(sentence: str, language: Language, network: NetworkKey) -> dict[str, str]:
    """What stands beside the translation: of the training with translations into its language."""
    if is_untrained(network):
        return {"kind": "untrained", "text": "untrained: random initial weights"}
    trained = loading.training_index(training_of(network)).languages_of(sentence)
    if language in trained:
        return {"kind": "seen", "text": "seen in training"}
    others = f" in {LANGUAGES[language]}, only in {_listed(trained)}" if trained else ""
    return {"kind": "unseen", "text": f"not in training{others}"}


def _listed(languages: Sequence[Language]) -> str:
    return " and ".join(LANGUAGES[code] for code in languages)


def warn_of_sentence(run: Run) -> None:
    """Say so if the sentence is not in English letters, or longer than as good as all of the training.

    The page ends here where a damaged file keeps back what is known of the training: a network can be whole while the
    main one, whose card vouches for the training sentences, is not.
    """
    try:
        count = len(run.source.ids) - 2  # without language tag and </s>
        said = script_warning(run.source.sentence) or length_warning(count)
    except AssetError as error:
        problem(str(error))
        st.stop()
    if said:
        notice(said)


def script_warning(sentence: str) -> str:
    """Why a sentence with letters of another script cannot be read; "" for one without."""
    if not (others := letters_of_other_scripts(sentence)):
        return ""
    return (
        f"The network reads English letters. {capitalised(counted(others, 'letter'))} here "
        f"{'is' if others == 1 else 'are'} of another script, which it knows only as <unk>: it cannot know what the "
        "words mean."
    )


def length_warning(count: int) -> str:
    """Why a sentence of so many subwords is unusual; "" for a usual one."""
    index = loading.training_index(NAME)
    if count > index.longest:
        return (
            f"This sentence has {count} subwords, more than any sentence the network was trained on: the longest has "
            f"{index.longest}. Expect mistakes."
        )
    if index.share_longer(count - 1) <= RARE:  # those that are as long or longer
        return (
            f"This sentence has {count} subwords, more than 99 in 100 of the sentences the network was trained on. "
            "Expect mistakes."
        )
    return ""


def nearest_training_sentence(run: Run) -> None:
    """The training sentence that comes nearest, looked for when it is unfolded."""
    with folding("The nearest training sentence", "in_nearest") as box:
        if box.open:
            words(nearest_words(run.source.sentence, training_of(loading.network_of(run.translator))))


def nearest_words(sentence: str, training: str) -> str:
    found = loading.nearest(sentence, training)
    if found is None:
        return "No sentence that lies within two words of this one was found among those of the training."
    written = f"“{found.sentence}”"
    if found.distance == 0:
        return (
            f"The network was trained on this sentence: {written}, {_to(found.languages)}, case and punctuation aside."
        )
    if "▢" in found.sentence:
        remark = " ▢ stands for a word that cannot be recovered, nor which languages it was translated to."
    else:
        remark = f" It was trained on {_to(found.languages)}."
    return (
        f"Nearest in training: {written}, {counted(found.distance, 'word')} away (inserted, deleted or replaced; case "
        f"and punctuation aside).{remark}"
    )


def _to(languages: Sequence[Language]) -> str:
    """Which translations a training sentence had: ``with Marathi translations alone``."""
    return f"with {_listed(languages)} translations{' alone' * (len(languages) < len(LANGUAGES))}"
