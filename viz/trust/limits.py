"""What the translator cannot do, and whose sentences it learned from."""

import streamlit as st

from models.evaluation import reading as measured
from models.evaluation.reading import Tree
from models.translation.checkpoints import HELD_BACK
from viz import loading
from viz.trust.parts import bullets, part, problems_said
from viz.widgets.words import folding, table, words


def limits(card: Tree) -> None:
    with part("What it cannot do"):
        bullets(card.get("cannot"))
        bullets([
            "Attention weights are weights on source states. They do not explain why a word was chosen.",
            "A probability is how sure the network was, not how good the translation is.",
            f"Networks before their training write by chance. {len(HELD_BACK)} pieces of other words, such as the one "
            "for London, are a crude word where they stand alone: these networks may not write them, and the next most "
            "probable token is written instead, in text and alternatives. The probabilities shown are still the "
            "network's own, of all tokens. A trained network may write every token.",
        ])  # fmt: skip


def licences(card: Tree) -> None:
    with part("Whose sentences these are"):
        licence = card.get("licence")
        licence = licence if isinstance(licence, dict) else {}
        words(f"Weights: {licence.get('weights', 'licence not said')}.")
        bullets(licence.get("data"))
        with folding("NOTICE, as it lies beside the program", "notice") as box:
            if box.open:
                with problems_said():
                    st.text(measured.read_text(loading.ASSETS.parent / measured.NOTICE))
        for file, label in (
            ("contributors.tsv", "The people of Tatoeba who wrote the sentences"),
            ("extra-stories.attribution.tsv", "The stories, their authors and translators"),
        ):
            with folding(label, file.partition(".")[0]) as box:
                if box.open:
                    with problems_said():
                        header, *rows = measured.table_of(loading.ASSETS / measured.ATTRIBUTION / file)
                        table(label, header, rows)
