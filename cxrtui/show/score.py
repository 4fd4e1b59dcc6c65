"""The score of one choice of members as a table."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from cxrtui.show.plain import plain
from cxrtui.show.result_table import written
from jobs.scoring.ensembles import Score


def score_table(labels: Sequence[str], score: Score) -> Table:
    """A row for each label, the groups, and the mean last."""
    table = Table(box=None, pad_edge=False)
    table.add_column("Label")
    table.add_column("AP", justify="right")
    for label, ap in zip(labels, score.per_label, strict=True):
        table.add_row(Text(plain(label)), written(None if ap != ap else float(ap), True))
    table.add_section()
    for group, mean in score.groups.items():
        table.add_row(Text(group, style="dim"), written(None if mean != mean else mean, True))
    table.add_row("Mean", written(score.map, True), style="bold")
    return table
