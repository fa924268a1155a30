"""The server: which script, which route, which middleware; nothing else. Start it with ``streamlit run app.py``."""

import os

for threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(threads, "1")  # one sentence needs one core; more threads only get in each other's way

import streamlit as st  # noqa: E402
from starlette.middleware import Middleware  # noqa: E402
from starlette.middleware.gzip import GZipMiddleware  # noqa: E402
from streamlit.runtime.pages_manager import PagesManager  # noqa: E402

from viz.loading import lifespan  # noqa: E402
from viz.serving.route import routes  # noqa: E402

PagesManager.uses_pages_directory = False  # or who opens /trust before anybody opened / gets a list of files
app = st.App("viz/navigation.py", routes=routes, middleware=[Middleware(GZipMiddleware)], lifespan=lifespan)
