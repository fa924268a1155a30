"""Words and tables on a page. Whatever a person typed passes through here inert."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from viz.figures.tables import Table


@dataclass(frozen=True)
class Text:
    """A cell of a table in a language of its own."""

    text: str
    language: str


TableCell = str | int | float | Text


def words(text: str, language: str = "en") -> None:
    """Write a paragraph as it is: no Markdown, no HTML."""
    st.html(f'<p lang="{escape(language)}">{escape(text)}</p>')


def headline(text: str) -> None:
    """What a part of a page answers, in one sentence, as it is: no Markdown, no HTML."""
    st.html(f'<h2 class="headline" style="font-size:1.25rem;line-height:1.5rem;padding:0;margin:0">{escape(text)}</h2>')


def literal(text: str) -> str:
    """Text as Markdown that shows exactly this text, for the cells of ``st.table``."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)


def problem(text: str) -> None:
    """Say what is wrong, as it is: no Markdown, no HTML; screen readers say it at once."""
    st.html(
        '<p role="alert" style="border-left:4px solid #b3261e;padding:4px 12px;margin:0">' + escape(text) + "</p>",
    )


def notice(text: str) -> None:
    """Say what a reader should know, as it is: no Markdown, no HTML."""
    st.html(
        '<p role="status" style="border-left:4px solid #b26a00;padding:4px 12px;margin:0">' + escape(text) + "</p>",
    )


def folding(label: str, key: str) -> DeltaGenerator:
    """A part of the page that is computed and sent only while it is open."""
    return st.expander(label, key=key, on_change="rerun")


def table(caption: str, header: Sequence[str], rows: Sequence[Sequence[TableCell]]) -> None:
    """A table of plain text, whatever the text is; where it is too wide, it scrolls by itself."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in header)
    body = "".join(f"<tr>{''.join(map(table_cell, row))}</tr>" for row in rows)
    st.html(
        f'<div class="wide" tabindex="0" role="region" aria-label="{escape(caption)}"><table>'
        f"<caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def table_cell(value: TableCell) -> str:
    if isinstance(value, Text):
        return f'<td lang="{escape(value.language)}">{escape(value.text)}</td>'
    kind = ' class="number"' if isinstance(value, int | float) else ""
    return f"<td{kind}>{escape(str(value))}</td>"


def frame(values: Table, key: str) -> None:
    """A table that can be sorted; numbers to four decimals."""
    numbers = [name for name, column in values.items() if getattr(column, "dtype", None) == np.float64]
    st.dataframe(
        values, height=360, hide_index=True, key=key,
        column_config={name: st.column_config.NumberColumn(format="%.4f") for name in numbers},
    )  # fmt: skip


def is_dark() -> bool:
    return st.context.theme.type == "dark"


def picture(figure: go.Figure, sentence: str, key: str, beneath: str | None = None) -> None:
    """A figure, and the same in words: for readers who cannot see it, and beneath it, there in fewer if given."""
    st.plotly_chart(figure, theme=None, key=key, config={"displayModeBar": False}, alt=sentence)
    words(sentence if beneath is None else beneath)
