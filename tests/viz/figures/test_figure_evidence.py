"""Scores, curves and verdicts: every number in its place, in pictures that need no colour, and in true sentences."""

import re
from html import unescape

import numpy as np
import pytest
from test_figure_theme import contrast

from models.evaluation.results import Counted, Curve, Rated, Score
from viz.figures import evidence, theme
from viz.figures import evidence_captions as said
from viz.figures.evidence import curve_chart, epoch_ticks, gap_chart, interval_chart, kept_apart, verdict_chart

ROWS = [
    Rated("Bangla, all", 300, {"chrf": Score(48.17, (45.08, 51.02)), "bleu": Score(28.2, (24.0, 32.0))}),
    Rated("<b>$near$</b>", 61, {"chrf": Score(70.04, (60.0, 79.9))}),
    Rated("far", 239, {"chrf": Score(40.0), "bleu": Score(20.0)}),
]
SEEN, HELD = Curve("trained on", (4.5, 2.5, 1.25)), Curve("held out", (4.4, 2.0, 2.25))
VERDICTS = [
    Counted("Bangla", {"right": 60, "understandable": 50, "wrong": 40, "not_judged": 0}),
    Counted("<i>Marathi", {"right": 1, "understandable": 0, "wrong": 2, "not_judged": 147}),
]


def labels(figure) -> list[str]:
    return [unescape(annotation.text) for annotation in figure.layout.annotations]


# --- scores


def test_every_score_has_its_dot_and_its_interval_in_its_row():
    (trace,) = interval_chart(ROWS, "chrf").data
    assert trace.x.tolist() == [48.17, 70.04, 40.0]
    assert trace.y.tolist() == [0, 1, 2]
    np.testing.assert_allclose(trace.x - trace.error_x.arrayminus, [45.08, 60.0, 40.0])
    np.testing.assert_allclose(trace.x + trace.error_x.array, [51.02, 79.9, 40.0])


def test_a_row_that_was_not_measured_leaves_no_dot_behind():
    figure = interval_chart(ROWS, "bleu")
    assert figure.data[0].x.tolist() == [28.2, 20.0]
    assert labels(figure)[::2] == ["Bangla, all", "far"]


def test_scores_are_on_one_scale_in_every_picture_and_the_first_row_is_on_top():
    for rows in (ROWS, ROWS[:1]):
        low, high = interval_chart(rows, "chrf").layout.xaxis.range
        assert (round(low), round(high)) in {(-2, 102), (-1, 101)}
        top, bottom = interval_chart(rows, "chrf").layout.yaxis.range[::-1]
        assert top < 0 < len(rows) - 1 < bottom or len(rows) == 1


def test_numbers_stand_beside_what_they_are_of():
    figure = interval_chart(ROWS, "chrf", counts=True)
    assert labels(figure) == [
        "Bangla, all (300)", "48.2 (45.1 to 51.0)", "<b>$near$</b> (61)", "70.0 (60.0 to 79.9)", "far (239)", "40.0",
    ]  # fmt: skip
    assert [annotation.y for annotation in figure.layout.annotations] == [0, 0, 1, 1, 2, 2]


@pytest.mark.parametrize("dark", [False, True])
def test_no_label_is_taken_for_markup_or_for_a_formula(dark):
    curve = Curve("<b>$x$", (1.0, 2.0))
    for figure in (
        interval_chart(ROWS, "chrf", True, dark),
        verdict_chart(VERDICTS, dark),
        curve_chart("t", "y", [curve], (0, 3), dark),
    ):  # fmt: skip
        texts = [annotation.text for annotation in figure.layout.annotations]
        for trace in figure.data:
            texts += [trace.name or "", *(trace.text if trace.text is not None else ()), *(trace.hovertext or ())]
        assert texts
        for text in texts:
            assert "<" not in text.replace("<br>", "")
            assert "$" not in text


# --- curves


def test_curves_hold_the_numbers_of_their_epochs_from_the_first():
    first, second = gap_chart("Bangla", SEEN, HELD).data
    assert (first.x.tolist(), first.y.tolist()) == ([1, 2, 3], [4.5, 2.5, 1.25])
    assert (second.x.tolist(), second.y.tolist()) == ([1, 2, 3], [4.4, 2.0, 2.25])


def test_an_epoch_that_was_not_measured_is_left_out_and_keeps_its_number():
    figure = curve_chart("t", "y", [Curve("c", (None, 0.0, None, 2.0))], (0, 3))
    assert (figure.data[0].x.tolist(), figure.data[0].y.tolist()) == ([2, 4], [0.0, 2.0])


def test_two_curves_are_told_apart_without_colour():
    first, second = gap_chart("Bangla", SEEN, HELD).data
    assert first.line.color == second.line.color
    assert first.line.dash == "dot"
    assert second.line.dash is None
    assert first.marker.color != second.marker.color
    assert labels(gap_chart("Bangla", SEEN, HELD)) == ["trained on<br>1.25", "held out<br>2.25"]


def test_the_gap_is_drawn_from_curve_to_curve_at_the_last_epoch():
    (line,) = gap_chart("Bangla", SEEN, HELD).layout.shapes
    assert (line.x0, line.x1, line.y0, line.y1) == (3, 3, 1.25, 2.25)
    assert not gap_chart("Bangla", SEEN, Curve("held out", (4.4, 2.0, None))).layout.shapes, "not at one epoch"


def test_a_cross_entropy_is_shown_from_zero_so_that_a_gap_is_not_made_larger():
    low, high = gap_chart("Bangla", SEEN, HELD).layout.yaxis.range
    assert low == 0
    assert 4.5 < high < 5


def test_one_pair_of_numbers_is_enough():
    note = [Curve(label, [value], [500], ".4f") for label, value in (("trained on", 0.0419), ("held out", 3.7001))]
    figure = gap_chart("A lecture note", *note)
    assert [trace.x.tolist() for trace in figure.data] == [[500], [500]]
    assert labels(figure) == ["trained on<br>0.0419", "held out<br>3.7001"]
    assert figure.layout.xaxis.tickvals == (500,)


@pytest.mark.parametrize("places", [(10.0, 30.0), (30.0, 10.0), (20.0, 20.0), (0.0, 100.0)])
def test_labels_at_the_ends_never_lie_on_each_other(places):
    moved = [place + move for place, move in zip(places, kept_apart(places, 40), strict=True)]
    assert abs(moved[0] - moved[1]) >= 40 - 1e-9
    assert np.sign(moved[0] - moved[1]) in {np.sign(places[0] - places[1]), -1, 1}
    if abs(places[0] - places[1]) >= 40:
        assert moved == list(places)


@pytest.mark.parametrize(("first", "last"), [(1, 1), (1, 3), (1, 24), (2, 25), (500, 500)])
def test_ticks_are_whole_epochs_and_the_last_is_among_them(first, last):
    ticks = epoch_ticks(first, last)
    assert ticks[-1] == last
    assert first <= ticks[0]
    assert 1 <= len(ticks) <= 7


# --- verdicts


def test_a_bar_is_divided_as_the_verdicts_are():
    figure = verdict_chart(VERDICTS)
    drawn = {trace.name: trace.x.tolist() for trace in figure.data}
    assert drawn == {"right": [60, 1], "understandable": [50, 0], "wrong": [40, 2], "not judged": [0, 147]}
    assert figure.layout.barmode == "stack"
    assert [list(trace.text) for trace in figure.data] == [["60", "1"], ["50", ""], ["40", "2"], ["", "147"]]
    assert "150 sentences" in labels(figure)


def test_a_verdict_that_nobody_gave_is_not_in_the_key():
    assert [trace.name for trace in verdict_chart(VERDICTS[:1]).data] == ["right", "understandable", "wrong"]


@pytest.mark.parametrize("tones", [evidence.TONES, evidence.TONES_DARK])
def test_verdicts_are_told_by_lightness_and_their_numbers_can_be_read(tones):
    for tone, on_tone in tones.values():
        assert contrast(on_tone, tone) >= 4.5
    lightness = [theme.oklab(theme.srgb(tone))[0] for tone, _ in tones.values()]
    steps = np.diff(lightness)
    assert (steps > 0.03).all() or (steps < -0.03).all()


@pytest.mark.parametrize(("ink", "page"), [(evidence.INK, "#ffffff"), (evidence.INK_DARK, theme.DARK_PAGE)])
def test_the_ink_can_be_seen(ink, page):
    assert contrast(ink, page) >= 4.5


@pytest.mark.parametrize("dark", [False, True])
def test_words_in_pictures_can_be_read(dark):
    page = theme.DARK_PAGE if dark else "#ffffff"
    pictures = (
        interval_chart(ROWS, "chrf", False, dark),
        gap_chart("t", SEEN, HELD, dark),
        verdict_chart(VERDICTS, dark),
    )
    for figure in pictures:
        colours = {figure.layout.font.color, *(annotation.font.color for annotation in figure.layout.annotations)}
        assert all(contrast(colour, page) >= 7 for colour in colours)
        assert figure.layout.template.layout.font.family == theme.FONT


def test_a_figure_is_pure():
    for draw in (
        lambda: interval_chart(ROWS, "chrf"), lambda: gap_chart("t", SEEN, HELD), lambda: verdict_chart(VERDICTS),
    ):  # fmt: skip
        assert draw().to_json() == draw().to_json()


# --- sentences


def test_the_headline_says_score_interval_and_how_many_sentences():
    sentence = said.headline("Bangla", ROWS[0])
    assert "chrF2++ 48.2 (95 % interval 45.1 to 51.0)" in sentence
    assert "BLEU 28.2 (95 % interval 24.0 to 32.0)" in sentence
    assert "300 English sentences that it was not trained on" in sentence
    assert "40.0 (no interval measured)" in said.headline("Bangla", ROWS[2])


def test_a_picture_of_scores_is_told_row_by_row():
    sentence = said.intervals_caption(ROWS, "bleu")
    assert "Bangla, all, 300 sentences: 28.2 (24.0 to 32.0); far, 239 sentences: 20.0." in sentence
    assert "near" not in sentence


def test_sentences_near_the_training_are_told_from_the_others():
    sentence = said.nearness_caption(ROWS[1], ROWS[2])
    assert "20 % are near a training sentence" in sentence
    assert "chrF2++ 70.0" in sentence
    assert "chrF2++ 40.0, 30.0 lower" in sentence
    assert "30.0 higher" in said.nearness_caption(ROWS[2], ROWS[1])


def test_lengths_are_compared_from_the_shortest_to_the_longest_that_was_measured():
    rows = [
        Rated("1–5", 9, {"chrf": Score(60, (50, 70))}),
        Rated("6+", 1, {"chrf": Score(30, (20, 40))}),
        Rated("9+", 0, {}),
    ]
    sentence = said.lengths_caption("Bangla", rows)
    assert "60.0 at 1–5, 30.0 at 6+ (1 sentence)." in sentence
    assert "overlap" not in sentence
    near = [rows[0], Rated("6+", 1, {"chrf": Score(55, (45, 65))})]
    assert "overlap" in said.lengths_caption("Bangla", near)
    assert "not enough" in said.lengths_caption("Bangla", rows[:1])


def test_the_gap_is_that_of_the_last_epoch_and_the_lowest_point_is_told():
    sentence = said.gap_caption("Bangla", SEEN, HELD)
    assert "after epoch 3 the cross-entropy is 1.25 on training pairs and 2.25 on pairs held out" in sentence
    assert "a gap of 1.00" in sentence
    assert "its lowest was 2.00 after epoch 2" in sentence
    for values in ((3.0, 2.0, 1.5), (3.0, 1.4999, 1.5)):
        assert "(its lowest)" in said.gap_caption("Bangla", SEEN, Curve("held out", values))


def test_the_note_is_quoted_exactly_and_not_compared():
    sentence = said.note_caption(500, 0.0419, 3.7001)
    for quoted in ("epoch 500", "0.0419", "3.7001", "3.66"):
        assert quoted in sentence
    assert not re.search("better|worse|than (ours|this network)", sentence)


def test_a_score_curve_is_told_from_start_to_end_with_its_best():
    sentence = said.scores_curve_caption(
        "Bangla", [Curve("BLEU", (1.0, 30.0, 28.0)), Curve("chrF2++", (10.0, 40.0, 50.0))]
    )
    assert "BLEU 1.0 after epoch 1 and 28.0 after epoch 3 (the highest, 30.0, after epoch 2)" in sentence
    assert "chrF2++ 10.0 after epoch 1 and 50.0 after epoch 3 (the highest)" in sentence


def test_verdicts_are_counted_in_words():
    assert said.verdicts_caption(VERDICTS[0]).endswith(
        "of 150 everyday sentences, 60 right, 50 understandable, 40 wrong."
    )
    assert "147 not judged" in said.verdicts_caption(VERDICTS[1])


@pytest.mark.parametrize(("right", "of", "text"), [
    (0, 1200, "0 %"), (7, 1200, "0.6 %"), (1, 12000, "less than 0.1 %"), (44, 100, "44 %"), (100, 100, "100 %"),
    (11999, 12000, "more than 99.9 %"), (0, 0, "none asked"), (95, 100, "95.0 %"),
])  # fmt: skip
def test_a_share_is_never_rounded_to_none_or_to_all(right, of, text):
    assert said.share_words(said.Share(right, of)) == text


def test_a_difference_has_its_sign_interval_and_p():
    assert said.difference_text(said.Difference(0.84, (-0.12, 1.71), 0.0812)) == "+0.8 (−0.1 to +1.7), p = 0.081"
    assert said.difference_text(said.Difference(-2.0, (-3.0, -1.04), 1 / 1001)) == "−2.0 (−3.0 to −1.0), p ≤ 0.001"
    assert said.difference_text(said.Difference(1.0, (0.1, 1.9), 0.002)).endswith("p = 0.002")
    assert said.signed(-0.04) == "0.0"


def test_how_many_differences_are_tested_at_once_is_said_with_what_chance_makes_of_so_many():
    ps = [0.001] * 3 + [0.01, 0.04] + [0.5] * 11
    sentence = said.comparisons_caption([said.Difference(1.0, (0.0, 2.0), p) for p in ps])
    assert "This page has 16 differences." in sentence
    assert "about 0.8 of them would" in sentence
    assert "; 5 of them have." in sentence
    assert "0.05 / 16 = 0.0031 (Bonferroni): 3 of them" in sentence


@pytest.mark.parametrize(("p", "words"), [(0.2, "could bring about"), (0.04, "would hardly bring about")])
def test_a_difference_is_told_from_chance_by_its_p(p, words):
    other = Rated("beam", 300, {"chrf": Score(49.0)})
    sentence = said.beam_caption("Bangla", 4, ROWS[0], other, said.Difference(0.83, (0.1, 1.5), p))
    assert words in sentence
    assert "a beam of 4 scores chrF2++ 49.0, greedy search 48.2" in sentence
