"""The queue as a table."""

from collections.abc import Mapping, Sequence

from rich.table import Table
from rich.text import Text

from cxrtui.show.plain import plain
from cxrtui.show.progress import MARKS, duration
from db.records import Attempt, Job


def queue_table(jobs: Sequence[Job], attempts: Mapping[int, Sequence[Attempt]]) -> Table:
    """A row for each job: its state, why it waits, and how long its attempts took."""
    table = Table(box=None, pad_edge=False)
    table.add_column("id", justify="right")
    for title in ("job", "stage", "state", "attempts", "took"):
        table.add_column(title, no_wrap=True)
    table.add_column("why")
    for job in jobs:
        mark, colour = MARKS[job.state]
        tried = attempts.get(job.id, ())
        took = sum(one.ended - one.started for one in tried if one.ended is not None)
        table.add_row(
            str(job.id),
            Text(plain(job.name)),
            Text(plain(job.stage), style="dim"),
            Text(f"{mark} {job.state}", style=colour),
            str(len(tried)),
            duration(took) if took else "",
            Text(plain(job.reason)),
        )
    return table
