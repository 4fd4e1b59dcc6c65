"""Keys: the help knows all of them, the line at the bottom the most used, the palette each."""

import importlib
import pkgutil
from collections.abc import Iterator
from functools import partial
from itertools import pairwise

from dashboard_workspace import Fixture
from driven import SCREENS, dashboard, go, opened
from pilots import screen_text, until
from rich.cells import cell_len
from textual.app import App
from textual.binding import ActiveBinding, Binding
from textual.command import CommandList
from textual.dom import DOMNode
from textual.pilot import Pilot
from textual.widgets import Input
from textual.widgets._footer import FooterKey

import cxrtui.screens
from cxrtui.screens.app import Dashboard
from cxrtui.screens.help_screen import HelpScreen, help_text
from cxrtui.screens.look.key_groups import own_bindings
from cxrtui.screens.look.keys import KeyLine, fitting, shown_keys
from cxrtui.screens.run.model_list import ModelList


def bound_classes() -> Iterator[type[DOMNode]]:
    """Every class of the dashboard that declares keys."""
    for module in pkgutil.walk_packages(cxrtui.screens.__path__, "cxrtui.screens."):
        for found in vars(importlib.import_module(module.name)).values():
            is_own = isinstance(found, type) and found.__module__ == module.name
            if is_own and issubclass(found, DOMNode) and own_bindings(found):
                yield found


def test_every_binding_of_every_screen_and_dialog_is_in_the_help() -> None:
    unwrapped = help_text().plain.replace("\n" + " " * 12, " ")
    lines = {" ".join(line.split()) for line in unwrapped.splitlines()}
    classes = list(bound_classes())
    assert {"RunScreen", "QueueTable", "AddDialog", "HelpScreen", "Dashboard"} <= {
        one.__name__ for one in classes
    }
    missing = [
        (owner.__name__, binding.key)
        for owner in classes
        for binding in own_bindings(owner)
        if not any(_tells(line, binding) for line in lines)
    ]
    assert missing == []


def _tells(line: str, binding: Binding) -> bool:
    told = binding.tooltip or binding.description
    return bool(told) and line.endswith(told) and shown_keys(binding) in line


async def test_the_help_begins_with_the_screen_and_scrolls(made: Fixture) -> None:
    app = dashboard(made.workspace)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        await pilot.press("2", "question_mark")
        await pilot.pause()
        assert isinstance(app.screen, HelpScreen)
        text = screen_text(app)
        assert text.index("Everywhere") < text.index("Queue\n".rstrip())
        assert "queue more, with the plan beforehand" in text
        assert "Signs" not in text
        await pilot.press("end")
        await until(lambda: "Signs" in screen_text(app))
        await pilot.press("escape")
        assert app.queue_screen.is_current


async def test_no_key_is_cut_off_and_help_is_always_seen(made: Fixture) -> None:
    app = dashboard(made.workspace)
    async with app.run_test(size=(100, 12)) as pilot:
        await opened(pilot, app)
        for key in SCREENS:
            await pilot.press(key)
            for width in (80, 40):
                await pilot.resize_terminal(width, 12)
                line = app.screen.query_one(KeyLine)
                await until(partial(_is_fitted, line, width))
                await pilot.pause()
                shown = list(line.query(FooterKey))
                ends = [(one.region.x, one.region.right) for one in shown]
                assert all(0 <= begin < end <= width for begin, end in ends)
                assert all(one[1] < two[0] for one, two in pairwise(ends))
                needed = [cell_len(f"{one.key_display} {one.description}") for one in shown]
                assert [one.size.width for one in shown] == needed
                assert screen_text(app).splitlines()[-1].rstrip().endswith("? help")
                assert (len(shown) >= 6) == (width >= 80)


def _is_fitted(line: KeyLine, width: int) -> bool:
    return line._fitted == width - 2


def test_what_is_used_most_is_shown_first() -> None:
    app, node = App[None](), DOMNode()
    keys = [
        ActiveBinding(node, Binding("a", "first", "first"), True, ""),
        ActiveBinding(node, Binding("b", "second", "second"), True, ""),
        ActiveBinding(app, Binding("1", "show('run')", "Run"), True, ""),
        ActiveBinding(app, Binding("q", "quit", "quit"), True, ""),
        ActiveBinding(app, Binding("question_mark", "help", "help"), True, ""),
    ]
    shown = [[one.binding.description for one in fitting(keys, width)] for width in range(45)]
    assert shown[40] == ["Run", "first", "second", "quit", "help"]
    assert shown[39] == shown[32] == ["Run", "first", "second", "help"]
    assert shown[21] == shown[13] == ["Run", "help"]
    assert shown[6] == ["help"]
    assert shown[5] == []


async def test_keys_are_clicked(made: Fixture) -> None:
    app = dashboard(made.workspace)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, app)
        await pilot.click(_key(app, "axis"))
        await until(lambda: app.run_screen.settings["axis"] == "steps")
        await pilot.click(_key(app, "Queue"))
        await until(lambda: app.screen is app.queue_screen)
        await until(lambda: bool(app.queue_screen.table.rows))
        await pilot.pause()
        await pilot.click(_key(app, "help"))
        await until(lambda: isinstance(app.screen, HelpScreen))


def _key(app: Dashboard, description: str) -> FooterKey:
    return next(one for one in app.screen.query(FooterKey) if one.description == description)


async def command(pilot: Pilot[None], app: Dashboard, words: str) -> None:
    """Type words into the palette, and take the first command."""
    await pilot.press("ctrl+p")
    await until(lambda: "Search" in screen_text(app))
    await type_words(pilot, app, words)
    await until(lambda: _first(app).startswith(words))
    await pilot.press("enter")
    await pilot.pause()


async def type_words(pilot: Pilot[None], app: Dashboard, words: str) -> None:
    """All but the last key at once."""
    app.screen.query_one(Input).value = words[:-1]
    await pilot.press("end", words[-1])


def _first(app: Dashboard) -> str:
    options = app.screen.query_one(CommandList).options
    return str(options[0].prompt).lower() if options else ""


async def test_the_palette_has_actions_models_and_themes(made: Fixture) -> None:
    app = dashboard(made.workspace)
    async with app.run_test(size=(100, 30)) as pilot:
        await opened(pilot, app)
        await go(pilot, app, "2")
        await command(pilot, app, "sort")
        await until(lambda: app.queue_screen.view.sort != "turn")
        await command(pilot, app, "model3")
        await until(lambda: app.run_screen.query_one(ModelList).selected == "model3")
        await until(lambda: app.screen is app.run_screen)
        await command(pilot, app, "theme")
        await until(lambda: "nord" in screen_text(app))
        await type_words(pilot, app, "textual-light")
        await pilot.press("enter")
        await until(lambda: app.theme == "textual-light")
