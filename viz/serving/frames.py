"""What the streaming route sends: one frame a step, a JSON part and the numbers behind it as they were computed."""

import json
import struct
from collections.abc import Iterator
from typing import Any

import numpy as np

from models.language.text import graphemes
from models.language.vocabulary import UNKNOWN, WORD_START
from models.recurrent.trace import QUANTITIES, Array, Step
from models.translation.decoding import SearchStep
from models.translation.translator import DecoderStep, EncoderStep, shown_token
from viz.figures import captions, theme
from viz.figures.ordering import unit_order
from viz.serving.runs import Run

ORDERS = ("variance", "similarity")


def frame(head: dict[str, Any], *numbers: Array) -> bytes:
    """Two little-endian lengths in bytes, JSON padded to a multiple of 4, float32 numbers."""
    text = json.dumps(head, ensure_ascii=False).encode("utf-8")
    text += b" " * (-len(text) % 4)
    values = np.concatenate([np.ravel(values) for values in numbers]) if numbers else np.empty(0)
    body = np.ascontiguousarray(values, "<f4").tobytes()
    return struct.pack("<II", len(text), len(body)) + text + body


def frames(run: Run) -> Iterator[bytes]:
    """First the source, then a frame a step, each made before the next step is computed, last the finished run."""
    yield source_frame(run)
    highest, number = 0.0, 0
    while (step := run.step(number)) is not None:
        number += 1
        if isinstance(step, SearchStep):
            yield search_frame(run, step)
        else:
            highest = max(highest, float(np.abs(step.layers[-1].cell_state).max()))
            yield step_frame(step, theme.rounded_limit(highest))
    yield end_frame(run)


def source_frame(run: Run) -> bytes:
    source = run.source
    return frame({
        "kind": "source",
        "sentence": source.sentence,
        "language": run.translator.language,
        "units": run.translator.config.hidden_size,
        "already": run.columns,
        "tokens": [token_parts(t, s) for t, s in zip(source.tokens, source.surfaces, strict=True)],
    })  # fmt: skip


def search_frame(run: Run, step: SearchStep) -> bytes:
    """How far a beam search has come; which translation is best is known only at its end."""
    return frame({"kind": "search", "step": step.step, "width": run.width})


def step_frame(step: EncoderStep | DecoderStep, cell_limit: float) -> bytes:
    """The six quantities of the top layer, units within quantities, then the attention weights if there are any."""
    head: dict[str, Any] = {"position": step.position, "cell_limit": cell_limit}
    if isinstance(step, EncoderStep):
        return frame(head | {"kind": "read"}, quantities(step.layers[-1]))
    head |= {
        "kind": "written",
        "token_read": token_parts(step.token_read),
        "token": token_parts(step.token),
        "probability": step.probability,
        "candidates": [
            {**token_parts(c.token), "probability": c.probability, "written": c.token == step.token}
            for c in step.candidates
        ],
    }
    return frame(head, quantities(step.layers[-1]), step.attention)


def end_frame(run: Run) -> bytes:
    trace = run.finish()
    orders = [unit_order(trace, kind) for kind in ORDERS]
    head = {
        "kind": "end",
        "text": trace.text,
        "finished": trace.is_finished,
        "milliseconds": 1000 * run.seconds,
        "computed": run.computed,
        "cell_limit": theme.cell_limit(trace.encoder[-1], trace.decoder[-1]),
        "captions": {quantity: captions.quantity_caption(trace, quantity) for quantity in QUANTITIES},
        "orders": ORDERS,
    }
    return frame(head, *orders)


def quantities(step: Step) -> Array:
    """(6, H) in the order of ``QUANTITIES``."""
    return np.array([getattr(step if name.endswith("_state") else step.gates, name) for name in QUANTITIES])


def token_parts(token: str, surface: str = "") -> dict[str, Any]:
    """A token for display: its text, and whether it begins a word, is special, or was not in the vocabulary."""
    is_unknown = token == UNKNOWN
    text = shown_token(token, surface)
    return {
        "text": text if len(graphemes(text)) <= 12 else "".join(graphemes(text)[:11]) + "…",
        "begins": token.startswith(WORD_START) or (is_unknown and surface.startswith(" ")),
        "special": not is_unknown and token.startswith("<") and len(token) > 1,
        "unknown": is_unknown,
    }
