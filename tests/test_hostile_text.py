"""Names, labels and logs that try to be escape codes or markup, on every screen and dialog."""

import json
import re
import shutil
import time
import unicodedata
from pathlib import Path

import pytest
from dashboard_workspace import PHANTOM, Fixture, busy_workspace
from driven import dashboard, go, opened
from pilots import screen_text, until
from rich.style import Style
from textual.pilot import Pilot
from textual.widgets import Input

from cxrtui.screens.app import Dashboard
from cxrtui.screens.away.box import AwayBox
from cxrtui.screens.queue.add import AddDialog
from cxrtui.screens.queue.confirm import ConfirmDialog
from jobs.data.phantom.rows import draw_rows
from jobs.recipe.load import load_recipe
from jobs.workspace import open_workspace

EVIL = "\x1b]0;owned\x07\x9b31m\n[red]x[/red][@click=app.quit]y[/]\u202e漢e\u0301[/]\\"
HARMLESS = "[red]x[/red]"
PLACES = (
    "model.name", "model.parent", "model.stage", "job.model", "job.stage", "job.reason",
    "attempt.reason", "attempt.slot", "attempt.host",
)  # fmt: skip
DIALOGS = {  # of the Ensemble screen: what each of them says
    "w": "Save the ensemble", "e": "Export the predictions", "f": "Search for members",
    "c": HARMLESS, "i": HARMLESS,
}  # fmt: skip


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace whose database calls models, stages, reasons and slots something evil."""
    made = busy_workspace(tmp_path_factory.mktemp("named") / "w")
    with made.workspace.database.write() as connection:
        for place in PLACES:
            table, column = place.split(".")
            connection.exec_driver_sql(
                f"UPDATE {table} SET {column} = ? || {column} WHERE {column} IS NOT NULL", (EVIL,)
            )
    for folder in (made.workspace.paths.root / "runs").glob("*/*/*/attempt-*"):
        (folder / "log.txt").write_text("\n".join(("before", EVIL.replace("\n", ""), "after\n")))
    return made.workspace.paths.root


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One whose recipe calls labels and columns something evil."""
    folder = tmp_path_factory.mktemp("labelled")
    loaded, table = load_recipe("cxr-lt-2023"), draw_rows(PHANTOM, "dev").table
    labels = tuple(f"{EVIL}{label}" for label in table.labels)
    evil = json.dumps(EVIL)[:-1]
    text = re.sub(r'(?m)^claim = "', lambda found: f"claim = {evil}", loaded.text)
    text = re.sub(r'(?m)^title = "', f'title = "{HARMLESS}', text)
    text = text.replace("\n", f"\nlabels = {json.dumps(labels)}\n", 1)
    (folder / "evil.toml").write_text(text)
    return busy_workspace(folder / "w", str(folder / "evil.toml"), labels).workspace.paths.root


def dashboard_of(root: Path, tmp_path: Path) -> Dashboard:
    """On a copy, with what was left before."""
    return dashboard(open_workspace(shutil.copytree(root, tmp_path / "w")), kept=True)


async def see(
    pilot: Pilot[None], app: Dashboard, *, says: str = HARMLESS, in_rows: bool = True
) -> None:
    """What is on the screen is harmless, and the markup is only its letters."""
    await until(lambda: says in screen_text(app))
    text = screen_text(app)
    allowed = {"\n"}
    assert {one for one in text if unicodedata.category(one) in ("Cc", "Cf")} <= allowed
    if in_rows:  # and none is broken
        assert not re.search(r"(?m)31m *(│|$)", text)
    for strip in app.screen._compositor.render_strips():
        assert strip.cell_length == app.size.width
        for segment in strip:
            assert "app.quit" not in str(_meta(segment.style))


def _meta(style: Style | None) -> object:
    return None if style is None else style.meta


async def test_names_of_models_and_stages(named: Path, tmp_path: Path) -> None:
    app = dashboard_of(named, tmp_path)
    async with app.run_test(size=(160, 50), notifications=True) as pilot:
        await opened(pilot, app)
        await see(pilot, app)
        await pilot.press("space", "j", "right")
        await until(lambda: "after" in screen_text(app))
        await see(pilot, app)
        await pilot.press("slash", *"ow")
        await see(pilot, app)
        await pilot.press("escape", "ctrl+p")
        await until(lambda: "Search" in screen_text(app))
        await see(pilot, app)
        await pilot.press(*"red")
        await see(pilot, app)
        await pilot.press("escape", "escape")
        await go(pilot, app, "2")
        await see(pilot, app, in_rows=False)  # but the details beside them
        app.queue_screen.table.cursor = next(
            place for place, row in enumerate(app.queue_screen.table.rows) if row.attempts > 1
        )
        await until(lambda: "attempt 2" in screen_text(app))
        await see(pilot, app, in_rows=False)
        await pilot.press("enter", "c")
        assert isinstance(app.screen, ConfirmDialog)
        await see(pilot, app)
        await pilot.press("n", "h")
        await until(lambda: bool(app._notifications))
        await see(pilot, app)
        await pilot.press("a")
        await until(lambda: isinstance(app.screen, AddDialog))
        app.screen.query_one("#targets", Input).value = EVIL
        await see(pilot, app, says="Add to the queue")
        await pilot.press("escape")
        app.known.trouble = EVIL
        app.queue_screen.show_overview()
        await see(pilot, app)


async def test_what_happened_meanwhile(named: Path, tmp_path: Path) -> None:
    root = shutil.copytree(named, tmp_path / "before")
    left = {"version": 1, "time": time.time() - 60, "newest": 1.0, "alive": []}
    (root / "dashboard.json").write_text(json.dumps(left))
    app = dashboard_of(root, tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: isinstance(app.screen, AwayBox))
        await see(pilot, app)


async def test_names_of_labels_and_columns(labelled: Path, tmp_path: Path) -> None:
    app = dashboard_of(labelled, tmp_path)
    async with app.run_test(size=(160, 34), notifications=True) as pilot:
        await opened(pilot, app)
        await go(pilot, app, "3")
        await see(pilot, app)
        await pilot.press("enter")
        await see(pilot, app)
        await pilot.press("escape", "v")
        await see(pilot, app, in_rows=False)  # a claim may have lines, within its cell
        await pilot.press("escape")
        await go(pilot, app, "4")
        await see(pilot, app)
        for key, says in DIALOGS.items():
            await pilot.press(key)
            await until(lambda: app.screen is not app.ensemble_screen)
            await see(pilot, app, says=says)
            await pilot.press("escape")
            await until(lambda: app.screen is app.ensemble_screen)


def test_the_workspaces_are_evil(named: Path) -> None:
    made = Fixture(open_workspace(named), {})
    with made.workspace.database.read() as connection:
        names = connection.exec_driver_sql("SELECT name FROM model").scalars().all()
    assert all(name.startswith("\x1b]0;") for name in names)
