"""The keys of the Queue screen, the most used first."""

from textual.binding import Binding, BindingType

from jobs.queue.verbs import GIVE_UP

QUEUE_KEYS: list[BindingType] = [
    Binding("enter", "details", "details", tooltip="all that is known of a job, or hide it"),
    Binding("a", "add", "add", tooltip="queue more, with the plan beforehand"),
    Binding("c", "ask('cancel')", "cancel", tooltip="cancel; a checkpoint is kept"),
    Binding("r", "ask('retry')", "retry", tooltip="run again, from the newest checkpoint"),
    Binding("slash", "filter", "find", key_display="/", tooltip="words that a job must have"),
    Binding("space", "mark", "mark", tooltip="mark a job: actions are for all that are marked"),
    Binding("o", "sort", "sort", tooltip="sort by the next column (or click on its title)"),
    Binding("f", "state", "state", tooltip="only jobs in the next state"),
    Binding("p", "ask('pause')", "pause", tooltip="stop at a checkpoint until resumed"),
    Binding("P", "ask('resume')", "resume", tooltip="let a paused job go on"),
    Binding("h", "ask('hold')", "hold", tooltip="do not start it until released"),
    Binding("H", "ask('release')", "release", tooltip="let a held job start"),
    Binding("plus", "move(1)", "earlier", key_display="+", tooltip="raise the priority"),
    Binding("minus", "move(-1)", "later", key_display="-", tooltip="lower the priority"),
    Binding("z", "freeze", "freeze", tooltip="start nothing new, or thaw the queue"),
    Binding(
        "asterisk",
        "mark_all",
        "mark all",
        key_display="*",
        show=False,
        tooltip="mark all jobs that are shown, or none",
    ),
    Binding(
        "X",
        f"ask('{GIVE_UP}')",
        "give up",
        show=False,
        tooltip="its host is gone for good: do not wait for it",
    ),
    Binding("escape", "back", "back", show=False, tooltip="leave details, filter, marks, state"),
]
