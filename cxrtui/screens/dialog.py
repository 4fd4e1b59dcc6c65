"""Dialogs with a field, and keys that are typed for it before it can be seen."""

from typing import TypeVar

from textual import events
from textual.app import App
from textual.screen import ModalScreen

Answer = TypeVar("Answer")
Returned = TypeVar("Returned")


class Dialog(ModalScreen[Answer]):
    """Keys that come while nothing in it has the focus are typed once something has.

    Over ssh a key that opens a dialog and what is typed into it often arrive together.
    """

    def __init__(self) -> None:
        super().__init__()
        self.latest: events.Key | None = None  # that came through one of its widgets
        self._early: list[events.Key] = []

    def on_key(self, event: events.Key) -> None:
        """Know it from keys that were on their way to the screen below."""
        self.latest = event

    def on_descendant_focus(self) -> None:
        """Type what was typed too early."""
        early, self._early = self._early, []
        for key in early:
            self.app.post_message(key)

    def type_later(self, event: events.Key) -> None:
        """Type a key that did not come here by itself."""
        self._early.append(events.Key(event.key, event.character))
        if self.focused is not None:
            self.on_descendant_focus()


class DialogApp(App[Returned]):
    """An application whose dialogs lose no key."""

    async def on_event(self, event: events.Event) -> None:
        """Keep keys that a dialog cannot take yet."""
        if isinstance(event, events.Key) and not event.is_forwarded:
            dialog = self.screen
            if isinstance(dialog, Dialog) and dialog.focused is None:
                dialog.type_later(event)
                return
        await super().on_event(event)

    def on_key(self, event: events.Key) -> None:
        """Turn keys round that went to the screen below a dialog, or past a field."""
        dialog, focused = self.screen, self.focused
        if isinstance(dialog, Dialog) and event is not dialog.latest:
            event.prevent_default()
            dialog.type_later(event)
        elif focused is not None and focused.check_consume_key(event.key, event.character):
            event.prevent_default()  # no field lets its keys through: this one had no focus yet
            self.post_message(events.Key(event.key, event.character))
