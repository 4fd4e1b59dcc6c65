"""What the Run screen shows is made of: stitched curves, and the tail of a log."""

from pathlib import Path

import numpy as np

from cxrtui.lineages.curves import TRAIN_LOSS, Curves, Points
from cxrtui.lineages.overview import AttemptView, ModelView, Overview
from cxrtui.screens.log_tail import read_tail


def test_a_repeated_step_is_the_latest_attempts() -> None:
    curves = Curves()
    curves.add((1, *TRAIN_LOSS), Points(np.arange(1, 6), np.arange(1.0, 6.0), np.full(5, 1.0)))
    curves.add((2, *TRAIN_LOSS), Points(np.arange(3, 5), np.arange(3.0, 5.0), np.full(2, 2.0)))
    curves.add((2, *TRAIN_LOSS), Points(np.arange(5, 8), np.arange(5.0, 8.0), np.full(3, 2.0)))
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
