"""Whatever is typed stays text: a translation or a clear refusal, never mark-up, a request or a traceback."""

import pytest
from playwright.sync_api import expect

from models.language.text import MAX_GRAPHEMES
from models.language.vocabulary import shown_token

SHORT = "I am here."
TRANSLATED = (
    "👨‍👩‍👧‍👦 likes 👩🏽‍🚀.",
    "مرحبا بالعالم",
    "<script>alert(1)</script>",
    "![x](http://example.com/x.png)",
    "$\\LaTeX$ and $$x$$",
    "<b>bold</b>",
    "<s>",
    "<pad>",
    "</s>",
    "তুমি কেমন আছ?",
    ":red[x]",
    ":material/home:",
    "<img src=x onerror=alert(1)>",
    "</style><style>*{display:none}",
    "{{7*7}} %s ${x}",
    "e\u0301 ﬁ ½ İ",
)
REFUSED = (
    ("", "Type a sentence to translate."),
    ("a" * 10_000, f"10,000 characters; the translator reads at most {MAX_GRAPHEMES}"),
    ("   ", "Type a sentence to translate."),
    ("q" * 5000, f"5,000 characters; the translator reads at most {MAX_GRAPHEMES}"),
    ("\u200b\u200d\u2060\ufeff", "only invisible characters"),
    ("zq" * 60, "subwords; the translator reads at most"),
    ("a" + "\u0300" * 3000, "code points"),
)
SET_VALUE = """
(field, value) => {
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(field, value);
  field.dispatchEvent(new Event("input", { bubbles: true }));
}
"""


def assert_inert(app) -> None:
    """Nothing that was typed has become a part of the page."""
    assert app.page.locator("[data-testid=stException]").count() == 0
    assert "Traceback" not in app.page.locator("body").inner_text()
    typed_into = ".chips, output.text, .ticks, .what, .runners-up, .badge, .status"
    assert (
        app.root.locator(f":is({typed_into}) :is(script, b, s, img, a, style, svg, iframe, pad, object)").count() == 0
    )
    assert app.page.locator("script:not([src]):not([nonce])", has_text="alert").count() == 0
    assert app.page.locator("[data-testid=stHtml] :is(script:not(.st-key-pages *), img, a, iframe, b, s)").count() == 0
    assert app.page.locator("img[src*=example], .katex").count() == 0
    assert app.root.is_visible()


def test_odd_sentences_are_translated_and_shown_as_typed(open_app, shipped_translator):
    app = open_app()
    for typed in TRANSLATED:
        app.type(typed)
        trace = shipped_translator("bn").translate(typed)
        tokens = zip(trace.source_tokens, trace.source_surfaces, strict=True)
        shown = [shown_token(*token) for token in tokens]
        assert app.source_chips() == [
            text if len(text) <= 12 else app.source_chips()[at] for at, text in enumerate(shown)
        ]
        assert app.text == trace.text
        expect(app.alert).to_have_count(0)
        assert_inert(app)
    assert app.field.input_value() == TRANSLATED[-1]


def test_what_cannot_be_translated_is_refused_in_words_and_the_run_before_stays(open_app):
    app = open_app(sentence=SHORT)
    run, columns = app.data("run"), app.columns
    app.watch()
    for typed, reason in REFUSED:
        app.enter(typed)
        app.alert.filter(has_text=reason).wait_for()
        expect(app.alert).to_have_count(1)
        assert (app.data("run"), app.data("state"), app.columns) == (run, "finished", columns)
        assert app.drawn_columns() == [columns] * 6
        assert_inert(app)
    app.type("You are there.")
    expect(app.alert).to_have_count(0)
    seen = app.watched()
    assert (seen["blank"], seen["gone"]) == (0, 0)


def test_characters_that_no_keyboard_has_do_no_harm(open_app):
    app = open_app()
    for typed in ("nul \0 here", "\x1b[31mred\x07", "a\u2028b", "a\ufffdb"):
        before = app.data("run")
        set_value(app, typed)
        app.until_next_run(before)
        expect(app.alert).to_have_count(0)
        assert_inert(app)


def test_half_a_surrogate_pair_arrives_as_a_visible_unknown_character(open_app):
    """As far as it can be typed or pasted: the browser itself replaces it."""
    app = open_app()
    before = app.data("run")
    app.field.fill("")
    app.page.keyboard.insert_text("a\ud83d b")
    app.field.press("Enter")
    app.until_next_run(before)
    assert "\ufffd" in app.source_chips()
    expect(app.alert).to_have_count(0)
    assert_inert(app)


def set_value(app, typed: str) -> None:
    codes = list(memoryview(typed.encode("utf-16-le", "surrogatepass")).cast("H"))
    app.field.evaluate(f"(field, codes) => ({SET_VALUE})(field, String.fromCharCode(...codes))", codes)
    app.field.press("Enter")


@pytest.mark.parametrize("address", [
    {"sentence": "<script>alert(1)</script>", "to": "<b>", "column": "-1", "unit": "x", "order": "__proto__"},
    {"sentence": "![x](http://example.com/x.png)", "to": "fr", "column": "1e9", "unit": "9999", "order": "constructor"},
    {"sentence": "</p><img src=x onerror=alert(1)>", "column": "999999", "unit": "0", "embed": "true"},
    {"to": "mr\0", "column": "٣", "unit": "", "order": ""},
], ids=lambda address: " ".join(address))  # fmt: skip
def test_an_address_made_by_someone_else_does_no_harm(open_app, shipped_translator, address):
    app = open_app(**address)
    sentence = address.get("sentence", "She is reading a book.")
    assert app.field.input_value() == sentence
    assert app.text == shipped_translator("bn").translate(sentence).text
    assert app.page.get_by_label("Order of units").input_value() == "stored"
    assert_inert(app)


def test_an_address_that_is_not_even_text_opens_the_page(open_app, server):
    for address in ("sentence=%ED%A0%80%00", "sentence=a&sentence=b&%00=%00", "sentence=%FF%FE%%%"):
        assert_inert(open_app(url=f"{server.url}/?{address}", as_is=True))


def test_an_address_with_a_sentence_that_is_refused_says_why(open_app):
    app = open_app(sentence="a" * 1000, wait=False)
    app.alert.filter(has_text="1,000 characters").wait_for()
    assert app.root.count() == 0
    assert app.page.locator("[data-testid=stException]").count() == 0
    app.enter(SHORT)
    app.until_finished()
    expect(app.alert).to_have_count(0)
