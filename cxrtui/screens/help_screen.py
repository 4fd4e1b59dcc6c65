"""What every key does."""

from typing import ClassVar, Final

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

_KEYS: Final = (
    ("Everywhere", ""),
    ("1  2  3  4", "Run, Queue, Results, Ensemble"),
    ("j k  ↓ ↑", "the model, job, label or member below, above"),
    ("?  q", "this help, quit (jobs go on without the dashboard)"),
    ("Run", ""),
    ("space", "keep this model's curves while you look at others"),
    ("s", "smooth the train loss: off, 0.6, 0.9, 0.99"),
    ("x  y", "x axis: epochs, steps, images, time; loss on a log axis"),
    ("+ -  0", "zoom in, out; show all (or the mouse wheel)"),
    ("[ ]  ← →", "pan; read values at a cursor (or the mouse)"),
    ("l  /", "the log large, or small again; search it"),
    ("", "✓ done  ▶ runs  · waits  ✗ failed, blocked  ⏸ paused, held"),
    ("", "│ stage begins  ┊↻ resumed  \N{MULTIPLICATION SIGN} not a finite number"),
    ("Queue", ""),
    ("/  f  o", "find, state, sort by the next column"),
    ("space  *", "mark a job, mark all that are shown"),
    ("enter  a", "details; add, with the plan beforehand"),
    ("c  r", "cancel, retry"),
    ("p P  h H", "pause, resume; hold, release"),
    ("+ -", "priority up, down"),
    ("z", "freeze the queue, or thaw it"),
    ("Results", ""),
    ("t", "development, test"),
    ("s  S", "sort by the next column, turn the order round"),
    ("p", "published numbers beside"),
    ("c", "intervals, and what is within noise"),
    ("v", "the recipe's claims put to the test"),
    ("enter", "a label's AP over the epochs"),
    ("Ensemble", ""),
    ("space", "take the member in, or leave it out"),
    ("v", "view rule: none, frontal-mean, study-mean"),
    ("a", "what is averaged over the members: probabilities, logits, ranks"),
    ("t", "split: dev, test"),
    ("c", "compare with the best single member or the choice before"),
    ("w", "save the ensemble under a name"),
    ("", "~ the difference is within noise: with other patients it may be none"),
    ("", "° positives in fewer than ten patients: do not trust the interval"),
)


class HelpScreen(ModalScreen[None]):
    """The keys of all screens; any of its own keys closes it."""

    CSS = """
    HelpScreen { align: center middle; }
    HelpScreen VerticalScroll {
        width: 76; height: auto; max-height: 90%; border: round $primary; padding: 0 1;
        background: $surface;
    }
    HelpScreen Static { height: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,enter", "dismiss", "close")
    ]

    def compose(self) -> ComposeResult:
        """One text."""
        with VerticalScroll() as box:
            box.border_title = "Keys"
            yield Static(_help())


def _help() -> Text:
    text = Text()
    for keys, what in _KEYS:
        if what:
            text.append(f"  {keys:<9} ", style="bold").append(f"{what}\n")
        else:
            text.append(f"{keys}\n", style="bold underline")
    text.rstrip()
    return text
