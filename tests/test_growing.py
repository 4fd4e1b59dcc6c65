"""What grows by what is new is the same as if it had been worked out from scratch."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxrtui.chart.smoothing import Smoother, smooth
from cxrtui.lineages.axis import AXES, Axis
from cxrtui.lineages.curves import TRAIN_LOSS, Curves
from cxrtui.lineages.growing import GrowingPoints, GrowingSmooth, Points
from cxrtui.lineages.overview import AttemptView, ModelView, Overview

VALUES = st.lists(st.one_of(st.floats(-1e3, 1e3), st.just(np.nan), st.just(np.inf)), max_size=700)
CUTS = st.lists(st.integers(0, 700), max_size=5)
WEIGHTS = st.sampled_from([0.0, 0.6, 0.99])


def parts(values: Sequence[float], cuts: Sequence[int]) -> list[np.ndarray]:
    return np.split(np.array(values, np.float64), sorted(min(cut, len(values)) for cut in cuts))


@given(VALUES, CUTS, WEIGHTS)
def test_smoothing_goes_on_where_it_was(
    values: list[float], cuts: list[int], weight: float
) -> None:
    smoother, growing = Smoother(weight), GrowingSmooth(weight)
    found = [smoother.go_on(part) for part in parts(values, cuts)]
    whole = smooth(np.array(values, np.float64), weight)
    assert np.concatenate(found) == pytest.approx(whole, rel=1e-9, abs=1e-9, nan_ok=True)
    for end in sorted(min(cut, len(values)) for cut in cuts):
        grown = growing.of(np.array(values[:end], np.float64))
        assert grown == pytest.approx(whole[:end], rel=1e-9, abs=1e-9, nan_ok=True)


def test_points_that_were_handed_out_stay_as_they_were() -> None:
    growing = GrowingPoints()
    growing.append(points(0, 10))
    before = growing.points
    for first in range(10, 5000, 10):
        growing.append(points(first, first + 10))
    assert before.step.tolist() == list(range(10))
    assert growing.points.step.tolist() == list(range(5000)) == growing.points.time.tolist()
    assert len(growing) == 5000


@settings(max_examples=30)
@given(
    lengths=st.lists(st.integers(1, 400), min_size=1, max_size=6),
    axis=st.sampled_from(AXES),
    weight=WEIGHTS,
    restart=st.integers(0, 5),
)
def test_curves_that_grow_are_those_made_at_once(
    lengths: list[int], axis: Axis, weight: float, restart: int
) -> None:
    """Looked at after each arrival, on a lineage whose second model is restarted once."""
    grown, told, first = Curves(), list[tuple[int, Points]](), {0: 0, 1: 0, 2: 0}
    for place, length in enumerate(lengths):
        attempt = 0 if place % 2 else 2 if place > restart else 1
        told.append((attempt, points(first[attempt], first[attempt] + length)))
        first[attempt] += length
        grown.add((attempt, *TRAIN_LOSS), told[-1][1])
        seen = grown.stitched(overview(), "child", TRAIN_LOSS, axis, weight)
        fresh = Curves()
        for one, arrived in told:
            fresh.add((one, *TRAIN_LOSS), arrived)
        made = fresh.stitched(overview(), "child", TRAIN_LOSS, axis, weight)
        assert seen.x == pytest.approx(made.x)
        assert seen.value == pytest.approx(made.value)
        assert (seen.restarts, seen.begins) == (made.restarts, made.begins)
        assert seen.end == pytest.approx(made.end)


def points(first: int, last: int) -> Points:
    step = np.arange(first, last)
    return Points(step, step / 50, np.sin(step) + 2, step * 1.0)


def overview() -> Overview:
    models = (model("root", None, 0), model("child", "root", 1, 2))
    return Overview("recipe", models, (), (), False)


def model(name: str, parent: str | None, *attempts: int) -> ModelView:
    trainings = tuple(
        AttemptView(one, number, 0.0, "running", "") for number, one in enumerate(attempts, 1)
    )
    return ModelView(
        name=name,
        stage="stage1",
        parent=parent,
        optional=False,
        image_size=8,
        batch_size=4,
        epochs=10,
        state="running",
        kind="train",
        reason="",
        step=0,
        steps=500,
        trainings=trainings,
        predicted=(),
    )
