"""Intervals on the Results screen, which arrive while somebody looks."""

from collections.abc import Iterator
from functools import partial
from threading import Event
from typing import Any

import numpy as np
import pytest
from dashboard_workspace import Fixture
from numpy.typing import NDArray
from pilots import screen_text, until
from results_app import NAME, Shown, expect_cells, opened, slow_table
from textual.screen import Screen

from cxrtui.screens.results import work as results_work
from cxrtui.screens.results.work import load_results
from cxrtui.show.scores import scores_of
from jobs.confidence import Confidence, confidence
from jobs.scoring import bootstrap
from jobs.scoring.bootstrap import replicate_blocks


@pytest.fixture(autouse=True)
def fewer_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two hundred say as much of the screen as a thousand."""
    monkeypatch.setattr(results_work, "scores_of", partial(scores_of, resamples=200))


async def test_intervals_arrive_and_mark_what_is_within_noise(made: Fixture) -> None:
    loaded = load_results(made.workspace, NAME)
    expected = confidence(loaded.scores)
    app = Shown(made.workspace)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, app)
        assert not app.results.confidence
        await pilot.press("c")
        await until(lambda: len(app.results.confidence) == 3)
        await pilot.pause()
        _expect_intervals(app, expected, "dev")
        assert "within noise" in screen_text(app)
        change = expected.splits["dev"].differences[3]
        assert change is not None
        mean = change.means["all"]
        assert f"mAP {mean.value:+.3f} [{mean.low:+.3f}, {mean.high:+.3f}]" in screen_text(app)
        await pilot.press("t")
        await until(lambda: len(app.results.confidence) == 6)
        await pilot.press("c")
        expect_cells(app, slow_table(made.workspace))


def _expect_intervals(app: Shown, expected: Confidence, split: str) -> None:
    assert app.drawn.splits == (split,)
    found, noisy = expected.splits[split], 0
    for row, texts in app.cells().items():
        label = row.removesuffix(" °")
        assert (label != row) == (label in found.few_positives)
        for column, change, text in zip(found.columns, found.differences, texts, strict=True):
            if column is None or label not in column.labels:
                continue
            own = column.labels[label]
            parts = f"{own.low:.3f}\N{EN DASH}{own.high:.3f}".replace("0.", ".")
            noise = change is not None and change.labels[label].is_within_noise
            noisy += noise
            assert text.plain.split() == [f"{own.value:.3f}{'~' * noise}", parts]
    assert noisy


async def test_leaving_the_screen_breaks_off_and_returning_goes_on(
    made: Fixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    free, begun, broken = Event(), Event(), Event()

    def held(*given: Any) -> Iterator[NDArray[np.float64]]:
        begun.set()
        try:
            for block in replicate_blocks(*given):
                assert free.wait(60)
                yield block
        except GeneratorExit:
            broken.set()

    monkeypatch.setattr(bootstrap, "replicate_blocks", held)
    app = Shown(made.workspace)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, app)
        await pilot.press("c")
        await until(begun.is_set)
        app.install_screen(Screen(), "other")
        await app.switch_screen("other")
        await until(lambda: not app.results.is_seen)
        await pilot.pause()
        free.set()
        await until(broken.is_set)
        assert not app.results.confidence
        await app.switch_screen("results")
        await until(lambda: len(app.results.confidence) == 3)


async def test_what_is_predicted_meanwhile_fills_its_column(own: Fixture) -> None:
    app = Shown(own.workspace)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, app)
        await pilot.press("c")
        await until(lambda: len(app.results.confidence) == 3)
        assert app.cells()["Edema"][1].plain.split() == ["…"]
        own.predict("model2", 0.6)
        app.look()
        await until(lambda: len(app.results.confidence) == 4)
        await pilot.press("c")
        await pilot.pause()
        expect_cells(app, slow_table(own.workspace))
        assert app.cells()["Edema"][1].plain.split() != ["…"]
