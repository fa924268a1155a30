"""How good the networks are: choose a translation that went wrong, compute it, and show what was measured."""

import streamlit as st

from viz.trust.limits import licences, limits
from viz.trust.networks import other_networks
from viz.trust.parts import read_card, read_evidence, style
from viz.trust.scores import lengths, people, scores
from viz.trust.sentences import checks, everyday, mistakes
from viz.trust.training import curves

style()
with st.container(key="trust"):  # narrower than the line of pages above it
    st.title("How good is it, and how do we know?", anchor=False)
    card = read_card()
    evidence = read_evidence(card)
    scores(evidence)
    curves(card)
    lengths(evidence)
    people(evidence)
    everyday(evidence)
    checks(evidence)
    mistakes(evidence)
    other_networks(evidence)
    limits(card)
    licences(card)
