"""What stands on the frame of the result table: its order, the label under the cursor."""

from cxrtui.screens.results.table import positives
from cxrtui.screens.results.view import BOTH, ResultsView, Splits
from cxrtui.screens.results.work import LoadedResults
from cxrtui.show.result_rows import DrawnRow


def table_words(loaded: LoadedResults, view: ResultsView, splits: Splits) -> str:
    """What is shown, on which splits, in which order."""
    words = f"Average precision on {' / '.join(splits)}, best so far bold"
    order = view.order
    by = {"recipe": "", "name": "name", "positives": "positives"}.get(order.by)
    if by is None:
        by = f"{loaded.table.columns[order.column]} {splits[0]}"
    if by:
        words += f", by {by}"
    return words + (" reversed" if order.is_reversed else "")


def label_words(loaded: LoadedResults, row: DrawnRow) -> str:
    """A label in full, its group, and how often it is positive."""
    if row.label is None:
        return ""
    words = [row.title, *((row.label.group,) if row.label.group else ())]
    for split in BOTH:
        count = positives(row.label, split)
        if count is not None:
            words.append(f"{split} {count:,} of {len(loaded.scores.targets[split]):,}")
    return "  ".join(words)
