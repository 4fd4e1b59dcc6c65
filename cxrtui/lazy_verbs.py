"""Verbs of the command line that are imported when they are called, or to list them for help."""

from importlib import import_module
from typing import Any, Final

import typer
from typer.core import TyperGroup
from typer.main import get_group

# Where each verb is, in the order of the help: a function, or `app` of several.
_VERBS: Final = {
    "curves": "curves:curves",
    "doctor": "doctor:doctor",
    "init": "initialise:init",
    "run-all": "run_all:run_all",
    "report": "report:report",
    "results": "results:results",
    "status": "status:status",
    "data": "data:app",
    "ensemble": "ensemble:app",
    "queue": "queue:app",
    "recipe": "recipe:app",
    "supervisor": "supervisor:app",
    "workspace": "workspace:app",
}


class LazyVerbs(TyperGroup):
    """The top of the command line; a context and a command are Click's, as Typer has them."""

    def list_commands(self, ctx: Any) -> list[str]:
        """All verbs, none of them imported."""
        return list(_VERBS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The verb of that name, imported now; None if there is none."""
        if cmd_name not in _VERBS:
            for verb in _VERBS:  # the verbs that might have been meant are named
                self._load(verb)
        elif cmd_name not in self.commands:
            self._load(cmd_name)
        return self.commands.get(cmd_name)

    def _load(self, verb: str) -> None:
        module, name = _VERBS[verb].split(":")
        found = getattr(import_module(f"cxrtui.commands.{module}"), name)
        alone = typer.Typer(rich_markup_mode=self.rich_markup_mode)
        if isinstance(found, typer.Typer):
            alone.add_typer(found, name=verb)
        else:
            alone.command(verb)(found)
        self.commands[verb] = get_group(alone).commands[verb]
