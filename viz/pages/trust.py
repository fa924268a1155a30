"""How good the networks are: choose a translation that went wrong, compute it, and show what was measured."""

import streamlit as st

from viz import trust

trust.style()
st.title("How good is it, and how do we know?", anchor=False)
card = trust.read_card()
evidence = trust.read_evidence(card)
trust.scores(evidence)
trust.curves(card)
trust.lengths(evidence)
trust.people(evidence)
trust.everyday(evidence)
trust.mistakes(evidence)
trust.other_networks(evidence)
trust.limits(card)
trust.licences(card)
