"""The progress of jobs as a live table, and as plain lines for a pipe."""

from collections.abc import Sequence
from typing import Final

from rich.table import Table
from rich.text import Text

from cxrtui.show.plain import plain
from jobs.queue.progress import JobProgress

MARKS = {
    "succeeded": ("✓", "green"),
    "running": ("▶", "cyan"),
    "queued": ("·", "dim"),
    "blocked": ("✗", "red"),
    "failed": ("✗", "bold red"),
    "cancelled": ("\N{MINUS SIGN}", "yellow"),
    "paused": ("\N{DOUBLE VERTICAL LINE}", "yellow"),
    "held": ("\N{DOUBLE VERTICAL LINE}", "yellow"),
}
OVER: Final = ("succeeded", "cancelled")
_BAR = 10


def progress_table(
    progress: Sequence[JobProgress],
    elapsed: float,
    eta: float | None,
    *,
    rows: int | None = None,
) -> Table:
    """A row for each pack that is not made yet, and for each model its training and predictions.

    With `rows` only what is not over, what runs first, and no more rows than that.
    """
    table = Table(box=None, pad_edge=False, caption_justify="left")
    for title in ("", "model", "stage", "progress", "epoch", "loss", "val mAP", "img/s", "predict"):
        right = title in ("epoch", "loss", "val mAP", "img/s")
        table.add_column(title, justify="right" if right else "left", no_wrap=True)
    found = _rows(progress)
    if rows is not None:
        found = [row for row in found if not all(one.state in OVER for one in row)]
        found.sort(key=lambda row: all(one.state != "running" for one in row))
    for first, *predicts in found[:rows]:
        table.add_row(*_row(first, predicts[-1] if predicts else None))
    more = len(found) - len(found[:rows])
    done = sum(one.state == "succeeded" for one in progress)
    left = "" if eta is None or done == len(progress) else f", about {duration(eta)} left"
    above = f"... and {more:,} more\n" if more else ""
    counts = f"{done:,} of {len(progress):,} jobs done"
    table.caption = f"{above}{counts} in {duration(elapsed)}{left}"
    return table


def _rows(progress: Sequence[JobProgress]) -> list[list[JobProgress]]:
    """The jobs of each row: a pack that is to be made, or a train job and its predict jobs."""
    rows = {
        one.job.key: [one]
        for one in progress
        if one.job.kind == "train" or (one.job.kind == "pack" and one.state != "succeeded")
    }
    trains = {one.job.key for one in progress if one.job.kind == "train"}
    for one in progress:
        if one.job.kind == "predict":
            train = next((key for key in one.job.needs if key in trains), one.job.key)
            rows.setdefault(train, []).append(one)
    return list(rows.values())


def progress_line(one: JobProgress) -> str:
    """One job that changed, for a pipe."""
    parts = [one.job.name, one.state]
    if one.state == "running" and one.attempts > 1:
        parts.append(f"(attempt {one.attempts})")
    if one.state == "succeeded":
        parts.append(f"in {duration(one.seconds)}")
    if one.val_map is not None:
        parts.append(f"val mAP {one.val_map:.3f}")
    if one.job.reason and one.state != "running":
        parts.append(f"({plain(one.job.reason)})")
    return " ".join(parts)


def duration(seconds: float) -> str:
    """Such as `42 s`, `3 m 05 s`, `9 h 40 m`; `0 s` where the clock was set back meanwhile."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} m {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} m"


def _row(one: JobProgress, predict: JobProgress | None) -> list[Text]:
    mark, colour = MARKS[one.state]
    filled = round(one.fraction * _BAR)
    if one.state in ("running", "succeeded"):
        bar = f"{'━' * filled}{' ' * (_BAR - filled)} {one.fraction:4.0%}"
    else:
        bar = plain(one.job.reason or one.state)
    running = one.state == "running"
    return [
        Text(mark, style=colour),
        Text(plain(one.job.model)),
        Text(plain(one.job.stage), style="dim"),
        Text(bar, style=colour),
        Text("" if one.epoch is None else f"{one.epoch:.1f}"),
        Text(_number(one.loss, ".4f")),
        Text(_number(one.val_map, ".3f")),
        Text(_number(one.images_per_second if running else None, ",.0f")),
        Text("" if predict is None else " ".join(_predict(predict))),
    ]


def _predict(one: JobProgress) -> tuple[str, str]:
    return MARKS[one.state][0], "" if one.state in ("succeeded", "queued") else one.state


def _number(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)
