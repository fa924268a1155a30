"""Sentences that break programs: each is translated, or refused in one line that says why."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models import SentenceError
from models.language.text import normalise
from models.translate import main

ROOT = Path(__file__).resolve().parents[3]
FAMILY = "👩‍👩‍👧‍👦"

REFUSED = {
    "nothing": ("", "Type a sentence"),
    "spaces": ("   ", "Type a sentence"),
    "line ends and tabs": ("\n\t\r\n", "Type a sentence"),
    "zero width only": ("\u200b\u200c\u200d\u2060\ufeff", "only invisible characters"),
    "NUL only": ("\x00\x00", "only invisible characters"),
    "direction marks only": ("\u202e\u202c\u200f", "only invisible characters"),
    "10,000 characters": ("The cat sat. " * 769 + "The", "10,000 characters"),
    "one word of 5,000 letters": ("a" * 5000, "5,000 characters"),
    "201 emoji": (FAMILY * 201, "201 characters"),
    "71 words": ("a " * 71, "71 subwords"),
    "80 emoji": (FAMILY * 80, "81 subwords"),
    "5,000 marks on one letter": ("a" + "\u0301" * 5000, "code points"),
}
TRANSLATED = {
    "emoji family": f"the {FAMILY} sat",
    "emoji only": "😀🇧🇩👍🏽",
    "right to left": "مرحبا بالعالم",
    "right to left among English": "the שלום sat",
    "direction override": "the \u202etac\u202c sat",
    "zero width among letters": "c\u200ba\u200dt",
    "lone surrogate": "cat \ud83d sat \udc31",
    "bytes that are no UTF-8": "cat \udcff sat",
    "NUL": "the\x00cat",
    "control characters": "the \x1b[31mcat\x07 sat",
    "script": "<script>alert('cat')</script>",
    "bold": "<b>cat</b>",
    "image in HTML": '<img src=x onerror="alert(1)">',
    "image in Markdown": "![cat](https://a.b/c.png)",
    "link in Markdown": "[cat](javascript:alert(1))",
    "LaTeX": r"$\frac{cat}{dog}$ \(x\)",
    "start token": "<s>",
    "padding token": "<pad>",
    "unknown token": "<unk>",
    "end token": "the cat </s> sat",
    "language tag": "<to mr>",
    "Bangla": "বিড়ালটা বসল।",
    "Bangla with joiners": "র‌্যাব ক্‍ষ",
    "many marks on one letter": "c" + "\u0301" * 100 + "at",
    "word-start mark": "▁the ▁cat",
    "only punctuation": "?!.,;:'\"()",
    "one letter": "a",
    "numbers": "3.14 1,000 ½ ²",
    "compatibility forms": "ｔｈｅ ﬁｎｅ ℌ",
    "line ends inside": "the\ncat\r\nsat",
    "JSON": '{"text": "\\u0000", "a": [NaN]}',
    "shell": "$(rm -rf x) `ls` && ; | > y",
    "format strings": "%s %n {0} {cat!r}",
    "option-like": "- --to",
}  # fmt: skip


def on_the_command_line(capsys, *arguments):
    try:
        main(list(arguments))
        code = 0
    except SystemExit as ended:
        code = ended.code
    return code, *capsys.readouterr()


@pytest.mark.parametrize("name", REFUSED)
def test_the_translator_refuses_it_and_says_why(tiny_translator, name):
    sentence, reason = REFUSED[name]
    with pytest.raises(SentenceError, match=reason) as caught:
        tiny_translator.translate(sentence)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 150, "the sentence itself is not repeated"


@pytest.mark.parametrize("options", [(), ("--json",)], ids=["text", "json"])
@pytest.mark.parametrize("name", REFUSED)
def test_the_command_line_refuses_it_in_one_line(tiny_assets, capsys, name, options):
    sentence, reason = REFUSED[name]
    code, output, errors = on_the_command_line(capsys, sentence, "--to", "bn", "--assets", str(tiny_assets), *options)
    assert (code, output) == (2, "")
    assert re.fullmatch(rf"error: [^\n]*{reason}[^\n]*\n", errors)


@pytest.mark.parametrize("name", TRANSLATED)
def test_the_translator_reads_all_of_it(tiny_translator, name):
    trace = tiny_translator.translate(TRANSLATED[name])
    assert trace.sentence == normalise(TRANSLATED[name])
    assert "".join(trace.source_surfaces) == trace.sentence
    special = ("<pad>", "<s>", "</s>", "<to bn>", "<to mr>")
    assert trace.source_tokens[0] == "<to bn>"
    assert trace.source_tokens[-1] == "</s>"
    assert not set(special) & set(trace.source_tokens[1:-1])
    assert np.isfinite(trace.logits).all()
    np.testing.assert_allclose(trace.attention.sum(axis=1), 1, atol=1e-6)


@pytest.mark.parametrize("name", TRANSLATED)
def test_the_command_line_prints_one_translation_of_it(tiny_assets, tiny_translator, capsys, name):
    sentence = TRANSLATED[name]
    arguments = [sentence, "--to", "bn", "--assets", str(tiny_assets)]
    code, output, errors = on_the_command_line(capsys, *arguments)
    trace = tiny_translator.translate(sentence)
    assert (code, output, errors) == (0, trace.text + "\n", "")
    output.encode("utf-8")
    code, output, errors = on_the_command_line(capsys, *arguments, "--json")
    assert (code, errors, output.count("\n")) == (0, "", 1)
    output.encode("utf-8")
    whole = json.loads(output)
    assert whole["text"] == trace.text
    assert whole["sentence"] == trace.sentence
    assert tuple(whole["source_tokens"]) == trace.source_tokens


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(typed=st.text(st.characters(), max_size=50))
def test_any_text_is_read_whole_or_refused(tiny_translator, typed):
    try:
        trace = tiny_translator.translate(typed)
    except SentenceError:
        return
    assert "".join(trace.source_surfaces) == normalise(typed)
    trace.text.encode("utf-8")


@pytest.mark.parametrize(
    ("sentence", "code"),
    [
        ("<script>alert('cat')</script>", 0),
        (f"the {FAMILY} বিড়াল <s>", 0),
        (b"cat \xff\xfe sat", 0),
        ("", 2),
        ("x" * 10_000, 2),
        ("\u200b\ufeff", 2),
    ],
    ids=["script", "emoji", "not UTF-8", "nothing", "10,000 characters", "zero width"],
)
def test_a_real_shell_sees_no_traceback(tiny_assets, sentence, code):
    ended = subprocess.run(
        [sys.executable, "-m", "models.translate", sentence, "--to", "bn", "--assets", tiny_assets],
        cwd=ROOT, capture_output=True, check=False, env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )  # fmt: skip
    assert ended.returncode == code
    if code == 0:
        assert ended.stderr == b""
        assert ended.stdout.decode("utf-8").count("\n") == 1
    else:
        assert ended.stdout == b""
        assert re.fullmatch(rb"error: [^\n]+\n", ended.stderr)
