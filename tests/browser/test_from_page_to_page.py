"""From page to page and back: by the line of pages, and by the buttons of the browser."""

import pytest
from walking import walk

TITLES = {
    "translate": "Translate", "cell": "Inside the cell", "memory": "Memory", "lab": "Gate lab", "compare": "Compare",
    "tree": "Beam tree", "trust": "Trust", "tasks": "Long memory", "gradients": "Gradients",
}  # fmt: skip
# Of the page on view: what its line has chosen, the current page, its place; once nothing has run for a while, since
# Streamlit can lose its place on the page where one that still runs is left.
LINE = """() => {
  const state = document.querySelector("[data-testid=stApp]")?.dataset.testScriptState;
  if (state !== "notRunning") window.restedAt = null;
  else window.restedAt ??= performance.now();
  if (state !== "notRunning" || performance.now() - window.restedAt < 200) return null;
  const line = document.querySelector(".st-key-pages");
  if (!line) return null;
  const { x, y } = line.getBoundingClientRect();
  return {
    page: [...line.querySelectorAll("[aria-current=page]")].map((link) => link.textContent).join(),
    sentence: document.querySelector("input[aria-label='English sentence']")?.value ?? null,
    language: document.querySelector("[role=radio][aria-checked=true]")?.textContent ?? null,
    at: [x, y],
  };
}"""


def line_of(app, **expected):
    """The line above the page once it is as expected and the page is complete."""

    def found():
        return app.page.wait_for_function(
            f"""expected => {{ const found = ({LINE})();
            return found && Object.entries(expected).every(([name, value]) => found[name] === value) && found; }}""",
            arg=expected, polling=50,
        ).json_value()  # fmt: skip

    found()
    if expected["page"] not in ("Trust", "Beam tree", "Gradients"):  # which have no heat maps
        app.until_finished()
    return found()


def test_the_sentence_and_the_line_of_pages_stay_on_every_way_from_one_page_to_another(open_app):
    app = open_app(sentence="I am here.", to="mr")
    places, language = set(), "Marathi"
    for step, room in enumerate(walk()[1:]):
        app.page.get_by_role("link", name=TITLES[room], exact=True).click()
        chosen = {} if room in ("trust", "tasks", "gradients") else {"sentence": "I am here.", "language": language}
        found = line_of(app, page=TITLES[room], **chosen)
        if chosen and step % 5 == 0:  # what is chosen on the way goes along
            language = {"Marathi": "Bangla", "Bangla": "Marathi"}[language]
            app.page.get_by_role("radio", name=language).first.click()
            line_of(app, page=TITLES[room], language=language)
        places.add(tuple(found["at"]))
    assert len(places) == 1, "the line stands in the same place on every page"


def test_back_and_forward_restore_what_stood_there(open_app):
    app = open_app(sentence="I am here.", to="mr")
    stands = {"page": "Translate", "sentence": "I am here.", "language": "Marathi"}
    stood = [stands]
    for name, value in (
        ("sentence", "You are there."), ("language", "Bangla"), ("sentence", "Help!"), ("page", "Inside the cell"),
        ("sentence", "She is here."), ("page", "Beam tree"), ("page", "Translate"), ("language", "Marathi"),
        ("sentence", "I am here."), ("sentence", "Go."),
    ):  # fmt: skip
        if name == "sentence":
            app.enter(value)
        else:
            app.page.get_by_role("radio" if name == "language" else "link", name=value, exact=True).click()
        stands = stands | {name: value}
        line_of(app, **stands)
        stood.append(stands)
    app.until_finished()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown", "ArrowLeft"):  # cells that move are no steps
        app.plots.first.press(key)
    app.page.wait_for_function("() => new URL(location).searchParams.has('column')")
    app.until_idle()
    moved = app.page.url
    for move, places in (("back", stood[-2::-1]), ("forward", stood[1:])):
        for stands in places:
            app.page.evaluate(f"history.{move}()")
            line_of(app, **stands)
    assert app.page.url == moved
    app.until_finished()
    assert app.field.input_value() == "Go."


@pytest.mark.parametrize("dark", [False, True])
def test_on_a_telephone_the_line_of_pages_is_folded(open_app, dark):
    app = open_app(width=380, dark=dark)
    fold, link = app.page.get_by_role("button", name="Pages: Translate"), app.page.locator(".st-key-pages a")
    assert not any(each.is_visible() for each in link.all())
    fold.press("Enter")
    assert all(each.is_visible() for each in link.all())
    app.page.keyboard.press("Escape")
    assert not any(each.is_visible() for each in link.all())
    fold.click()
    app.page.get_by_role("link", name="Trust", exact=True).click()
    app.page.get_by_role("button", name="Pages: Trust").wait_for()
    assert not any(each.is_visible() for each in link.all())
