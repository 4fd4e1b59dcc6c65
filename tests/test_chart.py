"""The chart: dots of known lines, values that are not finite, extremes, ticks, smoothing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.style import Style
from textual.app import App, ComposeResult

from cxrtui.chart.axes import (
    log_tick_labels,
    log_ticks,
    tick_labels,
    ticks,
    whole_ticks,
    widen,
)
from cxrtui.chart.drawing import PLAIN, Look, draw_chart
from cxrtui.chart.glyphs import ASCII, BRAILLE, terminal_glyphs
from cxrtui.chart.lines import COLOURS, WARNING, Line, Mark, shade
from cxrtui.chart.raster import Columns, Window, clip, decimate, draw, to_cells
from cxrtui.chart.smoothing import smooth
from cxrtui.chart.view import View
from cxrtui.chart.widget import Chart

UNIT = Window(0.0, 1.0, 0.0, 1.0)


def dots(x: list[float], y: list[float], width: int, height: int) -> list[str]:
    line = decimate(np.array(x), np.array(y), 0.0, 1.0, width)
    rows = draw(line, UNIT, width, height)
    return ["".join("#" if dot else "." for dot in row) for row in rows]


def test_a_rising_diagonal_is_a_diagonal_of_dots() -> None:
    middle = [0.125, 0.375, 0.625, 0.875]
    assert dots(middle, middle, 4, 4) == ["...#", "..##", ".##.", "##.."]


def test_a_level_line_fills_its_row_between_its_points() -> None:
    assert dots([0.0, 1.0], [0.6, 0.6], 6, 4) == ["......", "######", "......", "......"]


def test_one_point_is_one_dot() -> None:
    assert dots([0.5], [0.1], 4, 4) == ["....", "....", "....", "..#."]


def test_a_peak_within_a_column_is_a_vertical_run() -> None:
    assert dots([0.4, 0.41, 0.42], [0.1, 0.9, 0.1], 2, 4) == ["#.", "#.", "#.", "#."]


def test_a_value_that_is_not_finite_breaks_the_line_and_is_reported() -> None:
    x, y = [0.05, 0.5, 0.95], [0.6, float("nan"), 0.6]
    assert dots(x, y, 6, 4) == ["......", "#....#", "......", "......"]
    assert decimate(np.array(x), np.array(y), 0.0, 1.0, 6).lost.tolist() == [3]
    y[1] = float("inf")
    assert dots(x, y, 6, 4)[1] == "#....#"


def test_only_values_that_are_not_finite_draw_nothing() -> None:
    line = decimate(np.array([0.1, 0.2]), np.full(2, np.nan), 0.0, 1.0, 10)
    assert line.lost.tolist() == [1, 2]
    assert not draw(line, UNIT, 10, 4).any()


def test_what_lies_outside_the_window_is_left_out() -> None:
    line = decimate(np.array([-1.0, 0.5, 2.0]), np.array([0.1, 0.5, 0.9]), 0.0, 1.0, 4)
    assert line.column.tolist() == [2]
    assert dots([0.1, 0.9], [5.0, 6.0], 4, 4) == ["...."] * 4


def test_a_hundred_thousand_points_keep_every_columns_extremes() -> None:
    rng = np.random.default_rng(0)
    x, y, width = np.sort(rng.random(100_000)), rng.normal(size=100_000), 300
    line = decimate(x, y, 0.0, 1.0, width)
    column = np.minimum((x * width).astype(int), width - 1)
    for place, number in enumerate(line.column):
        own = y[column == number]
        assert line.low[place] == own.min()
        assert line.high[place] == own.max()
        assert (line.first[place], line.last[place]) == (own[0], own[-1])
    assert line.column.tolist() == list(range(width))


def test_braille_bits_are_those_of_unicode() -> None:
    cell = np.zeros((4, 2), np.bool_)
    order = [(0, 0), (1, 0), (2, 0), (0, 1), (1, 1), (2, 1), (3, 0), (3, 1)]
    for bit, (row, column) in enumerate(order):
        cell[:] = False
        cell[row, column] = True
        assert to_cells(cell, BRAILLE.bits).tolist() == [[1 << bit]]


@pytest.mark.parametrize(
    ("low", "high", "most", "expected"),
    [
        (0.0, 60.0, 7, [0, 10, 20, 30, 40, 50, 60]),
        (0.1, 0.3, 5, [0.1, 0.15, 0.2, 0.25, 0.3]),
        (0.0, 1.0, 3, [0.0, 0.5, 1.0]),
        (-1.0, 1.0, 2, [0.0]),
    ],
)
def test_ticks_are_round(low: float, high: float, most: int, expected: list[float]) -> None:
    assert ticks(low, high, most) == pytest.approx(expected)


@given(
    st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.integers(1, 20)
)  # fmt: skip
def test_ticks_are_few_within_and_even(low: float, width: float, most: int) -> None:
    found = ticks(low, low + width, most)
    slack = width * 1e-6
    assert len(found) <= most
    assert all(low - slack <= tick <= low + width + slack for tick in found)
    gaps = np.diff(found)
    assert gaps.size == 0 or np.allclose(gaps, gaps[0], rtol=1e-6)
    labels = tick_labels(found)
    assert len(labels) == len(found)


def test_epochs_are_whole() -> None:
    assert ticks(0.0, 10.0, 5) == [0.0, 2.5, 5.0, 7.5, 10.0]
    assert whole_ticks(0.0, 10.0, 5) == [0.0, 5.0, 10.0]
    assert whole_ticks(0.0, 60.0, 5) == [0.0, 20.0, 40.0, 60.0]
    assert whole_ticks(0.0, 1.0, 5) == [0.0, 1.0]
    assert whole_ticks(0.2, 0.9, 4) == ticks(0.2, 0.9, 4)


def test_tick_labels_have_just_enough_decimals() -> None:
    assert tick_labels([0.1, 0.15, 0.2]) == ["0.10", "0.15", "0.20"]
    assert tick_labels([0.0, 10.0, 20.0]) == ["0", "10", "20"]
    assert tick_labels([0.0, 2.5]) == ["0.0", "2.5"]
    assert tick_labels([1e-5, 2e-5]) == ["1.0e-05", "2.0e-05"]
    assert tick_labels([]) == []


def test_an_axis_without_an_extent_is_refused_and_widened() -> None:
    with pytest.raises(ValueError, match="cannot reach"):
        ticks(1.0, 1.0, 3)
    assert widen(0.0, 0.0) == (-1.0, 1.0)
    low, high = widen(0.3, 0.3)
    assert low < 0.3 < high


@pytest.mark.parametrize("weight", [0.0, 0.6, 0.99])
def test_smoothing_is_the_recurrence(weight: float) -> None:
    values = np.random.default_rng(1).normal(size=1000)
    expected, state = [], 0.0
    for count, value in enumerate(values, start=1):
        state = weight * state + (1 - weight) * value
        expected.append(state / (1 - weight**count))
    assert smooth(values, weight) == pytest.approx(np.array(expected))


def test_smoothing_leaves_values_that_are_not_finite_in_their_place() -> None:
    values = np.array([1.0, np.nan, 1.0, np.inf, 1.0])
    smoothed = smooth(values, 0.9)
    assert np.isnan(smoothed[1])
    assert np.isinf(smoothed[3])
    assert smoothed[[0, 2, 4]] == pytest.approx(1.0)
    with pytest.raises(ValueError, match="weight"):
        smooth(values, 1.0)


class OneChart(App[None]):
    def compose(self) -> ComposeResult:
        yield Chart(glyphs=BRAILLE)


def rows_of(chart: Chart) -> list[str]:
    return [chart.render_line(row).text for row in range(chart.size.height)]


async def test_the_widget_draws_axes_marks_and_lost_values() -> None:
    app = OneChart()
    async with app.run_test(size=(60, 12)) as pilot:
        chart = app.query_one(Chart)
        x = np.linspace(0, 60, 500)
        y = np.linspace(0.7, 0.1, 500)
        y[400] = np.nan
        marks = [Mark(30.0, "stage", "stage2"), Mark(40.0, "restart", "↻")]
        chart.show_lines([Line("loss", x, y, COLOURS[0])], marks, (0.0, 60.0))
        await pilot.pause()
        rows = rows_of(chart)
        assert all(len(row) == 60 for row in rows)
        assert "│stage2" in rows[0]
        assert "↻" in rows[0]
        assert "\N{MULTIPLICATION SIGN}" in rows[0]
        assert rows[-1].split() == ["0", "20", "40", "60"]
        assert any("0.6┤" in row for row in rows)
        lost = [
            segment for segment in chart.render_line(0) if "\N{MULTIPLICATION SIGN}" in segment.text
        ]
        assert lost[0].style is not None
        assert lost[0].style.color is not None
        assert lost[0].style.color.name == WARNING.lower()


@pytest.mark.parametrize("size", [(1, 1), (8, 2), (14, 3), (200, 60)])
async def test_the_widget_fits_any_size(size: tuple[int, int]) -> None:
    app = OneChart()
    async with app.run_test(size=size) as pilot:
        chart = app.query_one(Chart)
        chart.show_lines([Line("loss", np.arange(5.0), np.arange(5.0), COLOURS[0])], [], (0.0, 5.0))
        await pilot.pause()
        assert all(len(row) == size[0] for row in rows_of(chart))


async def test_the_widget_says_when_there_is_nothing_to_draw() -> None:
    app = OneChart()
    async with app.run_test(size=(60, 12)):
        chart = app.query_one(Chart)
        assert "no points yet" in "".join(rows_of(chart))
        lost = Line("loss", np.arange(3.0), np.full(3, np.nan), COLOURS[0])
        chart.show_lines([lost], [], (0.0, 3.0))
        assert "not finite" in "".join(rows_of(chart))


def drawn(lines: list[Line], marks: list[Mark], look: Look = PLAIN) -> list[str]:
    canvas = draw_chart(lines, marks, (0.0, 10.0), 60, 12, look)
    return [strip.text for strip in canvas.strips(Style.null())]


def test_a_sign_stands_on_its_line_and_those_of_several_do_not_meet() -> None:
    x = np.linspace(0.0, 10.0, 11)
    lines = [
        Line("one", x, np.full(11, 0.2), COLOURS[0], sign="A"),
        Line("two", x, np.full(11, 0.2), COLOURS[1], sign="B"),
        Line("low", x, np.zeros(11), COLOURS[2]),
    ]
    rows = drawn(lines, [])
    signed = [row for row in rows if set(row) & set("AB")]
    assert len(signed) == 1
    assert signed[0].count("A") == signed[0].count("B") >= 4


def test_a_line_shorter_than_a_period_has_its_sign_too() -> None:
    x = np.array([4.0, 4.1])
    rows = drawn([Line("short", x, np.array([1.0, 2.0]), COLOURS[0], sign="A")], [])
    assert "".join(rows).count("A") == 1


def test_half_of_a_dashed_line_is_left_out() -> None:
    x, y = np.linspace(0.0, 10.0, 101), np.full(101, 0.5)
    solid = "".join(drawn([Line("solid", x, y, COLOURS[0])], []))
    dashed = "".join(drawn([Line("dashed", x, y, COLOURS[0], dashed=True)], []))
    whole, left = (
        sum((ord(sign) - 0x2800).bit_count() for sign in text if ord(sign) > 0x2800)
        for text in (solid, dashed)
    )
    assert 0.4 < left / whole < 0.6


def test_the_text_of_a_mark_gives_way_to_a_line() -> None:
    x = np.linspace(0.0, 10.0, 101)
    line = Line("high", x, np.where(x < 3, 0.0, 1.0), COLOURS[0])
    rows = drawn([line], [Mark(5.0, "stage", "2nd")])
    assert "2nd" not in rows[0]
    assert sum("│2nd" in row for row in rows) == 1


def test_a_shade_is_darker() -> None:
    assert shade("#FF8000", 0.5) == "#804000"


def slow_columns(x: list[float], y: list[float], width: int, least: float) -> list[object]:
    """What `decimate` says of points within 0 and 1, point by point."""
    kept: dict[int, list[float]] = {}
    lost, sunk, broken = set(), set(), []
    last, is_broken = -1, False
    for place, value in zip(x, y, strict=True):
        column = min(int(place * width), width - 1)
        if not np.isfinite(value):
            lost.add(column)
            is_broken = True
        elif value <= least:
            sunk.add(column)
            is_broken = True
        else:
            if kept and column != last:
                broken.append(is_broken)
            kept.setdefault(column, []).append(value)
            last, is_broken = column, False
    ends = [(min(own), max(own), own[0], own[-1]) for own in kept.values()]
    return [list(kept), ends, broken, sorted(lost), sorted(sunk)]


def as_told(found: Columns) -> list[object]:
    ends = zip(found.low, found.high, found.first, found.last, strict=True)
    return [
        found.column.tolist(),
        [tuple(map(float, end)) for end in ends],
        found.broken.tolist(),
        found.lost.tolist(),
        found.sunk.tolist(),
    ]


@settings(derandomize=True, max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 63), st.sampled_from([1.0, 2.0, 0.5, 0.0, -1.0, np.nan, np.inf, -np.inf])
        ),
        max_size=40,
    ),
    st.booleans(),
)
def test_columns_are_those_of_a_plain_loop(points: list[tuple[int, float]], positive: bool) -> None:
    points.sort(key=lambda point: point[0])
    x, y = [place / 64 for place, _ in points], [value for _, value in points]
    found = decimate(np.array(x), np.array(y), 0.0, 1.0, 4, positive=positive)
    assert as_told(found) == slow_columns(x, y, 4, 0.0 if positive else -np.inf)


def test_a_line_is_cut_where_it_crosses_the_edges() -> None:
    x, y = np.array([0.0, 2.0, 4.0, 8.0]), np.array([0.0, 2.0, np.nan, 8.0])
    left, right = clip(x, y, 1.0, 6.0)
    assert left.tolist() == [1, 2, 4, 6]
    np.testing.assert_array_equal(right, [1, 2, np.nan, np.nan])
    assert [part.tolist() for part in clip(x, y, 0.5, 1.0)] == [[0.5, 1.0], [0.5, 1.0]]
    assert [part.size for part in clip(x, y, 9.0, 10.0)] == [0, 0]
    assert clip(x, y, 0.0, 8.0)[0].base is x  # nothing is copied where nothing is cut


@pytest.mark.parametrize(
    ("low", "high", "most", "expected"),
    [
        (0.015, 0.7, 9, [0.02, 0.05, 0.1, 0.2, 0.5]),
        (0.001, 100.0, 6, [0.001, 0.01, 0.1, 1.0, 10.0, 100.0]),
        (1e-9, 1.0, 4, [1e-9, 1e-6, 1e-3, 1.0]),
        (0.21, 0.29, 5, [0.22, 0.24, 0.26, 0.28]),
    ],
)
def test_ticks_of_a_logarithmic_axis(
    low: float, high: float, most: int, expected: list[float]
) -> None:
    assert log_ticks(low, high, most) == pytest.approx(expected)


def test_tick_labels_of_what_is_large_and_of_logarithms() -> None:
    assert tick_labels([0.0, 2.5e6, 5e6]) == ["0.0M", "2.5M", "5.0M"]
    assert tick_labels([0.0, 1e9]) == ["0G", "1G"]
    assert log_tick_labels([1e-5, 0.02, 1.0, 5e6]) == ["1e-05", "0.02", "1", "5e+06"]
    with pytest.raises(ValueError, match="logarithmic"):
        log_ticks(0.0, 1.0, 3)


def test_an_exponential_is_straight_on_a_logarithmic_axis() -> None:
    x = np.linspace(0.0, 10.0, 101)
    straight = drawn([Line("line", x, -x, COLOURS[0])], [])
    bent = drawn([Line("line", x, 10.0**-x, COLOURS[0])], [], Look(log_y=True))
    assert [row[6:] for row in bent] == [row[6:] for row in straight]
    assert [row[:6] for row in bent if "┤" in row] == ["    1┤", "0.001┤", "1e-06┤", "1e-09┤"]


def test_what_has_no_logarithm_is_marked_below() -> None:
    x, y = np.linspace(0.0, 10.0, 11), np.full(11, 0.5)
    y[5], y[8] = 0.0, np.nan
    rows = drawn([Line("loss", x, y, COLOURS[0])], [], Look(log_y=True))
    assert (rows[-2].count("▾"), rows[0].count("\N{MULTIPLICATION SIGN}")) == (1, 1)
    assert rows[-2].index("▾") == 6 + 27
    none = drawn([Line("loss", x, -y, COLOURS[0])], [], Look(log_y=True))
    assert "not positive" in "".join(none)


def test_in_ascii_the_same_columns_are_drawn() -> None:
    x = np.linspace(0.0, 10.0, 400)
    y = 0.5 + np.sin(x)
    y[200] = np.nan
    marks = [Mark(2.0, "stage", "Stufe ä"), Mark(7.0, "restart", "↻")]
    line = [Line("loss", x, y, COLOURS[0])]
    rows = drawn(line, marks, Look(ASCII, cursor=4.0))
    assert all(character.isascii() for row in rows for character in row)
    assert "x" in rows[0]
    assert sum("|Stufe ?" in row for row in rows) == 1
    assert any("R" in row for row in rows)
    assert all("!" in row for row in rows[:2])
    braille = drawn(line, [], PLAIN)
    plain = drawn(line, [], Look(ASCII))
    assert [row[:6] for row in plain] == [
        row[:6].translate({0x2502: "|", 0x2524: "+"}) for row in braille
    ]
    for row in range(11):
        ours = [place for place, one in enumerate(plain[row]) if place > 5 and one != " "]
        theirs = [place for place, one in enumerate(braille[row]) if place > 5 and one != " "]
        assert ours == theirs


def test_a_terminal_without_braille_gets_ascii(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("locale.getencoding", lambda: "UTF-8")
    assert terminal_glyphs({"TERM": "xterm-256color"}) is BRAILLE
    assert terminal_glyphs({"TERM": "linux"}) is ASCII
    monkeypatch.setattr("locale.getencoding", lambda: "ANSI_X3.4-1968")
    assert terminal_glyphs({}) is ASCII


def test_the_value_at_a_place_is_that_of_the_nearest_point() -> None:
    line = Line("loss", np.array([1.0, 2.0, 4.0]), np.array([10.0, 20.0, np.nan]), COLOURS[0])
    assert [line.value_at(x, 0.5) for x in (0.6, 1.4, 1.6, 2.9)] == [10, 10, 20, 20]
    assert np.isnan(line.value_at(4.4, 0.5) or 0.0)
    assert (line.value_at(0.4, 0.5), line.value_at(4.6, 0.5)) == (None, None)
    assert Line("none", np.empty(0), np.empty(0), COLOURS[0]).value_at(0.0, 1.0) is None


def test_zooming_keeps_what_is_under_the_cursor() -> None:
    view = View(60.0).zoom(2.0, 15.0)
    assert view.range == (7.5, 37.5)
    assert view.zoom(0.5, 15.0) == View(60.0)
    assert view.zoom(1e9, 10.0).width == pytest.approx(0.006)
    assert view.pan(-1.0).range == (0.0, 30.0)
    assert view.pan(9.0).range == (30.0, 60.0)
    assert view.showing(50.0).range == (20.0, 50.0)
    assert view.grown(90.0).range == (7.5, 37.5)
    assert view.grown(20.0).range == (0.0, 20.0)
    assert View(60.0).grown(90.0).range == (0.0, 90.0)
