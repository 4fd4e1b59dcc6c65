"""The Ensemble screen, driven through Textual's pilot on a small workspace."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from dashboard_workspace import Fixture, empty_workspace
from ensemble_app import Shown, opened
from ensemble_workspace import NO_POSITIVES, SKILL, small_workspace
from pilots import screen_text, until
from textual import events
from textual.widgets import Input, OptionList

from cxrtui.screens.ensemble.bases import Base
from cxrtui.screens.ensemble.bootstrap import RESAMPLES
from cxrtui.screens.ensemble.search_dialog import SearchDialog
from cxrtui.screens.ensemble.split import SplitPredictions, read_split
from cxrtui.screens.images.screen import ImagesScreen
from jobs.scoring.bootstrap import Resamples, interval, mean_replicates, replicates


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Fixture:
    """A workspace that tests only read."""
    return small_workspace(tmp_path_factory.mktemp("small") / "w")


def predictions(made: Fixture) -> SplitPredictions:
    found = read_split(made.workspace, "cxr-lt-2023", "dev")
    assert found is not None
    return found


async def test_less_important_columns_go_where_it_is_narrow(made: Fixture) -> None:
    app = Shown(made.workspace)
    async with app.run_test(size=(200, 60)) as pilot:
        await opened(pilot, app)
        table = app.ensemble.panel.table
        narrow = ["label", "value", "change", "group"]
        wide = {"positives", "best", "model", "interval"}
        assert {*narrow, *wide, "base", "bar"} == set(table.titles)
        assert app.cells[NO_POSITIVES]["value"] == app.cells[NO_POSITIVES]["change"] == "-"
        await pilot.resize_terminal(120, 40)
        await until(lambda: set(table.titles) == {*narrow, *wide})
        await pilot.resize_terminal(80, 24)
        await until(lambda: table.titles == narrow)
        assert "Enlarged Cardiomediastinum" in screen_text(app)
        assert "Pneumoperitoneum" not in screen_text(app)
        await pilot.press("pagedown", "pagedown", "pagedown")
        await until(lambda: "Pneumoperitoneum" in screen_text(app))
        assert table.scroll_offset.y > 0
        assert "vs model4" in screen_text(app)
        await pilot.press("pageup", "pageup", "pageup")
        await until(lambda: table.scroll_offset.y == 0)


async def test_weights_are_changed_by_keys_and_shown(made: Fixture) -> None:
    app = Shown(made.workspace)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await opened(pilot, app)
        await pilot.press("minus")
        await until(lambda: "model0 is no member: space ticks it" in screen_text(app))
        await pilot.press("plus")
        assert "[✓] model0" in screen_text(app)
        await pilot.press("plus", "equals_sign")
        assert " x2" in screen_text(app)
        await until(lambda: app.is_settled)
        expected = predictions(made)
        weights = {"model0": 2.0, "model3": 1.0, "model4": 1.0, "model6": 1.0}
        score = expected.scorer.score(weights, "frontal-mean")
        assert app.ensemble.panel.map == f"{score.map:.3f}"
        await pilot.press("0")
        assert " x2" not in screen_text(app)
        await pilot.press("minus", "minus")
        await until(lambda: "weighs little already" in screen_text(app))
        assert " x0.5" in screen_text(app)


async def test_intervals_of_the_difference_come_when_the_keys_rest(made: Fixture) -> None:
    app = Shown(made.workspace)
    read = predictions(made)
    loaded = read.loaded
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, app)
        await until(lambda: "with other patients" in screen_text(app))
        pick = app.ensemble.choice
        assert pick is not None
        base = app.ensemble.picks.against(pick, loaded)
        assert base.pick is not None
        resamples = Resamples(read.patient, RESAMPLES)
        draws = [
            replicates(
                read.scorer.probabilities(dict(one.weights), one.view_rule),
                read.targets,
                resamples,
            )
            for one in (pick, base.pick)
        ]
        bounds = interval(draws[0] - draws[1])
        noise = bounds.includes(0)
        for place, label in enumerate(loaded.labels):
            low, high = bounds.low[place], bounds.high[place]
            cell = app.cells[label]
            assert cell["interval"] == ("-" if np.isnan(low) else f"{low:+.3f} to {high:+.3f}")
            shown = cell["change"].endswith("~")
            assert shown == (noise[place] and cell["change"] not in ("-", "=  0.000"))
        means = interval(mean_replicates(draws[0]) - mean_replicates(draws[1]))
        assert f"({means.low:+.3f} to {means.high:+.3f}) than {base.title}" in screen_text(app)


async def test_it_is_compared_with_what_is_chosen_from_a_list(made: Fixture) -> None:
    app = Shown(made.workspace)
    async with app.run_test(size=(200, 24)) as pilot:
        await opened(pilot, app)
        before = app.ensemble.panel.map
        await pilot.press("c")
        text = screen_text(app)
        assert "none yet" in text
        assert "needs model7" in text
        await pilot.press("escape", "space")
        await until(lambda: app.is_settled)
        await pilot.press("c", "j", "enter")
        await until(lambda: f"than the choice before ({before})" in screen_text(app))
        await choose(pilot, app, Base("ensemble", "views"))
        views = predictions(made).scorer.score({"model3": 1.0}, "frontal-mean")
        await until(lambda: f"than ensemble views ({views.map:.3f})" in screen_text(app))
        await choose(pilot, app, Base("published", "Ensemble"))
        await until(lambda: "published Ensemble (0.326), which gives no" in screen_text(app))
        assert app.cells["Support Devices"]["base"] == "0.897"
        await pilot.press("t")
        await until(lambda: "published Ensemble (0.330)" in screen_text(app))
        assert app.cells["Support Devices"]["base"] == "0.894"
        assert app.cells["Support Devices"]["interval"] == ""


async def choose(pilot, app: Shown, base: Base) -> None:
    await pilot.press("c")
    offers = app.ensemble.picks.offers(app.ensemble.loaded)
    app.screen.query_one(OptionList).highlighted = [one.base for one in offers].index(base)
    await pilot.press("enter")


async def test_a_search_is_told_honestly_and_its_find_is_ticked(made: Fixture) -> None:
    app = Shown(made.workspace)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, app)
        await pilot.press("f")
        assert "All 31 ensembles of the 5 members are tried" in screen_text(app)
        await pilot.press("enter")
        await until(lambda: "31 tried" in screen_text(app))
        text = screen_text(app)
        for said in ("where chosen", "on others", "gain", "other half"):
            assert said in text
        found = app.screen._offered[1].choice
        await pilot.press("j", "enter")
        await until(lambda: app.screen is app.ensemble and app.is_settled)
        assert dict(app.ensemble.choice.weights) == found.weights
        assert app.ensemble.choice.view_rule == found.view_rule


async def test_a_search_can_be_stopped_and_begun_again(made: Fixture) -> None:
    app = Shown(made.workspace)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        before = app.ensemble.choice
        await pilot.press("f")
        assert isinstance(app.screen, SearchDialog)
        app.screen.action_begin()
        app.screen.action_leave()  # before it can have ended
        await pilot.pause()
        assert "Stopped: Enter searches" in screen_text(app)
        await pilot.press("enter")
        await until(lambda: "31 tried" in screen_text(app))
        await pilot.press("escape")
        await until(lambda: app.screen is app.ensemble)
        assert app.ensemble.choice == before


async def test_predictions_are_exported_and_a_file_is_replaced_only_if_asked(
    made: Fixture, tmp_path: Path
) -> None:
    app = Shown(made.workspace)
    file = tmp_path / "out.csv"
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await opened(pilot, app)
        await write(pilot, app, tmp_path / "out.txt")
        assert "the ending says the format" in screen_text(app)
        await pilot.press("escape")
        await write(pilot, app, file)
        await until(lambda: file.exists() and "80 images of dev" in screen_text(app))
        loaded, choice = app.ensemble.loaded, app.ensemble.choice
        scores = predictions(made).scorer.probabilities(dict(choice.weights), choice.view_rule)
        with file.open() as lines:
            row = next(csv.DictReader(lines))
        assert float(row["Edema"]) == pytest.approx(scores[0, loaded.labels.index("Edema")])
        file.write_text("mine")
        await write(pilot, app, file)
        await until(lambda: "Replace out.csv?" in screen_text(app))
        await pilot.press("n", "escape")
        assert file.read_text() == "mine"
        await write(pilot, app, file)
        await pilot.press("y")
        await until(lambda: file.read_text() != "mine")
        await write(pilot, app, tmp_path / "out.zip")
        await until(lambda: "the data folder is not here" in told(app))


def told(app: Shown) -> str:
    return "\n".join(one.message for one in app._notifications)


async def write(pilot, app: Shown, file: Path) -> None:
    await pilot.press("e")
    app.screen.query_one(Input).value = str(file)
    await pilot.press("enter")
    await pilot.pause()


async def test_a_saved_ensemble_is_in_the_journal_and_can_be_compared_with(own: Fixture) -> None:
    app = Shown(own.workspace)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await opened(pilot, app)
        await pilot.press("w", *"no way", "enter")
        assert app.screen is not app.ensemble  # a blank is in no name
        await pilot.press(*["backspace"] * 6, *"mine", "enter")
        await until(lambda: "Saved as mine" in screen_text(app))
        await pilot.press("c")
        assert "ensemble mine" in screen_text(app)
        await pilot.press("escape", "w", *"mine")
        await until(lambda: "replaces" in screen_text(app))
        await pilot.press("escape")
    entry = json.loads(own.workspace.paths.journal.read_text().splitlines()[-1])
    assert {key: entry[key] for key in ("kind", "recipe", "name", "averaging", "view_rule")} == {
        "kind": "ensemble",
        "recipe": "cxr-lt-2023",
        "name": "mine",
        "averaging": "probabilities",
        "view_rule": "frontal-mean",
    }
    assert entry["members"] == {"model3": 1.0, "model4": 1.0, "model6": 1.0}


async def test_a_read_only_workspace_says_that_nothing_can_be_saved(own: Fixture) -> None:
    app = Shown(own.workspace)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await opened(pilot, app)
        own.workspace.database.can_write = False
        await pilot.press("w")
        await until(lambda: "this folder is read-only" in screen_text(app))
        assert app.screen is app.ensemble


async def test_what_was_picked_is_restored_as_far_as_it_can_be(made: Fixture) -> None:
    first = Shown(made.workspace)
    async with first.run_test(size=(120, 40)) as pilot:
        await opened(pilot, first)
        await pilot.press("plus", "plus", "v", "a", "t")
        await until(lambda: first.is_settled)
        kept, choice = first.ensemble.settings, first.ensemble.choice
    assert json.loads(json.dumps(kept)) == kept
    again = Shown(made.workspace, kept)
    async with again.run_test(size=(120, 40)) as pilot:
        await opened(pilot, again)
        assert again.ensemble.choice == choice
    odd = kept | {"members": "model3=x gone model4=2", "split": "x", "view_rule": 3, "base": "y z"}
    changed = Shown(made.workspace, odd)
    async with changed.run_test(size=(120, 40)) as pilot:
        await opened(pilot, changed)
        assert dict(changed.ensemble.choice.weights) == {"model3": 1.0, "model4": 2.0}
        assert changed.ensemble.choice.view_rule == "none"
        assert changed.ensemble.picks.split == "dev"


async def test_a_key_writes_only_what_it_changes_and_none_is_lost(made: Fixture) -> None:
    app = Shown(made.workspace)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, app)
        table, members = app.ensemble.panel.table, app.ensemble.members
        await pilot.pause()
        drawn, rows = dict(table._strips), list(table._rows)
        assert len(drawn) == len(rows)
        table.show([*rows[:3], replace(rows[3], positives=7), *rows[4:]], table._base)
        await pilot.pause()
        assert [place for place in drawn if table._strips[place] is not drawn[place]] == [3]
        prompts = [option.prompt for option in members.options]
        await pilot.press("space")
        after = [option.prompt for option in members.options]
        assert [old is new for old, new in zip(prompts, after, strict=True)] == [False] + [True] * 4
        for key in ("w", *"mine-e"):  # as they come from a terminal: nobody waits between them
            app.post_message(events.Key(key, key))
        await until(lambda: app.screen is not app.ensemble)
        field = app.screen.query_one(Input)
        await until(lambda: field.value == "mine-e")  # all of it is in the dialog's field
        await pilot.press("escape", "j", "i")
        await until(lambda: isinstance(app.screen, ImagesScreen))


async def test_nothing_ticked_asks_for_a_member(made: Fixture) -> None:
    app = Shown(made.workspace)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await opened(pilot, app)
        await pilot.press("j", "j", "space", "j", "space", "j", "space")
        await until(lambda: "Tick a member: space" in screen_text(app))
        assert app.ensemble.shown is None
        await pilot.press("w", "e")
        await until(lambda: "Tick at least one member first" in screen_text(app))
        assert app.screen is app.ensemble


async def test_without_predictions_every_key_is_harmless(tmp_path: Path) -> None:
    app = Shown(empty_workspace(tmp_path / "w"))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("space", "plus", "minus", "0", "v", "a", "t", "c", "f", "i", "w", "e")
        await pilot.pause()
        assert app.screen is app.ensemble


async def test_one_member_alone_is_its_own_base(tmp_path: Path) -> None:
    made = small_workspace(tmp_path / "w", {"model3": SKILL["model3"]})
    app = Shown(made.workspace)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await opened(pilot, app)
        assert app.cells["Edema"]["change"] == "=  0.000"
        await pilot.press("f")
        await until(lambda: "A search needs two members" in screen_text(app))
