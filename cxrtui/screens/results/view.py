"""What a person has set on the Results screen; it knows nothing of widgets and numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

from cxrtui.screens.away.file import Setting

BOTH: Final = ("dev", "test")
Splits = tuple[str, ...]
OrderBy = Literal["recipe", "name", "positives", "column"]


@dataclass(frozen=True)
class Order:
    """How the labels are ordered; `column` is the place of a column of the recipe."""

    by: OrderBy = "recipe"
    column: int = 0
    is_reversed: bool = False


@dataclass
class ResultsView:
    """Splits, order, and what stands beside the numbers."""

    wanted: Splits = BOTH  # both are shown only where they fit
    order: Order = Order()
    with_published: bool = False
    with_intervals: bool = False

    @property
    def settings(self) -> dict[str, Setting]:
        """What is kept of it until the next visit."""
        return {
            "splits": " ".join(self.wanted),
            "by": self.order.by,
            "column": self.order.column,
            "is_reversed": self.order.is_reversed,
            "with_published": self.with_published,
            "with_intervals": self.with_intervals,
        }

    def restore(self, settings: Mapping[str, Setting]) -> None:
        """Take over what was kept, as far as that still is something."""
        wanted, column = tuple(str(settings.get("splits")).split()), settings.get("column")
        self.wanted = wanted if wanted in (BOTH, *((split,) for split in BOTH)) else BOTH
        ways: tuple[OrderBy, ...] = get_args(OrderBy)
        by = next((one for one in ways if one == settings.get("by")), ways[0])
        place = column if isinstance(column, int) and column >= 0 else 0
        self.order = Order(by, place, settings.get("is_reversed") is True)
        self.with_published = settings.get("with_published") is True
        self.with_intervals = settings.get("with_intervals") is True

    def within(self, columns: int) -> None:
        """Forget an order by a column that is not there; the recipe may have changed."""
        if self.order.column >= columns:
            self.order = Order()

    def splits(self, *, both_fit: bool) -> Splits:
        """The splits that are shown: one at least."""
        return self.wanted if both_fit else self.wanted[:1]

    def next_splits(self, *, both_fit: bool) -> None:
        """The other split; where there is room both of them come in between."""
        if self.wanted == BOTH and both_fit:
            self.wanted = ("dev",)
        elif self.splits(both_fit=both_fit) == ("dev",):
            self.wanted = ("test",)
        else:
            self.wanted = BOTH

    def next_order(self, columns: int) -> None:
        """As in the recipe, by name, by positives, by each of the columns in turn."""
        every = [Order(), Order("name"), Order("positives")]
        every += [Order("column", column) for column in range(columns)]
        now = Order(self.order.by, self.order.column)
        place = every.index(now) + 1 if now in every else 0
        self.order = every[place % len(every)]

    def order_by(self, by: OrderBy, column: int = 0) -> None:
        """Order so; the other way round if it is so already."""
        order = Order(by, column)
        self.order = Order(by, column, is_reversed=True) if order == self.order else order

    def reverse(self) -> None:
        """The other way round."""
        order = self.order
        self.order = Order(order.by, order.column, not order.is_reversed)
