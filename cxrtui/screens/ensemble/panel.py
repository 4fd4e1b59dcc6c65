"""The right side of the Ensemble screen: the mAP, what it is made of, and the table."""

from functools import partial

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Digits, Static

from cxrtui.screens.ensemble.bases import Against
from cxrtui.screens.ensemble.cells import number
from cxrtui.screens.ensemble.confidence import Confidence
from cxrtui.screens.ensemble.rows import label_rows
from cxrtui.screens.ensemble.summary import legend, summary
from cxrtui.screens.ensemble.table import LabelTable
from cxrtui.screens.ensemble.work import LoadedSplit, Pick
from cxrtui.show.plain import plain
from jobs.scoring.ensembles import Score

_TITLE = "Average precision"


class ScoresPanel(Vertical):
    """Shows scores, or says why there are none."""

    DEFAULT_CSS = """
    ScoresPanel #above { height: 4; }
    ScoresPanel #map { display: none; width: 17; padding: 0 1 0 0; }
    ScoresPanel #name { display: none; width: 4; height: 4; padding: 1 0; text-style: bold; }
    ScoresPanel #summary { height: 4; text-wrap: nowrap; text-overflow: ellipsis; }
    ScoresPanel #message { display: none; height: 1fr; }
    ScoresPanel.-message #message { display: block; }
    ScoresPanel.-message #above, ScoresPanel.-message LabelTable { display: none; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._words: partial[Text] | None = None  # of the summary, for some width
        self._summary: Text | None = None
        self._titles = ("", "")

    def compose(self) -> ComposeResult:
        """The mAP beside the summary, the table below; or a message."""
        with Horizontal(id="above"):
            yield Static("mAP", id="name")
            yield Digits(id="map")
            yield Static(id="summary", markup=False)
        yield LabelTable(id="table")
        yield Static(id="message", markup=False)

    @property
    def table(self) -> LabelTable:
        """The per-label table."""
        return self.query_one(LabelTable)

    @property
    def map(self) -> str:
        """The mAP that is shown; "" without any."""
        return "" if self.has_class("-message") else self.query_one(Digits).value

    def show(
        self,
        loaded: LoadedSplit,
        pick: Pick,
        score: Score,
        alone: dict[str, Score],
        base: Against,
        known: Confidence | None,
    ) -> None:
        """Show what a pick scores; only what has changed is drawn."""
        self.remove_class("-message")
        self.table.show(label_rows(loaded, score, alone, base.score, known), base.short)
        value, large = number(score.map), self.query_one(Digits)
        if large.value != value:
            large.update(value)
        self._words = partial(summary, pick, score, base, known)
        self._summarise()
        title = f"{_TITLE} on {loaded.split}, {loaded.images:,} images"
        self._entitle(title, legend(base, known))

    def on_resize(self) -> None:
        """Fit the summary."""
        self._summarise()

    def say(self, text: str, style: str = "dim") -> None:
        """Show a message, and no numbers."""
        self.add_class("-message")
        self._entitle(_TITLE, "")
        self.query_one("#message", Static).update(Text(plain(text), style=style))

    def _summarise(self) -> None:
        if self._words is None:
            return
        above, large = self.query_one("#summary", Static), self.query_one(Digits)
        told = self._words(above.size.width, with_map=not large.display)
        if told != self._summary:
            self._summary = told
            above.update(told, layout=False)

    def _entitle(self, title: str, subtitle: str) -> None:
        """Both are drawn with the whole frame, so only if they are new."""
        if (title, subtitle) != self._titles:
            self._titles = title, subtitle
            self.border_title = Content(title).markup
            self.border_subtitle = Content(subtitle).markup
