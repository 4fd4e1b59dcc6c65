"""What the command palette offers: every action that has a key now, and every model by name."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol, runtime_checkable

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from cxrtui.screens.look.keys import shown_keys
from cxrtui.show.plain import plain_line

if TYPE_CHECKING:
    from cxrtui.screens.known import Known

_NOT_OFFERED: Final = ("command_palette",)


@runtime_checkable
class ShowsModels(Protocol):
    """An application that can go to a model."""

    known: "Known"

    def go_to_model(self, name: str) -> None:
        """Show the model of that name on the Run screen."""


@dataclass(frozen=True)
class Command:
    """Something that can be done; its texts are harmless and no markup."""

    name: str
    help: str
    run: Callable[[], object]


class PlainProvider(Provider):
    """Offers commands whose names are taken as they are."""

    def commands(self) -> Iterator[Command]:
        """What there is to do now."""
        raise NotImplementedError

    async def discover(self) -> Hits:
        """All of them."""
        for one in self.commands():
            yield DiscoveryHit(Content(one.name), one.run, one.name, _harmless(one.help))

    async def search(self, query: str) -> Hits:
        """Those that are like what is typed, by their names first."""
        matcher = self.matcher(query)
        for one in self.commands():
            score = max(matcher.match(one.name), matcher.match(one.help) / 2)
            if score > 0:
                yield Hit(score, Content(one.name), one.run, one.name, _harmless(one.help))


class ActionCommands(PlainProvider):
    """The actions of the screen, of what has the keys there, and of the application."""

    def commands(self) -> Iterator[Command]:
        """Each action once, with its key."""
        offered = set(_NOT_OFFERED)
        active = list(self.screen.active_bindings.values())
        for node, binding, enabled, tooltip in sorted(active, key=lambda one: not one.binding.show):
            named = binding.description and (binding.show or node in (self.screen, self.app))
            if binding.action in offered or not enabled or not named:
                continue
            offered.add(binding.action)
            name = binding.description[0].upper() + binding.description[1:]
            run = partial(self.app.run_action, binding.action, node)
            yield Command(f"{name}  {shown_keys(binding)}", tooltip, run)
        yield Command("Theme", "other colours, also light ones", self.app.action_change_theme)
        yield Command("Screenshot", "save a picture of this screen", self.app.action_screenshot)


class ModelCommands(PlainProvider):
    """Goes to a model by its name."""

    def commands(self) -> Iterator[Command]:
        """Each model that the Run screen lists."""
        if isinstance(self.app, ShowsModels) and self.app.known.overview is not None:
            for model in self.app.known.overview.models:
                if model.state or not model.optional:
                    name = plain_line(model.name)
                    run = partial(self.app.go_to_model, model.name)
                    yield Command(name, f"{plain_line(model.stage)}: its curves and its log", run)


def _harmless(text: str) -> str:
    """The palette takes help for markup."""
    return Content(text).markup
