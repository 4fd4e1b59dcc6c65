"""How the dashboard is looked at: which screen and theme, and what each screen keeps."""

from collections.abc import Mapping
from typing import Any, Final, Protocol, runtime_checkable

from textual.app import App
from textual.screen import Screen

from cxrtui.screens.away.file import AwayFile, Setting

_SCREENS: Final = ("run", "queue", "results", "ensemble")


@runtime_checkable
class Remembers(Protocol):
    """A screen that knows what a person chose on it, before it is mounted as well."""

    @property
    def settings(self) -> dict[str, Setting]:
        """What a person chose and wants to find again, by plain names."""

    def restore(self, settings: Mapping[str, Setting]) -> None:
        """Take over what was chosen, as far as that can still be; nothing else is an error."""


class KeptView:
    """Nothing is restored or kept without a file. Names of settings begin with their screen's."""

    def __init__(self, app: App[None], kept: AwayFile | None) -> None:
        self._app = app
        self._kept = kept
        self._view: dict[str, Setting] = {} if kept is None else dict(kept.view)

    def restore(self) -> None:
        """Show the screen that was left, and all screens as they were; the Run screen is there."""
        theme = self._view.get("theme")
        if theme in self._app.available_themes:
            self._app.theme = str(theme)
        for name, screen in self._screens().items():
            if isinstance(screen, Remembers):
                screen.restore(_within(self._view, f"{name}."))
        left = self._view.get("screen")
        if left in _SCREENS[1:] and self._app.is_screen_installed(str(left)):
            self._app.switch_screen(str(left))

    def keep(self) -> None:
        """Remember how it is looked at now."""
        if self._kept is None:
            return
        screens = self._screens()
        shown = (
            name
            for below in reversed(self._app.screen_stack)
            for name, screen in screens.items()
            if screen is below
        )
        self._view["screen"], self._view["theme"] = next(shown, "run"), self._app.theme
        for name, screen in screens.items():
            if isinstance(screen, Remembers):
                self._view.update({f"{name}.{key}": one for key, one in screen.settings.items()})
        self._kept.view = dict(self._view)

    def _screens(self) -> dict[str, Screen[Any]]:
        names = (name for name in _SCREENS if self._app.is_screen_installed(name))
        return {name: self._app.get_screen(name) for name in names}


def _within(view: Mapping[str, Setting], prefix: str) -> dict[str, Setting]:
    return {name.removeprefix(prefix): one for name, one in view.items() if name.startswith(prefix)}
