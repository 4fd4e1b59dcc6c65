"""Which verbs of a person change a job in which states. Imports nothing: a shell waits for it."""

from typing import Final

OPEN_STATES: Final = ("queued", "running", "blocked", "paused", "held")
STOPPABLE: Final = frozenset((*OPEN_STATES, "failed"))
STOPS: Final = {"cancel": "cancelled", "pause": "paused", "hold": "held"}
STARTS: Final = {
    "resume": frozenset({"paused"}),
    "release": frozenset({"held"}),
    "retry": frozenset({"failed", "cancelled", "succeeded"}),
    "enqueue": frozenset({"failed", "cancelled", "paused", "held"}),
}
GIVE_UP: Final = "give-up"  # an attempt on a host that is gone for good
CHANGED_BY: Final = {**STARTS, **dict.fromkeys(STOPS, STOPPABLE)}
