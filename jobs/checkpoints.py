"""Which checkpoints and which weights of a train job exist, and are whole.

A checkpoint is a folder `attempt-<n>/checkpoints/step-<n>/`. Its `manifest.json`, written last,
makes it exist: `{"step": ..., "files": {name: {"sha256": ..., "bytes": ...}}}`.
"""

import json
import shutil
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any, Final

from jobs.durable import fsync_folder, sha256_file, write_json
from jobs.errors import DamagedError, InputError
from jobs.events import read_events
from jobs.failpoints import failpoint
from jobs.locks import is_locked
from jobs.paths import AttemptPaths, attempt_folders

MANIFEST: Final = "manifest.json"


def number_of(folder: Path) -> int:
    """The number behind the last hyphen of `attempt-<n>` or `step-<n>`; -1 if there is none."""
    text = folder.name.rpartition("-")[2]
    return int(text) if text.isdecimal() else -1


def attempts(job_folder: Path) -> list[Path]:
    """The attempt folders of a job, oldest first."""
    return list(attempt_folders(job_folder).values())


def checkpoint_folder(attempt_folder: Path, step: int) -> Path:
    """Where the attempt keeps its checkpoint of `step`."""
    return attempt_folder / "checkpoints" / f"step-{step}"


def publish(folder: Path, step: int) -> None:
    """Make the checkpoint exist: a manifest of the files in `folder`, which must be on the disk."""
    files = {path.name: _description(path) for path in sorted(folder.iterdir())}
    for parent in (folder.parent, folder.parent.parent):
        fsync_folder(parent)
    write_json(folder / MANIFEST, {"step": step, "files": files})


def is_whole(folder: Path) -> bool:
    """Whether every file that the manifest names has its size and its checksum."""
    try:
        files = json.loads((folder / MANIFEST).read_bytes())["files"]
        return bool(files) and all(_is_as(folder / name, entry) for name, entry in files.items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def checkpoints(job_folder: Path) -> list[Path]:
    """Existing checkpoints of all attempts by step, of one step the newer attempt's last."""
    found = [
        (number_of(manifest.parent), number_of(attempt), manifest.parent)
        for attempt in attempts(job_folder)
        for manifest in attempt.glob(f"checkpoints/step-*/{MANIFEST}")
    ]
    return [path for _, _, path in sorted(found)]


def newest_whole_checkpoint(job_folder: Path) -> Path | None:
    """The checkpoint to resume from: the newest whose bytes are what was written."""
    return next((path for path in reversed(checkpoints(job_folder)) if is_whole(path)), None)


def remove_checkpoint(folder: Path) -> None:
    """Remove a checkpoint, or what is left of one.

    The manifest goes first, so that what is half removed does not exist.
    """
    if (folder / MANIFEST).exists():
        (folder / MANIFEST).unlink()
        fsync_folder(folder)
        failpoint("train.checkpoint-half-removed")
    shutil.rmtree(folder)


def prune(attempt_folder: Path, keep: int = 2) -> None:
    """Remove all but the newest `keep` checkpoints of one attempt."""
    manifests = attempt_folder.glob(f"checkpoints/step-*/{MANIFEST}")
    ordered = sorted((path.parent for path in manifests), key=number_of)
    for folder in ordered[: max(0, len(ordered) - keep)]:
        remove_checkpoint(folder)


def prune_earlier(attempt_folder: Path) -> None:
    """Remove the checkpoints of earlier attempts, once this one has published one of its own.

    One of a later step than that stays while it is the one to resume from: it looked damaged when
    this attempt began, and is whole. An earlier attempt that still runs keeps all of its own.
    """
    job_folder = attempt_folder.parent
    own = [path for path in checkpoints(job_folder) if path.parent.parent == attempt_folder]
    earlier = [
        folder
        for attempt in attempts(job_folder)
        if number_of(attempt) < number_of(attempt_folder) and not _is_running(attempt)
        for folder in _folders(attempt)
    ]
    if not own or not earlier:
        return
    is_later = any(number_of(folder) > number_of(own[-1]) for folder in earlier)
    kept = newest_whole_checkpoint(job_folder) if is_later else own[-1]
    for folder in earlier if kept is not None else ():
        if folder != kept:
            remove_checkpoint(folder)


def prune_finished(attempt_folder: Path, keep: int) -> None:
    """Remove what a job need not keep that this attempt has finished.

    One checkpoint stays even if `keep` is 0, until the queue knows of the success (`workspace gc`
    takes it then): if the power fails before, the next attempt must not begin at the first step.
    """
    for folder in superfluous(attempt_folder.parent, max(keep, 1)):
        attempt = folder.parent.parent
        if attempt == attempt_folder or not _is_running(attempt):
            remove_checkpoint(folder)


def superfluous(
    job_folder: Path, keep: int, whole: Callable[[Path], bool] = is_whole
) -> list[Path]:
    """What a finished job need not keep: all but its newest `keep` checkpoints that are `whole`.

    Also what is left of checkpoints that were not published, or were half removed.
    """
    kept = set(islice(filter(whole, reversed(checkpoints(job_folder))), keep))
    found = (folder for attempt in attempts(job_folder) for folder in _folders(attempt))
    return [folder for folder in found if folder not in kept]


def outdated(job_folder: Path, whole: Callable[[Path], bool] = is_whole) -> list[Path]:
    """What an unfinished job need not keep: all in attempts before that of its newest `whole` one.

    A later step than that one's stays; without a whole one all stays.
    """
    newest = next(filter(whole, reversed(checkpoints(job_folder))), None)
    if newest is None:
        return []
    return [
        folder
        for attempt in attempts(job_folder)
        if number_of(attempt) < number_of(newest.parent.parent)
        for folder in _folders(attempt)
        if number_of(folder) <= number_of(newest)
    ]


def _is_running(attempt_folder: Path) -> bool:
    return is_locked(AttemptPaths(attempt_folder).lock)


def _folders(attempt_folder: Path) -> list[Path]:
    """Folders of an attempt's checkpoints, also of those that do not exist yet or any more."""
    return [path for path in attempt_folder.glob("checkpoints/step-*") if number_of(path) >= 0]


def finished_weights(job_folder: Path) -> Path:
    """The weights that the job's newest finished attempt ended with, whole by their SHA-256.

    Raises InputError if no attempt has finished, DamagedError if what finished is not whole.
    """
    damaged: Path | None = None
    for attempt in reversed(attempts(job_folder)):
        entry = _weights_entry(attempt)
        if entry is None:
            continue
        path = attempt / str(entry["path"])
        if _is_as(path, entry):
            return path
        damaged = damaged or path
    if damaged is not None:
        raise DamagedError(f"{damaged}: missing or not as it was written; train the model again")
    raise InputError(f"{job_folder}: no attempt has finished; train this model first")


def _weights_entry(attempt: Path) -> dict[str, Any] | None:
    entry: dict[str, Any] | None = None
    for event in read_events(attempt / "events.jsonl"):
        if event.kind == "finished":
            artifacts = event.fields.get("artifacts", [])
            name = event.fields.get("weights")
            entry = next((one for one in artifacts if one.get("path") == name), None)
    return entry


def _description(path: Path) -> dict[str, Any]:
    return {"sha256": sha256_file(path), "bytes": path.stat().st_size}


def _is_as(path: Path, entry: dict[str, Any]) -> bool:
    try:
        return _description(path) == {"sha256": entry["sha256"], "bytes": entry["bytes"]}
    except (OSError, KeyError):
        return False
