"""The poster's figure as a picture: the lines that are drawn, its text, and its bytes."""

import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from lineage_workspace import POSTER, REPEATED, lineage_workspace, teach, teach_all
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.lines import Line2D

from cxrtui.figures.curves import curve_figure
from cxrtui.figures.formats import as_png, as_svg
from cxrtui.figures.paper import PAPER_COLOURS
from cxrtui.lineages.lineage import Lineage, ending_words, number
from cxrtui.lineages.reading import MOST, FoundLineages, read_lineages
from jobs.recipe.load import load_recipe
from jobs.workspace import Workspace

SMALL = [0.10, 0.16, 0.20, 0.22, 0.24, 0.25]
STAGED = [0.21, 0.26, 0.28, 0.29]
LARGE = [0.12, 0.18, 0.22, 0.24, 0.26, 0.27]
SVG = "{http://www.w3.org/2000/svg}"
ROOT = Path(__file__).resolve().parent.parent


def found(workspace: Workspace, *names: str) -> FoundLineages:
    recipe = load_recipe(workspace.settings.recipe).recipe
    with workspace.database.read() as connection:
        return read_lineages(connection, recipe, names)


@pytest.fixture(scope="module")
def poster(tmp_path_factory: pytest.TempPathFactory) -> tuple[Lineage, ...]:
    """Both lineages of the poster; the large one is in its second stage still."""
    made = lineage_workspace(tmp_path_factory.mktemp("poster") / "w")
    curves = {"small": SMALL, "staged": STAGED, "large1": LARGE, "large2": [0.24, 0.27]}
    teach_all(made, curves)
    return found(made.workspace, "staged", "large2").lineages


@pytest.fixture(scope="module")
def repeated(tmp_path_factory: pytest.TempPathFactory) -> FoundLineages:
    """Two repeats of which one is an epoch behind; of the large lineage one has not begun."""
    made = lineage_workspace(
        tmp_path_factory.mktemp("repeated") / "w",
        REPEATED,
        queued=["small-s0", "small-s1", "staged-s0", "staged-s1", "large1-s0"],
    )
    more = [value + 0.02 for value in SMALL]
    teach_all(made, {"small-s0": SMALL, "small-s1": more, "large1-s0": LARGE})
    teach_all(made, {"staged-s0": STAGED, "staged-s1": [0.25, 0.28, 0.30]})
    return found(made.workspace, "staged", "large2")


def drawn(axes: Axes) -> list[Line2D]:
    """The lines of data: all but the starts of stages."""
    return [line for line in axes.lines if line.get_linestyle() != ":"]


def texts_of(svg: str) -> set[str]:
    """All that is written in a picture."""
    texts = ET.fromstring(svg).iter(f"{SVG}text")
    return {"".join(text.itertext()).strip() for text in texts}


def test_each_model_begins_where_its_parents_epochs_end(poster: tuple[Lineage, ...]) -> None:
    loss, score = curve_figure(poster).axes
    staged, large = drawn(score)
    assert staged.get_xdata().tolist() == list(range(1, 11))
    assert staged.get_ydata().tolist() == SMALL + STAGED
    assert large.get_xdata().tolist() == list(range(1, 9))
    assert large.get_ydata().tolist() == [*LARGE, 0.24, 0.27]
    assert [line.get_linestyle() for line in drawn(loss)] == ["--", "--", "-", "-"]
    assert drawn(loss)[0].get_ydata() == pytest.approx([1 - value for value in SMALL + STAGED])
    assert drawn(loss)[2].get_ydata() == pytest.approx([2 - value for value in SMALL + STAGED])
    assert score.get_xlim()[0] == 0
    assert score.get_xlim()[1] >= 10, "a lineage that trains still has room for its last epochs"


def test_a_lineage_has_one_colour_and_a_marker_of_its_own(poster: tuple[Lineage, ...]) -> None:
    figure = curve_figure(poster)
    for lines in (drawn(figure.axes[0]), drawn(figure.axes[1])):
        colours = [to_hex(line.get_color()).upper() for line in lines]
        assert colours == list(PAPER_COLOURS[:2]) * (len(lines) // 2)
        assert lines[0].get_marker() != lines[1].get_marker()
    handles = figure.legends[0].legend_handles
    assert [to_hex(one.get_color()).upper() for one in handles] == list(PAPER_COLOURS[:2])


def test_starts_of_stages_are_vertical_lines_and_are_explained(poster: tuple[Lineage, ...]) -> None:
    figure = curve_figure(poster)
    for axes in figure.axes:
        starts = [line for line in axes.lines if line.get_linestyle() == ":"]
        assert [line.get_xdata()[0] for line in starts] == [6]
        assert [text.get_text().strip() for text in axes.texts] == ["stage2"]
    assert "optimizer and schedule are reset" in figure.legends[0].get_title().get_text()
    resets = [(one.stage, one.before, one.after) for one in poster[0].resets("val_map")]
    assert resets == [("stage2", 0.25, 0.21)]


def test_the_legend_says_what_a_lineage_is_and_where_it_ended(poster: tuple[Lineage, ...]) -> None:
    legend = [text.get_text() for text in curve_figure(poster).legends[0].get_texts()]
    assert legend == [
        "staged: 40x40, batch 32, then 80x80, batch 32\n"
        "epoch 10: train loss 0.710, val loss 1.710, val mAP 0.290",
        "large2: 80x80, batch 32, then 80x80, batch 32, oversampling 0.10\n"
        "epoch 8: train loss 0.730, val loss 1.730, val mAP 0.270",
    ]


def test_stages_with_the_same_settings_are_counted(tmp_path: Path) -> None:
    text = POSTER.replace("oversampling_threshold = 0.1", "")
    made = teach_all(lineage_workspace(tmp_path / "w", text), {"large1": LARGE})
    assert found(made.workspace, "large2").lineages[0].words == "large2: 80x80, batch 32 (2 stages)"


def test_what_was_trained_again_after_a_checkpoint_is_drawn_once(tmp_path: Path) -> None:
    made = lineage_workspace(tmp_path / "w")
    teach(made, "small", [0.1, 0.2, 0.3, 0.4])
    teach(made, "small", [0.35, 0.45, 0.5], first=3)
    lineage = found(made.workspace, "small").lineages[0]
    (line,) = drawn(curve_figure([lineage]).axes[1])
    assert line.get_xdata().tolist() == [1, 2, 3, 4, 5]
    assert line.get_ydata().tolist() == [0.1, 0.2, 0.35, 0.45, 0.5]
    assert lineage.repeats[0].curves["val_map"].restarts == (3.0,)


def test_repeats_are_thin_and_their_mean_is_bold(repeated: FoundLineages) -> None:
    figure = curve_figure(repeated.lineages)
    first, second, mean, large = drawn(figure.axes[1])
    assert first.get_ydata().tolist() == SMALL + STAGED
    assert second.get_xdata().tolist() == list(range(1, 10))
    assert mean.get_xdata().tolist() == list(range(1, 10)), "only what both have done"
    slow = [0.5 * (a + b) for a, b in zip(first.get_ydata(), second.get_ydata(), strict=False)]
    assert mean.get_ydata() == pytest.approx(slow)
    assert first.get_color() == second.get_color() == mean.get_color() != large.get_color()
    assert first.get_linewidth() < mean.get_linewidth() == large.get_linewidth()
    assert ending_words(repeated.lineages[0]) == (
        "epoch 9, mean of 2 repeats: train loss 0.710 (0.700 to 0.720), "
        "val loss 1.710 (1.700 to 1.720), val mAP 0.290 (0.280 to 0.300)"
    )
    assert "bold: their mean" in figure.legends[0].get_title().get_text()


def test_repeats_that_nobody_has_asked_for_are_named_once(repeated: FoundLineages) -> None:
    words = [waiting.words for waiting in repeated.waiting]
    assert words == ["large2 has not been trained: `cxrtui queue add large2`"]


def test_smoothing_starts_anew_with_each_model_and_leaves_the_numbers(
    poster: tuple[Lineage, ...],
) -> None:
    figure = curve_figure(poster[:1], smoothing=0.5)
    (line,) = drawn(figure.axes[1])
    expected = []
    for part in (SMALL, STAGED):
        moving = 0.0
        for place, value in enumerate(part, 1):
            moving = 0.5 * moving + 0.5 * value
            expected.append(moving / (1 - 0.5**place))
    assert line.get_ydata() == pytest.approx(expected)
    assert "val mAP 0.290" in figure.legends[0].get_texts()[0].get_text()
    assert "moving average, 0.5" in figure.legends[0].get_title().get_text()


def test_an_undefined_score_is_a_gap_and_never_a_number(tmp_path: Path) -> None:
    made = lineage_workspace(tmp_path / "w")
    teach(made, "small", [0.1, float("nan"), 0.3])
    lineage = found(made.workspace, "small").lineages[0]
    (line,) = drawn(curve_figure([lineage]).axes[1])
    assert np.isnan(line.get_ydata()).tolist() == [False, True, False]
    assert number(float("nan")) == "undefined"
    as_png(curve_figure([lineage]), dpi=40)


def test_the_same_data_has_the_same_bytes(poster: tuple[Lineage, ...]) -> None:
    first, second = curve_figure(poster), curve_figure(poster)
    svg, png = as_svg(first), as_png(first, dpi=60)
    assert as_png(second, dpi=60) == png
    assert as_svg(second) == svg, "also after another format was written"
    assert as_svg(curve_figure(poster[:1])) != svg


def test_the_svg_is_whole_and_its_text_is_text(poster: tuple[Lineage, ...]) -> None:
    svg = as_svg(curve_figure(poster))
    assert ET.fromstring(svg).tag == f"{SVG}svg"
    texts = texts_of(svg)
    said = {"Loss", "Validation mAP", "epochs", "stage2", "train", "validation"}
    assert said <= texts
    assert "staged: 40x40, batch 32, then 80x80, batch 32" in texts
    assert "<script" not in svg
    assert "<dc:date" not in svg


def test_the_png_has_as_many_pixels_as_was_asked(poster: tuple[Lineage, ...]) -> None:
    png = as_png(curve_figure(poster, width=6, height=4), dpi=50)
    assert png.startswith(b"\x89PNG")
    assert [int.from_bytes(png[at : at + 4]) for at in (16, 20)] == [300, 200]


def test_nothing_is_cut_off(poster: tuple[Lineage, ...]) -> None:
    figure = curve_figure(poster)
    page = figure.bbox
    figure.draw_without_rendering()
    for part in (*figure.axes, *figure.legends):
        box = part.get_tightbbox()
        assert box is not None
        assert page.x0 <= box.x0 < box.x1 <= page.x1
        assert page.y0 <= box.y0 < box.y1 <= page.y1
    assert figure.legends[0].get_tightbbox().y1 < figure.axes[0].get_tightbbox().y0


def test_names_are_never_mathematics(poster: tuple[Lineage, ...]) -> None:
    words = "$x^2$ _ \\frac"
    strange = Lineage(words, poster[0].phases, poster[0].repeats)
    texts = texts_of(as_svg(curve_figure([strange])))
    assert f"{words}: 40x40, batch 32, then 80x80, batch 32" in texts


def test_a_users_own_settings_neither_matter_nor_change(poster: tuple[Lineage, ...]) -> None:
    plain = as_svg(curve_figure(poster))
    with mpl.rc_context({"axes.labelsize": 30, "xtick.direction": "in", "svg.hashsalt": "mine"}):
        before = dict(mpl.rcParams)
        assert as_svg(curve_figure(poster)) == plain
        assert dict(mpl.rcParams) == before


def test_there_are_colours_for_as_many_lineages_as_can_be_named() -> None:
    assert len(PAPER_COLOURS) == len(set(PAPER_COLOURS)) == MOST


def test_matplotlib_is_loaded_only_to_draw_and_says_nothing_of_its_folders() -> None:
    code = (
        "import sys, cxrtui.main, cxrtui.figures.curves as curves\n"
        "assert 'matplotlib' not in sys.modules\n"
        "from cxrtui.figures.formats import as_svg\n"
        "as_svg(curves.curve_figure([]))\n"
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=ROOT,
        env={**os.environ, "MPLCONFIGDIR": "/proc/none"},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
