"""What the threads of the Ensemble screen's dialogs tell."""

from textual.message import Message

from cxrtui.screens.ensemble.found import SearchTold


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
