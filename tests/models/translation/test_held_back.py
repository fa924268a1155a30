"""Tokens that a network before its training may not write: none stands in a text or among alternatives."""

from dataclasses import replace

import numpy as np
import pytest

from models.analysis.effects import effect
from models.evaluation.held_out import EVERYDAY
from models.language.corpus import read_table
from models.language.languages import LANGUAGES
from models.translation.attention import softmax
from models.translation.batches import translate_in_batches
from models.translation.checkpoints import (
    ASSETS,
    HELD_BACK,
    UNTRAINED,
    load_card,
    load_translator,
    network_names,
    states_of,
)
from models.translation.interventions import Intervention
from viz.compare.recipes import MINIMAL_PAIRS
from viz.figures.search_captions import untrained_caption
from viz.widgets.choices import EXAMPLES

SENTENCES = (*EXAMPLES, *(sentence for pair in MINIMAL_PAIRS for sentence in (pair.a, pair.b)))
RANDOM = [(UNTRAINED, None), ("time-machine", 0)]


def is_crude(text: str) -> bool:
    """Whether a word begins with it; within longer words its letters can come together by chance, as in England."""
    return any(word.startswith(HELD_BACK[0]) for word in text.split())


@pytest.fixture(scope="module", params=RANDOM, ids=lambda network: network[0])
def untrained(request):
    name, step = request.param
    return [load_translator(language, name=name, step=step) for language in LANGUAGES]


def test_no_example_or_recipe_shows_a_token_that_is_held_back(untrained):
    for translator in untrained:
        for sentence in SENTENCES:
            trace = translator.translate(sentence)
            shown = {*trace.target_tokens, *(each.token for step in trace.candidates for each in step)}
            assert not shown & set(HELD_BACK), sentence
            assert not is_crude(trace.text), sentence


def test_everyday_sentences_show_none_either(untrained):
    english = [row["english"] for row in read_table(ASSETS / "evaluation" / EVERYDAY, ("category", "english"))]
    for translator in untrained:
        sources = [translator.source(sentence) for sentence in english]
        written = [row for batch in translate_in_batches(translator, sources) for row in batch.target_ids]
        assert len(written) == len(english) >= 80
        assert not any(is_crude(translator.target_vocabulary.decode(row)) for row in written)


def test_without_the_list_they_would_stand_there():
    translator = replace(load_translator("bn", name="time-machine", step=0), held_back=())
    assert any(set(translator.translate(sentence).target_tokens) & set(HELD_BACK) for sentence in SENTENCES)


def test_probabilities_are_those_of_all_tokens_and_the_next_best_is_written(untrained):
    for translator in untrained:
        trace = translator.translate("I am going.")
        assert trace.held_back == tuple(translator.target_vocabulary.tokens.index(piece) for piece in HELD_BACK)
        for step, token in enumerate(trace.target_tokens):
            number = translator.target_vocabulary[token]
            assert trace.probabilities[step] == softmax(trace.logits[step])[number]
            others = np.delete(trace.logits[step], trace.held_back)
            assert trace.logits[step][number] == others.max()
        assert f"it may not write {len(HELD_BACK)}" in untrained_caption(trace)


def test_no_beam_looks_at_one(untrained):
    for translator in untrained:
        nodes = translator.search("I am not going.", 3).search.nodes
        assert not {translator.target_vocabulary.tokens[node.token] for node in nodes} & set(HELD_BACK)


def test_trained_networks_write_every_token(shipped_translator):
    for name in network_names():
        for step in [*filter(None, states_of(load_card(name=name))), None]:
            assert load_translator("mr", name=name, step=step).held_back == ()
    assert "लंडन" in shipped_translator("mr").translate("I live in London.").text
    assert shipped_translator("bn").translate("Go.").held_back == ()


def test_one_by_one_in_batches_and_under_effects_the_same_is_held_back(tiny_translator, english_sentences):
    often = tiny_translator.target_vocabulary[tiny_translator.translate("the cat sat").target_tokens[0]]
    translator = replace(tiny_translator, held_back=(often,))
    traces = [translator.translate(sentence) for sentence in english_sentences]
    assert not any(translator.target_vocabulary.tokens[often] in trace.target_tokens for trace in traces)
    sources = [translator.source(sentence) for sentence in english_sentences]
    for batch in translate_in_batches(translator, sources):
        for place, ids in zip(batch.places, batch.target_ids, strict=True):
            assert tuple(translator.target_vocabulary.tokens[number] for number in ids) == traces[place].target_tokens
    edit = [Intervention("forget_gate", value=0.0)]
    edited = translator.translate(english_sentences[0], edit)
    assert effect(translator, traces[0], edit).target_tokens == edited.target_tokens
