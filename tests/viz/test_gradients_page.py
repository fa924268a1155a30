"""The page Gradients: what it asks its worker, and what it says of the answer."""

import re
import subprocess
import sys
from html import unescape
from pathlib import Path

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest
from widgets import numbered

from models import AssetError
from models.learning.flows import TaskQuestion, TranslationQuestion, follow
from viz.gradients import worker
from viz.gradients.page import FOLLOWED
from viz.gradients.worker import WORKER, Worker, WorkerError
from viz.networks import parts_of

NAVIGATION = Path(__file__).resolve().parent.parent.parent / "viz" / "navigation.py"


@pytest.fixture(autouse=True)
def here(monkeypatch):
    """Questions are answered in this process, where torch is loaded already; what was asked is kept."""
    asked = []
    monkeypatch.setattr(WORKER, "answer", lambda question: asked.append(question) or follow(question))
    return asked


@pytest.fixture
def open_page():
    def opened(**address) -> AppTest:
        page = AppTest.from_file(str(NAVIGATION), default_timeout=60)
        page.query_params.update(address)
        page.switch_page("gradients/page.py").run()
        assert not page.exception
        return page

    return opened


def texts(page: AppTest) -> str:
    return " ".join(unescape(re.sub("<[^>]*>", "", each.proto.body)) for each in page.get("html"))


@pytest.mark.parametrize("key", FOLLOWED)
def test_every_task_can_be_followed(open_page, here, key):
    page = open_page(task=key, gap="10")
    assert here[-1].task == key
    for word in ("gates alone", "A step of rate", "largest slope", "answers to different questions"):
        assert word in texts(page), word


def test_controls_ask_for_what_they_say(open_page, here):
    page = open_page(gap="12", random_weights="1", random_seed="7", bias="25", scale="30")
    asked = here[-1]
    assert (asked.is_trained, asked.seed, asked.forget_bias, asked.scale) == (False, 7, 2.5, 3.0)
    assert "These weights are random" in texts(page)
    page.button(key="gradient_explodes").click().run()
    assert here[-1] == TaskQuestion("france", here[-1].read, False, 4, 3.0, 12.0)
    assert "the path through the memory shrinks while the whole grows" in texts(page)
    numbered(page.segmented_control, "gradient_weights").set_value(0).run()
    assert here[-1].is_trained
    assert "multiplied" in texts(page)


def test_a_sequence_that_cannot_be_read_is_refused_and_the_one_before_stays(open_page, here):
    page = open_page(gap="5")
    before = here[-1]
    numbered(page.text_input, "gradient_typed").set_value("I grew up in <b>Atlantis</b>").run()
    assert not page.exception
    assert "It reads" in texts(page)
    assert here[-1] == before


def test_a_task_with_a_decoder_is_not_followed_and_stays_chosen(open_page):
    page = open_page(task="answering")
    assert "encoder and a decoder" in texts(page)
    assert page.session_state["selection"].task == "answering"


def test_the_sentence_of_the_translate_page_is_followed(open_page, here):
    page = open_page(gradients_of="sentence", sentence="I am here.")
    assert "−log p of the tokens" in texts(page)
    run = page.session_state["answers"]["on top"].run
    trace = run.finish()
    asked = here[-1]
    assert len(asked.source) == len(trace.source_tokens)
    assert len(asked.target) == len(trace.target_tokens)
    loss = follow(asked).followed[0].flow.loss
    expected = 0.0
    for row, token in zip(trace.logits, trace.target_tokens, strict=True):
        logits = row.astype(float) - row.max()
        expected += np.log(np.exp(logits).sum()) - logits[run.translator.target_vocabulary[token]]
    assert loss == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("network", ["untrained", "time-machine@300", "second-seed"])
def test_the_network_of_the_run_is_followed_whichever_it_is(open_page, network):
    page = open_page(gradients_of="sentence", sentence="Go.", network=network)
    assert "multiplied by" in texts(page)
    assert "damaged" not in texts(page)
    run = page.session_state["answers"]["on top"].run
    trace = run.finish()
    rows = torch.from_numpy(trace.logits.astype(float)).log_softmax(-1)
    places = [run.translator.target_vocabulary[token] for token in trace.target_tokens]
    asked = TranslationQuestion(
        tuple(run.translator.source_vocabulary[token] for token in trace.source_tokens), tuple(places),
        run.translator.target_vocabulary["<s>"], *parts_of(network),
    )  # fmt: skip
    loss = follow(asked).followed[0].flow.loss
    assert loss == pytest.approx(-float(rows[range(len(places)), places].sum()), rel=1e-4)


def test_another_seed_or_preset_forgets_units_that_are_not_its_own(open_page):
    page = open_page(changed="3", changed_from="2", gap="6")
    numbered(page.segmented_control, "gradient_trained_seed").set_value(2).run()
    assert page.session_state["selection"].changed == ""


def test_another_written_token_is_looked_at_with_the_ledger_of_its_step(open_page, here):
    page = open_page(gradients_of="sentence", sentence="I am here.")
    assert here[-1].written == 0
    numbered(page.selectbox, "gradient_written").set_value(1).run()
    trace = page.session_state["answers"]["on top"].run.finish()
    assert here[-1].written == 1
    assert page.session_state["selection"].column == trace.starts[1] + 1
    assert f"the logit of “{trace.parts[1].labels[1]}”" in texts(page)
    assert f"the cell states of step {trace.starts[1] + 2}" in texts(page)


def test_torch_is_not_imported_with_the_page():
    code = "import sys, viz.gradients.page, viz.gradients.worker; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=NAVIGATION.parent.parent, capture_output=True)


def test_the_worker_answers_and_starts_again_when_its_process_has_ended(monkeypatch):
    own = Worker()
    asked = TaskQuestion("counting", tuple("aaXbb"))
    try:
        found = own.answer(asked)
        np.testing.assert_allclose(found.followed[0].flow.jacobian, follow(asked).followed[0].flow.jacobian, rtol=1e-9)
        assert own.knows(asked)
        own._process.kill()
        own._process.wait()
        assert own.answer(TaskQuestion("counting", tuple("aXb"))).labels == tuple("aXb")
    finally:
        own.stop()


def test_a_process_that_cannot_start_is_said_in_words(monkeypatch):
    monkeypatch.setattr(worker.sys, "executable", "/bin/false")
    with pytest.raises(WorkerError, match="Try once more"):
        Worker().answer(TaskQuestion("counting", tuple("aXb")))


def test_damage_is_said_in_words(monkeypatch, tmp_path):
    monkeypatch.setattr(worker.loading, "ASSETS", tmp_path)
    own = Worker()
    try:
        with pytest.raises(AssetError, match=r"counting\.json"):
            own.answer(TaskQuestion("counting", tuple("aXb")))
    finally:
        own.stop()
