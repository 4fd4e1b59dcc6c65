"""What the Run screen shows is made of: stitched curves, and the tail of a log."""

from pathlib import Path

import numpy as np

from cxrtui.lineages.axis import AXES, unit
from cxrtui.lineages.curves import TRAIN_LOSS, VAL_LOSS, Curves
from cxrtui.lineages.growing import Points
from cxrtui.lineages.overview import AttemptView, ModelView, Overview
from cxrtui.screens.run.log_tail import Search, read_tail


def points(steps: range, value: float, *, each: float = 1.0) -> Points:
    """One step an epoch, `each` seconds long."""
    step = np.array(steps)
    return Points(step, step.astype(np.float64), np.full(step.size, value), step * each)


def test_a_repeated_step_is_the_latest_attempts() -> None:
    curves = Curves()
    curves.add((1, *TRAIN_LOSS), points(range(1, 6), 1.0))
    curves.add((2, *TRAIN_LOSS), points(range(3, 5), 2.0))
    curves.add((2, *TRAIN_LOSS), points(range(5, 8), 2.0))
    attempts = tuple(AttemptView(number, number, 0.0, "running", "") for number in (1, 2))
    model = ModelView(
        "m", "s", None, False, 32, 8, 10, "running", "train", "", 0, None, attempts, None, ()
    )
    curve = curves.curve(Overview("r", (model,), (), (), False), "m", TRAIN_LOSS)
    assert curve.value.tolist() == [1, 1, 2, 2, 2, 2, 2]
    assert curve.epoch.tolist() == [1, 2, 3, 4, 5, 6, 7]
    assert curve.restarts == (3.0,)


def test_the_tail_of_a_long_log_begins_with_a_whole_line(tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    assert read_tail(path) == ()
    path.write_text("".join(f"line {number:06}\n" for number in range(10_000)))
    lines = read_tail(path)
    assert lines[-1] == "line 009999"
    assert all(len(line) == 11 for line in lines)


def model(name: str, parent: str | None, batch: int, steps: int, *begun: float) -> ModelView:
    """A model of two epochs, each of its attempts begun at a time; ids are the times."""
    attempts = tuple(AttemptView(int(time), 1, time, "running", "") for time in begun)
    return ModelView(
        name, "s", parent, False, 32, batch, 2, "running", "train", "", 0, steps, attempts, None, ()
    )


def made_curves() -> tuple[Curves, Overview]:
    """A parent that was killed at step 4 and went on from 3, and a child that runs."""
    curves = Curves()

    def add(attempt: int, series: tuple[str, str], steps: list[int], times: list[float]) -> None:
        step = np.array(steps)
        curves.add(
            (attempt, *series), Points(step, step / 2, np.full(step.size, 1.0), np.array(times))
        )

    add(100, TRAIN_LOSS, [1, 2, 3], [110, 120, 130])
    add(100, VAL_LOSS, [2], [125])
    add(500, TRAIN_LOSS, [3, 4], [507, 509])
    add(500, VAL_LOSS, [4], [510])
    add(900, TRAIN_LOSS, [1, 2], [901, 899])  # its clock was set back
    overview = Overview(
        "r", (model("p", None, 8, 4, 100, 500), model("c", "p", 16, 4, 900)), (), (), False
    )
    return curves, overview


def test_each_axis_is_stitched_where_the_parent_ended() -> None:
    curves, overview = made_curves()
    train = {axis: curves.stitched(overview, "c", TRAIN_LOSS, axis) for axis in AXES}
    assert train["epochs"].x.tolist() == [0.5, 1, 1.5, 2, 2.5, 3]
    assert train["steps"].x.tolist() == [1, 2, 3, 4, 5, 6]
    assert train["images"].x.tolist() == [8, 16, 24, 32, 48, 64]
    assert train["time"].x.tolist() == [10, 20, 27, 29, 30, 30]
    assert [train[axis].begins for axis in AXES] == [(0, 2), (0, 4), (0, 32), (0, 29)]
    assert [train[axis].end for axis in AXES] == [4, 8, 96, 30]
    assert [train[axis].restarts for axis in AXES] == [(1.5,), (3,), (24,), (27,)]


def test_series_of_epochs_lie_below_the_steps_that_they_belong_to() -> None:
    curves, overview = made_curves()
    for axis in AXES:
        steps = curves.stitched(overview, "c", TRAIN_LOSS, axis)
        epochs = curves.stitched(overview, "c", VAL_LOSS, axis)
        assert epochs.x.tolist() == steps.x[[1, 3]].tolist()
        assert (epochs.begins, epochs.end) == (steps.begins, steps.end)


def test_a_curve_that_is_kept_grows_with_its_points() -> None:
    curves, overview = made_curves()
    for axis in (AXES[1], AXES[3], AXES[1]):
        before = curves.stitched(overview, "c", TRAIN_LOSS, axis)
        assert before.x.size == 6
    curves.add((900, *TRAIN_LOSS), Points(np.array([3]), np.ones(1), np.ones(1), np.array([950.0])))
    assert curves.stitched(overview, "c", TRAIN_LOSS, "steps").x.tolist() == [1, 2, 3, 4, 5, 6, 7]
    assert curves.stitched(overview, "c", TRAIN_LOSS, "time").x[-1] == 81
    val = curves.stitched(overview, "c", VAL_LOSS, "time")
    assert val.end == 81
    smoothed = curves.stitched(overview, "p", TRAIN_LOSS, "steps", 0.5).value
    np.testing.assert_allclose(smoothed, 1.0)


def test_a_time_axis_has_a_unit_that_suits_it() -> None:
    assert unit("time", 90.0) == ("seconds", 1.0)
    assert unit("time", 600.0) == ("minutes", 60.0)
    assert unit("time", 1e5) == ("hours", 3600.0)
    assert unit("steps", 1e9) == ("steps", 1.0)


def test_a_search_finds_from_the_newest_line_and_goes_round() -> None:
    search = Search(("Epoch 1", "loss [x]", "epoch 2", "Epoch 3"), "epoch")
    assert search.matches == (0, 2, 3)
    assert [search.line, search.moved(-1).line, search.moved(1).line] == [3, 2, 0]
    assert search.moved(-1).words == "match 2 of 3"
    assert Search(search.lines, "Epoch").matches == (0, 3)
    assert Search(search.lines, "[x]").spans("loss [x]") == [(5, 8)]
    assert Search(search.lines, "nowhere").words == "no match"
    assert Search(search.lines, "").matches == ()


def test_a_search_stays_at_its_line_while_the_log_moves_on() -> None:
    search = Search(("a 1", "b", "a 2", "a 3"), "a").moved(-1)
    assert search.line == 2
    later = search.within(("b", "a 2", "a 3", "a 4"))
    assert (later.line, later.words) == (1, "match 1 of 3")
    assert search.within(("a 8", "a 9")).line == 1  # the line is gone: the newest
