"""How the dashboard is looked at: which screen, model and axes. Kept, and restored."""

from typing import Final

from textual.app import App
from textual.widgets.option_list import OptionDoesNotExist

from cxrtui.screens.away.file import AwayFile, Setting
from cxrtui.screens.run.charts import RunCharts
from cxrtui.screens.run.model_list import ModelList

_SCREENS: Final = ("run", "queue", "results", "ensemble")
_CHARTS: Final = ("axis", "smoothing", "log_y")


class KeptView:
    """Nothing is restored or kept without a file."""

    def __init__(self, app: App[None], kept: AwayFile | None) -> None:
        self._app = app
        self._kept = kept
        self._view: dict[str, Setting] = {} if kept is None else dict(kept.view)
        self._selected = False

    def restore(self) -> None:
        """Show the screen that was left, and its curves as they were; the Run screen is there."""
        charts: dict[str, Setting] = {
            name: self._view[name] for name in _CHARTS if name in self._view
        }
        self._app.get_screen("run").query_one(RunCharts).restore(charts)
        screen = self._view.get("screen")
        if screen in _SCREENS[1:] and self._app.is_screen_installed(str(screen)):
            self._app.switch_screen(str(screen))

    def select(self) -> None:
        """Select the model that was selected, once the models are listed, if it is one of them."""
        models = self._app.get_screen("run").query_one(ModelList)
        if self._selected or not models.option_count:
            return
        self._selected = True
        try:
            models.highlighted = models.get_option_index(str(self._view.get("model", "")))
        except OptionDoesNotExist:
            return

    def keep(self) -> None:
        """Remember how it is looked at now."""
        if self._kept is None:
            return
        run = self._app.get_screen("run")
        names = [name for name in _SCREENS if self._app.is_screen_installed(name)]
        screens = {self._app.get_screen(name): name for name in names}
        shown = (screens[one] for one in reversed(self._app.screen_stack) if one in screens)
        self._view["screen"] = next(shown, "run")
        selected = run.query_one(ModelList).selected
        if selected is not None and self._selected:
            self._view["model"] = selected
        self._view.update(run.query_one(RunCharts).settings)
        self._kept.view = dict(self._view)
