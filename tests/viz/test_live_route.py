"""The streaming route: its frames are the recorded numbers, sent while they are computed, to whoever knows the run."""

import asyncio
import importlib
import json
import socket
import struct
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import uvicorn
from awaiting import awaited
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.testclient import TestClient

import viz.serving.frames
import viz.serving.runs
from models import SentenceError
from models.recurrent.trace import QUANTITIES
from models.translation.record import TranslationTrace
from models.translation.translator import Translator
from viz.figures import theme
from viz.figures.ordering import unit_order, varied_units
from viz.figures.token_words import meaning
from viz.serving import route
from viz.serving.runs import Run, find, start

SENTENCE = "the cat sat"


def decoded(stream: bytes) -> list[tuple[dict[str, Any], np.ndarray]]:
    """Frames as the browser reads them, written down here a second time."""
    frames = []
    while stream:
        text_length, body_length = struct.unpack_from("<II", stream)
        assert text_length % 4 == 0, "the numbers must be aligned"
        text, body = stream[8 : 8 + text_length], stream[8 + text_length : 8 + text_length + body_length]
        assert (len(text), len(body)) == (text_length, body_length)
        frames.append((json.loads(text), np.frombuffer(body, "<f4")))
        stream = stream[8 + text_length + body_length :]
    return frames


def columns(translation: TranslationTrace) -> Iterator[np.ndarray]:
    """The six quantities of each step, (6, H), encoder first."""
    for side in (translation.encoder[-1], translation.decoder[-1]):
        for step in range(len(side.tokens)):
            yield np.array([getattr(side, quantity)[step] for quantity in QUANTITIES])


@pytest.fixture
def run(tiny_translator: Translator) -> Run:
    return start(tiny_translator, SENTENCE)


@pytest.fixture(scope="module")
def client() -> TestClient:
    """The real server's middleware and routes, without Streamlit."""
    return TestClient(Starlette(routes=route.routes, middleware=[Middleware(GZipMiddleware)]))


@pytest.fixture
def stream(client: TestClient, run: Run) -> list[tuple[dict[str, Any], np.ndarray]]:
    return decoded(client.get(f"/live/{run.id}").content)


# --- what is sent


def test_frames_hold_exactly_the_numbers_that_a_second_run_records(stream, tiny_translator):
    translation = tiny_translator.translate(SENTENCE)
    sent = [(head, numbers) for head, numbers in stream if head["kind"] == "step"]
    expected = list(columns(translation))
    H = translation.context.shape[1]
    assert len(sent) == len(expected)
    for (_, numbers), column in zip(sent, expected, strict=True):
        assert numbers[: 6 * H].tobytes() == column.astype("<f4").tobytes()
    weights = [numbers[6 * H :] for head, numbers in sent if head["part"] == 1]
    assert np.array(weights).tobytes() == translation.attention.astype("<f4").tobytes()
    assert all(len(numbers) == 6 * H for head, numbers in sent if head["part"] == 0)


def test_the_six_quantities_of_a_frame_obey_the_equations_of_the_cell(stream):
    steps = [numbers for head, numbers in stream if head["kind"] == "step"]
    assert [quantity["key"] for quantity in stream[0][0]["quantities"]] == list(QUANTITIES)
    H = stream[0][0]["units"]
    before = np.zeros(H)
    for numbers in steps:
        forget, write, show, candidate, cell, hidden = numbers[: 6 * H].reshape(6, H)
        np.testing.assert_allclose(cell, forget * before + write * candidate, atol=1e-6)
        np.testing.assert_allclose(hidden, show * np.tanh(cell), atol=1e-6)
        before = cell


def test_the_source_comes_first_then_each_step_in_order_then_the_end(stream, tiny_translator):
    translation = tiny_translator.translate(SENTENCE)
    S, T = len(translation.source_tokens), len(translation.target_tokens)
    assert [head["kind"] for head, _ in stream] == ["record", *["step"] * (S + T), "end"]
    assert [part["name"] for part in stream[0][0]["parts"]] == ["encoder", "decoder"]
    assert [head["part"] for head, _ in stream[1:-1]] == [0] * S + [1] * T
    assert [head["position"] for head, _ in stream[1:-1]] == [*range(S), *range(T)]


def test_tokens_and_probabilities_are_those_of_the_translation(stream, tiny_translator):
    translation = tiny_translator.translate(SENTENCE)
    written = [head for head, _ in stream[1:-1] if head["part"] == 1]
    assert [head["probability"] for head in written] == translation.probabilities.tolist()
    for head, candidates in zip(written, translation.candidates, strict=True):
        assert [c["probability"] for c in head["candidates"]] == [c.probability for c in candidates]
    assert "".join((" " if h["token"]["begins"] else "") + h["token"]["text"] for h in written
                   if not h["token"]["special"]).replace("␣", "").split() == translation.text.split()  # fmt: skip
    assert stream[0][0]["sentence"] == SENTENCE
    read, wrote = stream[0][0]["parts"]
    assert read["tokens"][0]["text"] == "<to bn>"
    assert "tokens" not in wrote  # not before they are written
    assert read["tokens"][0]["says"].endswith("tells the network to translate to Bangla.")
    assert all(head["token_read"]["says"] == meaning(token) for head, token in zip(
        written, ("<s>", *translation.target_tokens[:-1]), strict=True))  # fmt: skip
    assert (read["language"], wrote["language"], stream[0][0]["language"]) == ("en", "bn", "bn")
    assert stream[-1][0]["text"] == translation.text
    assert stream[-1][0]["finished"] == translation.is_finished


def test_the_end_gives_both_orders_of_the_units_and_the_final_colour_limit(stream, tiny_translator):
    translation = tiny_translator.translate(SENTENCE)
    head, numbers = stream[-1]
    count = len(head["orders"]) * translation.units
    orders = numbers[:count].reshape(len(head["orders"]), -1)
    assert numbers[count:].tolist() == varied_units(translation).tolist()
    for kind, order in zip(head["orders"], orders, strict=True):
        assert order.tolist() == unit_order(translation, kind).tolist()
    assert head["limits"] == {"cell_state": theme.limit_of("cell_state", translation)}
    assert stream[-2][0]["limits"] == head["limits"]
    assert set(head["captions"]) == set(QUANTITIES)


def test_no_cell_state_lies_outside_the_colour_limit_sent_with_it(stream):
    H = stream[0][0]["units"]
    for head, numbers in stream[1:-1]:
        assert np.abs(numbers[4 * H : 5 * H]).max() <= head["limits"]["cell_state"]


def test_a_character_that_is_not_in_the_vocabulary_is_shown_as_typed_and_marked(tiny_translator, client):
    run = start(tiny_translator, "the 猫 <s>")
    tokens = decoded(client.get(f"/live/{run.id}").content)[0][0]["parts"][0]["tokens"]
    assert [token["text"] for token in tokens if token["unknown"]] == ["猫"]
    typed = [token for token in tokens if token["text"] in "<s>"]
    assert [token["text"] for token in typed] == ["<", "s", ">"]
    assert not any(token["special"] for token in typed)
    assert [token["text"] for token in tokens if token["special"]] == ["<to bn>", "</s>"]


@given(text=st.text(max_size=40))
def test_whatever_is_typed_becomes_well_formed_frames_or_is_refused(text, build_tiny):
    try:
        run = Run(build_tiny().translator, text)
    except SentenceError:
        return
    heads = [head for head, _ in decoded(b"".join(viz.serving.frames.frames(run)))]
    assert (heads[0]["kind"], heads[-1]["kind"]) == ("record", "end")
    assert all(len(token["text"]) > 0 for token in heads[0]["parts"][0]["tokens"])


# --- when it is computed


def test_each_frame_is_sent_before_the_next_step_is_computed(run):
    async def computed_when_sent() -> list[int]:
        return [len(run.steps) async for _ in route._paced(run, 0)]

    counts = awaited(computed_when_sent())
    S_and_T = len(run.steps)
    assert counts == [*range(S_and_T + 1), S_and_T]  # source, one a step, end


def test_nothing_is_computed_before_someone_asks(run):
    assert run.steps == []
    assert run.trace is None


def test_a_run_is_computed_once_however_often_it_is_read(monkeypatch, tiny_translator, client):
    started = []
    steps = Translator.steps
    monkeypatch.setattr(Translator, "steps", lambda self, *told: (started.append(told[0]), steps(self, *told))[1])
    run = start(tiny_translator, SENTENCE)
    first, second = (decoded(client.get(f"/live/{run.id}").content) for _ in range(2))
    assert len(started) == 1
    assert (first[0][0]["already"], second[0][0]["already"]) == (0, len(run.steps))
    for (head, numbers), (again, same_numbers) in zip(first[1:], second[1:], strict=True):
        assert head == again
        assert numbers.tobytes() == same_numbers.tobytes()


def test_two_readers_at_the_same_time_get_the_same_steps(run):
    async def read_by_two() -> tuple[list[bytes], list[bytes]]:
        async def read() -> list[bytes]:
            return [frame async for frame in route._paced(run, 0)]

        return tuple(await asyncio.gather(read(), read()))

    one, other = awaited(read_by_two())
    assert one[1:] == other[1:]


def test_the_pause_lies_between_steps_that_are_computed_and_not_between_those_already_there(run, monkeypatch):
    pauses: list[float] = []
    monkeypatch.setattr(route.asyncio, "sleep", lambda seconds: _noted(pauses, seconds))

    async def read() -> list[bytes]:
        return [frame async for frame in route._paced(run, 0.2)]

    awaited(read())
    assert pauses == [0, *[0.2] * len(run.steps), 0]
    pauses.clear()
    awaited(read())
    assert set(pauses) == {0}


async def _noted(pauses: list[float], seconds: float) -> None:
    pauses.append(seconds)


def test_a_reader_who_leaves_stops_the_computing(run):
    """On a real server: it must notice that the connection is gone, and cancel."""
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=route.routes), port=0, log_level="critical"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        until(lambda: server.started)
        address = server.servers[0].sockets[0].getsockname()
        with socket.create_connection(address) as reader:
            reader.sendall(f"GET /live/{run.id}?pause=0.2 HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            until(lambda: len(run.steps) >= 2)
        when_left = len(run.steps)
        time.sleep(1.2)  # six pauses
        assert len(run.steps) <= when_left + 1
        assert run.trace is None
    finally:
        server.should_exit = True
        thread.join(10)


def until(is_so, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


# --- who may ask for what


def test_a_run_that_is_not_known_is_not_found(client):
    answer = client.get("/live/never-started")
    assert answer.status_code == 404
    assert answer.text == "This run is no longer on the server."


@pytest.mark.parametrize("path", ["/live/", "/live", "/live/a/b", "/live/..%2f..%2fapp.py", "/live/%00", "/live/%ff"])
def test_odd_addresses_are_not_found(client, path):
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("pause", ["-1", "-0.001", "2.001", "1e9", "nan", "inf", "-inf", "x", "", "0,5", "0x1"])
def test_a_pause_that_makes_no_sense_is_refused_before_anything_is_computed(client, run, pause):
    answer = client.get(f"/live/{run.id}", params={"pause": pause})
    assert answer.status_code == 400
    assert "pause must be" in answer.text
    assert run.steps == []


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_the_route_only_reads(client, run, method):
    assert getattr(client, method)(f"/live/{run.id}").status_code == 405


def test_a_run_is_forgotten_when_its_owner_lets_go_of_it(client, tiny_translator):
    run = start(tiny_translator, SENTENCE)
    identity = run.id
    assert find(identity) is run
    del run
    assert find(identity) is None
    assert client.get(f"/live/{identity}").status_code == 404


def test_the_number_of_a_run_says_nothing_about_the_sentence_and_cannot_be_guessed(tiny_translator):
    identities = {Run(tiny_translator, SENTENCE).id for _ in range(50)}
    assert len(identities) == 50
    assert min(map(len, identities)) >= 20
    assert all(len(set(letters)) > 1 for letters in zip(*identities)), "no letter stays while the sentence does"


def test_the_route_knows_runs_also_after_streamlit_has_loaded_the_modules_anew(client, monkeypatch, tiny_translator):
    """As it does when a source file has changed while the server runs."""
    monkeypatch.setattr(viz.serving, "runs", viz.serving.runs)
    monkeypatch.setattr(viz.serving, "frames", viz.serving.frames)
    for name in ("viz.serving.runs", "viz.serving.frames", "viz.serving.recorded"):
        monkeypatch.delitem(sys.modules, name)
    anew = importlib.import_module("viz.serving.runs")
    assert anew.start is not start
    run = anew.start(tiny_translator, SENTENCE)
    answer = client.get(f"/live/{run.id}")
    assert answer.status_code == 200
    assert decoded(answer.content)[-1][0]["text"] == run.trace.text


# --- how it travels


def test_the_answer_is_not_kept_by_any_cache_nor_held_back_by_a_proxy(client, run):
    headers = client.get(f"/live/{run.id}").headers
    assert headers["cache-control"] == "no-store"
    assert headers["x-accel-buffering"] == "no"
    assert headers["content-type"] == "application/octet-stream"
    assert headers["x-content-type-options"] == "nosniff"


def test_compression_holds_no_frame_back(run):
    """Through the compression that the server applies to everything else: a message a frame, as it was made."""
    import app

    messages = awaited(answer_of(app.app, f"/live/{run.id}", {"accept-encoding": "gzip"}))
    bodies = [message["body"] for message in messages if message["type"] == "http.response.body" and message["body"]]
    assert len(bodies) == 1 + len(run.steps) + 1
    assert all(len(decoded(body)) == 1 for body in bodies)


async def answer_of(app, path: str, headers: dict[str, str]) -> list[dict[str, Any]]:
    """The messages by which an application answers, as a server would see them."""
    scope = {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1", "method": "GET",
        "scheme": "http", "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
    }  # fmt: skip
    messages = []
    requests = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> dict[str, Any]:
        if not requests:
            await asyncio.Event().wait()  # this reader stays
        return requests.pop()

    async def send(message: dict[str, Any]) -> None:
        messages.append(message)

    await app(scope, receive, send)
    return messages
