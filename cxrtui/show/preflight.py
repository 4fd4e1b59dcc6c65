"""What a preflight found, for a person and for scripts."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from cxrtui.show.packs import size_text
from cxrtui.show.plain import plain
from cxrtui.show.progress import duration
from jobs.preflight.bench import Bench
from jobs.preflight.preflight import Findings, Tried
from jobs.preflight.setting import Trial


@contextmanager
def measuring(console: Console) -> Iterator[Callable[[str, int, int], None]]:
    """A function of (what, done, total) that moves a bar on a terminal; in a pipe it is silent."""
    if not console.is_terminal:
        yield lambda what, done, total: None
        return
    columns = (
        TextColumn("preflight"),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TextColumn("{task.description}", markup=False),
    )
    began = time.monotonic()
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=None)

        def show(what: str, done: int, total: int) -> None:
            left = (time.monotonic() - began) / done * (total - done) if done else 0.0
            told = f"{plain(what)}, about {duration(left)} left" if left else plain(what)
            bar.update(task, description=told, completed=done, total=total)

        yield show


def preflight_table(found: Findings) -> Table:
    """A row for each setting."""
    table = Table(box=None, pad_edge=False)
    table.add_column("architecture", overflow="fold", min_width=19)
    for title in ("px", "at once", "GPU GiB", "img/s"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("models", overflow="fold")
    table.add_column("time", justify="right", no_wrap=True)
    for one in found.tried:
        table.add_row(*(Text(plain(cell)) for cell in _row(found, one)))
    return table


def preflight_lines(found: Findings) -> Iterator[str]:
    """What all jobs take together."""
    expected = found.forecast
    if found.bench.obstacle:
        yield f"not measured now: {found.bench.obstacle}"
    packs = [job for job in found.jobs if job.kind == "pack"]
    if packs:
        sizes = ", ".join(str(job.spec["size"]) for job in packs)
        taken = _total([expected.seconds[job.key] for job in packs])
        rate = "" if found.decode_rate is None else f", {found.decode_rate:,.0f} images/s decoded"
        yield f"packs        {sizes} px: {size_text(expected.packs)}, {_span(taken)}{rate}"
    runs = "not known" if expected.runs is None else f"{size_text(expected.runs)} at most"
    yield f"checkpoints  with weights and predictions: {runs}"
    for disk in found.disks:
        needs = f"needs {size_text(disk.needed)}"
        yield f"disk         {needs}, {size_text(disk.free)} are free at {disk.folder}"
    slots = found.bench.slots.get("network", 0)
    at_once = "one job at a time" if slots == 1 else f"{slots} jobs at once"
    if expected.slot_seconds is not None:
        yield f"time         {_amount(expected.slot_seconds, found.bench)}, {at_once}"
    if expected.finish is not None:
        at = time.strftime("%a %d %b %H:%M", time.localtime(time.time() + expected.finish))
        yield f"done         {at}, {_span(expected.finish)} from now, if nothing else runs"


def preflight_json(found: Findings) -> dict[str, Any]:
    """The same for scripts; what is not known is null."""
    expected = found.forecast
    return {
        "device": found.bench.device,
        "obstacle": found.bench.obstacle or None,
        "settings": [_setting_json(found, one) for one in found.tried],
        "packs": {
            "bytes": expected.packs,
            "images_per_second": found.decode_rate,
            "seconds": _total(
                [expected.seconds[job.key] for job in found.jobs if job.kind == "pack"]
            ),
        },
        "runs": {"bytes": expected.runs},
        "disks": [
            {"folder": str(one.folder), "free": one.free, "needs": one.needs} for one in found.disks
        ],
        "slots": found.bench.slots.get("network", 0),
        "slot_seconds": expected.slot_seconds,
        "finish_seconds": expected.finish,
        "jobs": {job.name: expected.seconds[job.key] for job in found.jobs},
        "warnings": found.warnings,
        "faults": found.faults,
    }


def _setting_json(found: Findings, one: Tried) -> dict[str, Any]:
    measured = one.measured
    return {
        **one.setting.model_dump(mode="json", exclude={"images_at_once"}),
        "images_at_once": one.setting.images_at_once,
        "images_at_once_that_fit": measured and measured.images_at_once,
        "models": one.models,
        "slot_seconds": found.forecast.taken_by(one.jobs),
        "measured": measured and measured.trial.model_dump(mode="json"),
        "fault": one.fault or None,
    }


def _row(found: Findings, one: Tried) -> list[str]:
    architecture = one.setting.architecture.partition(".")[0]  # without the name of its weights
    size, wanted, models = one.setting.image_size, one.setting.images_at_once, ", ".join(one.models)
    if one.measured is None:
        fault = "cannot run" if one.fault else ""
        return [architecture, str(size), str(wanted), fault, "", models, ""]
    trial, fit = one.measured.trial, one.measured.images_at_once
    at_once = str(fit) if fit == wanted else f"{fit}/{wanted}"
    rate = f"{trial.train_rate or trial.predict_rate:,.0f}"
    taken = _span(found.forecast.taken_by(one.jobs))
    return [architecture, str(size), at_once, _memory(trial), rate, models, taken]


def _memory(trial: Trial) -> str:
    if trial.gpu_peak is None or trial.gpu_bytes is None:
        return ""
    return f"{trial.gpu_peak / 2**30:.1f}/{trial.gpu_bytes / 2**30:.0f}"


def _amount(seconds: float, bench: Bench) -> str:
    if bench.gpus:
        return f"{seconds / 3600:,.1f} GPU-hours of {bench.device}"
    return f"{duration(seconds)} of {bench.device}"


def _span(seconds: float | None) -> str:
    return "time not known" if seconds is None else duration(seconds)


def _total(parts: list[float | None]) -> float | None:
    known = [one for one in parts if one is not None]
    return sum(known) if len(known) == len(parts) else None
