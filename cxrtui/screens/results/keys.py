"""The keys of the Results screen."""

from typing import Final

from textual.binding import Binding, BindingType

RESULTS_KEYS: Final[list[BindingType]] = [
    Binding("t", "split", "split", tooltip="dev, test, or both"),
    Binding("s", "sort", "sort", tooltip="sort by the next column (or click on its title)"),
    Binding("S", "reverse", "reverse", show=False, tooltip="turn the order round"),
    Binding("p", "published", "published", tooltip="published numbers beside"),
    Binding("c", "intervals", "confidence", tooltip="intervals, and what is within noise"),
    Binding("v", "claims", "claims", tooltip="the recipe's claims put to the test"),
]
