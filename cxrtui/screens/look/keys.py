"""The line at the bottom: the keys that fit, the most used first, and always the way to help."""

from typing import Final

from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.binding import ActiveBinding, Binding
from textual.keys import KEY_NAME_REPLACEMENTS, format_key
from textual.widgets import Footer, Input
from textual.widgets._footer import FooterKey

_HELP: Final = "help"
_GAP: Final = 2  # cells behind each key
_TYPED: Final = frozenset(KEY_NAME_REPLACEMENTS.values())  # Textual hides letters, but not these


class KeyLine(Footer):
    """Keys are clicked, too. What does not fit is in the help and in the command palette."""

    DEFAULT_CSS = """
    KeyLine { padding: 0 1; }
    KeyLine FooterKey.-compact, KeyLine.-compact FooterKey { margin-right: 2; }
    KeyLine FooterKey.-here { background: $foreground 20%; text-style: bold; }
    KeyLine FooterKey.-last { dock: right; margin-right: 0; }
    """

    def __init__(self, here: str = "") -> None:
        """`here` is the name of the screen that it is on, whose key is shown as pressed."""
        super().__init__(show_command_palette=False, compact=True)
        self._here = f"show('{here}')"
        self._fitted = 0  # the width that it was made for

    def compose(self) -> ComposeResult:
        """As many keys as fit."""
        if not self._bindings_ready:
            return
        self._fitted = self.size.width
        active = list(self.screen.active_bindings.values())
        if isinstance(self.screen.focused, Input):
            active = [one for one in active if one.binding.key not in _TYPED]
        for one in fitting(active, self.size.width):
            key = FooterKey(
                one.binding.key,
                shown_keys(one.binding),
                one.binding.description,
                one.binding.action,
                disabled=not one.enabled,
                tooltip=one.tooltip or one.binding.description,
            )
            key.set_class(one.binding.action == self._here, "-here")
            key.set_class(_is_help(one), "-last")
            yield key.data_bind(compact=Footer.compact)

    async def on_resize(self) -> None:
        """As many as fit now."""
        if self.size.width != self._fitted:
            await self.recompose()


def fitting(active: list[ActiveBinding], width: int) -> list[ActiveBinding]:
    """Which keys are shown in so many cells: screens, the screen's own, the application's, help."""
    seen: dict[str, ActiveBinding] = {}
    for one in active:
        if one.binding.show:
            seen.setdefault(one.binding.action, one)
    shown = sorted(seen.values(), key=_place)
    kept, left = [], width + _GAP
    for one in sorted(shown, key=lambda one: (not _is_help(one), _place(one))):
        left -= cell_len(f"{shown_keys(one.binding)} {one.binding.description}") + _GAP
        if left < 0:
            break
        kept.append(one)
    return [one for one in shown if one in kept]


def shown_keys(binding: Binding) -> str:
    """How a binding's keys are written: `space`, `^p`, `j ↓`."""
    if binding.key_display:
        return binding.key_display
    return " ".join(_shown_key(key.strip()) for key in binding.key.split(","))


def _shown_key(key: str) -> str:
    *modifiers, key = key.split("+")
    return "".join("^" if one == "ctrl" else f"{one}+" for one in modifiers) + format_key(key)


def _place(one: ActiveBinding) -> int:
    if not isinstance(one.node, App):
        return 1
    if _is_help(one):
        return 3
    return 0 if one.binding.action.startswith("show(") else 2


def _is_help(one: ActiveBinding) -> bool:
    return isinstance(one.node, App) and one.binding.action == _HELP
