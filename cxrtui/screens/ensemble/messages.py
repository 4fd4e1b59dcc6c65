"""What the scorer, and the threads of the dialogs, tell the Ensemble screen."""

from textual.message import Message

from cxrtui.screens.ensemble.confidence import Confidence
from cxrtui.screens.ensemble.found import SearchTold
from cxrtui.screens.ensemble.work import LoadedSplit, Pick
from jobs.scoring.ensembles import Score


class SplitLoaded(Message):
    """A split has been read; None if nobody has predicted it."""

    def __init__(self, source: object, split: str, loaded: LoadedSplit | None) -> None:
        super().__init__()
        self.source, self.split, self.loaded = source, split, loaded


class Scored(Message):
    """What a choice scores: an ensemble, or a member alone."""

    def __init__(self, source: object, choice: Pick, result: Score) -> None:
        super().__init__()
        self.source, self.choice, self.result = source, choice, result


class ConfidenceKnown(Message):
    """How sure one can be of what a choice scores."""

    def __init__(self, source: object, confidence: Confidence) -> None:
        super().__init__()
        self.source, self.confidence = source, confidence


class ScorerEnded(Message):
    """The scorer has ended though nobody wanted that; why, in one line."""

    def __init__(self, source: object, text: str) -> None:
        super().__init__()
        self.source, self.text = source, text


class SearchAdvanced(Message):
    """So much of a search is done."""

    def __init__(self, done: int, of: int) -> None:
        super().__init__()
        self.done, self.of = done, of


class SearchDone(Message):
    """A search is over."""

    def __init__(self, told: SearchTold) -> None:
        super().__init__()
        self.told = told


class SearchFailed(Message):
    """A search ended with an error, in one line for a person."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class FileWritten(Message):
    """Predictions have been exported; what was written, in one line."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
