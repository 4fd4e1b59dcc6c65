"""What the threads of the Results screen tell it."""

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:  # what these import costs a fifth of the start-up
    from cxrtui.screens.results.confidence import ColumnConfidence
    from cxrtui.screens.results.label import LabelCurves
    from cxrtui.screens.results.work import LoadedResults
    from jobs.comparisons import ComparisonResult


class ResultsLoaded(Message):
    """The result table of what has been predicted so far."""

    def __init__(self, loaded: "LoadedResults") -> None:
        super().__init__()
        self.loaded = loaded


class ColumnSure(Message):
    """How sure the numbers of one more column are on one split."""

    def __init__(self, loaded: "LoadedResults", confidence: "ColumnConfidence") -> None:
        super().__init__()
        self.loaded, self.confidence = loaded, confidence


class ClaimsAdvanced(Message):
    """So many of the scores that the claims rest on are resampled."""

    def __init__(self, done: int, of: int) -> None:
        super().__init__()
        self.done, self.of = done, of


class ClaimsTested(Message):
    """What the recipe's claims come to."""

    def __init__(
        self, loaded: "LoadedResults", comparisons: "tuple[ComparisonResult, ...]"
    ) -> None:
        super().__init__()
        self.loaded, self.comparisons = loaded, comparisons


class LabelRead(Message):
    """The AP of a label over the epochs."""

    def __init__(self, curves: "LabelCurves") -> None:
        super().__init__()
        self.curves = curves


class LabelUnread(Message):
    """The AP over the epochs cannot be read, in one line for a person."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
