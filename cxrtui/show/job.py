"""One job in full, for `queue show`."""

import signal
import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cxrtui.show.plain import plain, plain_line
from cxrtui.show.progress import MARKS, duration
from cxrtui.show.queue import steps_done
from db.records import Attempt
from jobs.queue.details import JobDetails

_MARKS: Final = {
    **MARKS,
    "starting": MARKS["running"],
    "interrupted": ("!", "yellow"),
    "stopped": MARKS["paused"],
    "unknown": ("?", "yellow"),
}
# Settings that a person compares, in their order; the others are in job.json.
_SETTINGS: Final = ("max_lr", "weight_decay", "warmup", "drop_rate", "oversampling_threshold")
Lines = Iterator[tuple[str, str]]  # (label, what it is)


def job_details(found: JobDetails) -> RenderableType:
    """Head, settings, and each attempt, first to last."""
    blocks: list[RenderableType] = [
        _title(f"{found.job.name}  #{found.job.id}", found.state),
        _block(_head(found)),
    ]
    for attempt in found.attempts:
        facts = found.provenance.get(attempt.number, {})
        blocks += [Text(), _title(f"attempt {attempt.number}", attempt.state)]
        blocks.append(_block(_attempt(found, attempt, facts)))
    return Group(*blocks, Text())


def job_json(found: JobDetails) -> dict[str, Any]:
    """The same for scripts, with nothing left out."""
    return {
        **asdict(found.job),
        "state": found.state,
        "folder": str(found.folder),
        "needs": [
            {"id": one.id, "model": one.model, "kind": one.kind, "state": one.state, "key": one.key}
            for one in found.needs
        ],
        "spec": found.spec,
        "requests": [asdict(one) for one in found.requests],
        "attempts": [
            {**asdict(one), "provenance": found.provenance.get(one.number) or None}
            for one in found.attempts
        ],
    }


def _title(name: str, state: str) -> Text:
    mark, colour = _MARKS[state]
    return Text.assemble((plain_line(name), "bold"), "  ", (f"{mark} {state}", colour))


def _block(lines: Lines) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True, min_width=10)
    table.add_column(overflow="fold")
    for label, told in lines:
        if told:
            table.add_row(f"  {label}", Text(plain(told)))
    return table


def _head(found: JobDetails) -> Lines:
    job = found.job
    yield "reason", job.reason
    yield "asked", ", ".join(f"{one.verb} {_clock(one.time)}" for one in found.requests[-3:])
    yield "recipe", f"{job.recipe}, {job.stage}"
    yield "queued", f"{_clock(job.queued)}, priority {job.priority}"
    yield "needs", ", ".join(f"{one.name} ({one.state})" for one in found.needs)
    yield "settings", ", ".join(_settings(found.spec))
    if job.kind != "pack":
        yield "runs on", ", ".join(_run(found.spec["run"]))
    yield "key", job.key
    yield "folder", str(found.folder)


def _settings(spec: dict[str, Any]) -> Iterator[str]:
    if "settings" not in spec:
        yield f"{spec['size']} px, {spec['pixels']['resize']}"
        yield f"from {spec['data_root']}"
        return
    settings = spec["settings"]
    yield settings["architecture"]
    yield f"{settings['channels']} x {settings['image_size']} px"
    yield f"batch {settings['batch_size']}"
    yield f"{settings['epochs']} epochs"
    yield f"from {settings['pre_weight']}"
    for name in _SETTINGS:
        if settings.get(name):
            yield f"{name} {settings[name]:g}"
    yield f"keep {settings['keep']}, seed {settings['seed']}"


def _run(run: dict[str, Any]) -> Iterator[str]:
    yield f'device "{run["device"]}"'
    if run.get("gpus", 1) > 1:
        yield f"{run['gpus']} GPUs"
    if run["micro_batch"]:
        yield f"{run['micro_batch']} images at once"
    yield f"{run['workers']} workers"
    yield f"a checkpoint every {run['checkpoint_minutes']:g} minutes"


def _attempt(found: JobDetails, attempt: Attempt, facts: dict[str, Any]) -> Lines:
    yield "reason", attempt.reason
    yield "end", _end(attempt)
    yield "time", _time(attempt)
    yield "where", ", ".join(filter(None, (attempt.host, attempt.slot, _gpu(attempt))))
    yield "boot", attempt.boot
    yield "memory", ", ".join(_memory(attempt))
    yield "progress", ", ".join(_progress(attempt))
    yield "code", _code(facts.get("git"))
    yield "packages", ", ".join(_software(facts))
    yield "system", ", ".join(str(facts[name]) for name in ("platform",) if name in facts)
    yield "log", str(found.folder / f"attempt-{attempt.number}" / "log.txt")


def _end(attempt: Attempt) -> str:
    if attempt.signal is not None:
        known = {one.value: one.name for one in signal.Signals}
        return f"signal {known.get(attempt.signal, attempt.signal)}"
    return "" if attempt.exit_code is None else f"exit code {attempt.exit_code}"


def _time(attempt: Attempt) -> str:
    if attempt.ended is None:
        return f"since {_clock(attempt.started)}, {duration(time.time() - attempt.started)}"
    took = duration(attempt.ended - attempt.started)
    return f"{_clock(attempt.started)} to {_clock(attempt.ended)}, {took}"


def _gpu(attempt: Attempt) -> str:
    if not attempt.gpu:
        return ""
    return f"{attempt.gpu} of {_gib(attempt.gpu_bytes)}" if attempt.gpu_bytes else attempt.gpu


def _memory(attempt: Attempt) -> Iterator[str]:
    if attempt.peak_bytes is not None:
        yield f"at most {_gib(attempt.peak_bytes)}"
    if attempt.gpu_peak is not None:
        yield f"{_gib(attempt.gpu_peak)} of a GPU"
    if attempt.micro_batch is not None:
        yield f"{attempt.micro_batch} images at once"


def _progress(attempt: Attempt) -> Iterator[str]:
    if told := steps_done(attempt):
        yield told
    if attempt.checkpoint > 0:
        yield f"newest checkpoint at step {attempt.checkpoint:,}"


def _code(git: dict[str, Any] | None) -> str:
    if not git:
        return ""
    changed = ", changed: see code.diff and provenance.json beside the log"
    return f"commit {git['commit']}{changed if git.get('dirty') else ''}"


def _software(facts: dict[str, Any]) -> Iterator[str]:
    if "python" in facts:
        yield f"Python {facts['python']}"
    yield from (f"{name} {version}" for name, version in facts.get("packages", {}).items())
    for name, title in (("cuda", "CUDA"), ("cudnn", "cuDNN"), ("driver", "driver")):
        if facts.get(name):
            yield f"{title} {facts[name]}"


def _clock(when: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(when))


def _gib(count: int | None) -> str:
    return f"{(count or 0) / 2**30:.1f} GiB"
