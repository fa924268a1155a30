"""Our own routes: a run's steps, each sent as soon as it is computed, and the scripts that draw them. Public doors, so
they trust nothing.

Frames, runs and scripts are imported where a request needs them: Streamlit loads every module anew after a source file
has changed, and a run is known to the module that the page uses now.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import streamlit as st
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

if TYPE_CHECKING:
    from viz.serving.runs import Run

LONGEST_PAUSE = 2.0  # seconds between two steps
HEADERS = {
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",  # nginx must pass frames on at once
    "X-Content-Type-Options": "nosniff",
    "Content-Encoding": "identity",  # compressing would hold frames back
}
KEPT = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}


async def stream_run(request: Request) -> Response:
    """Stream a run by its id; ``?pause=SECONDS`` waits between the steps, so that each is computed that much later."""
    from viz.serving.runs import find

    run = find(request.path_params["run_id"])
    if run is None:
        return PlainTextResponse("This run is no longer on the server.", status_code=404)
    try:
        pause = float(request.query_params.get("pause", "0"))
    except ValueError:
        pause = -1.0
    if not 0 <= pause <= LONGEST_PAUSE:
        return PlainTextResponse(f"pause must be a number from 0 to {LONGEST_PAUSE}.", status_code=400)
    return StreamingResponse(_paced(run, pause), media_type="application/octet-stream", headers=HEADERS)


async def _paced(run: "Run", pause: float) -> AsyncIterator[bytes]:
    """Hand frames over one by one. When the reader goes, this generator is cancelled and computing stops."""
    from viz.serving.frames import frames

    shown = run.columns
    for made in frames(run):
        yield made
        is_new, shown = run.columns > shown, run.columns  # a search is not paced: there is nothing to see
        await asyncio.sleep(pause if is_new else 0)


async def send_module(request: Request) -> Response:
    """One of the scripts, under the address of all of them as they are now; there is nothing else to be had here."""
    from viz.serving.modules import HASH, MODULES

    asked = request.path_params
    if asked["hash"] != HASH or asked["name"] not in MODULES:
        return PlainTextResponse("There is no such script.", status_code=404, headers={"Cache-Control": "no-store"})
    return Response(MODULES[asked["name"]], media_type="text/javascript", headers=KEPT)


def routes_under(base: str) -> list[Route]:
    """Our routes on a server whose pages all lie under ``base``: "" or a path such as "lstm"."""
    start = f"/{base}" if (base := base.strip("/")) else ""
    return [
        Route(f"{start}/live/{{run_id}}", stream_run, methods=["GET"]),
        Route(f"{start}/modules/{{hash}}/{{name}}", send_module, methods=["GET"]),
    ]


routes = routes_under(st.get_option("server.baseUrlPath"))
