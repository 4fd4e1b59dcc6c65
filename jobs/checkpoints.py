"""Which checkpoints and which weights of a train job exist, and are whole.

A checkpoint is a folder `attempt-<n>/checkpoints/step-<n>/`. Its `manifest.json`, written last,
makes it exist: `{"step": ..., "files": {name: {"sha256": ..., "bytes": ...}}}`.
"""

import json
import shutil
from pathlib import Path
from typing import Any, Final

from jobs.durable import fsync_folder, sha256_file, write_json
from jobs.errors import DamagedError, InputError
from jobs.events import read_events
from jobs.failpoints import failpoint
from jobs.paths import attempt_folders

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


def prune(attempt_folder: Path, keep: int = 2) -> None:
    """Remove all but the newest `keep` checkpoints of one attempt.

    The manifest goes first, so that what is half removed does not exist.
    """
    manifests = attempt_folder.glob(f"checkpoints/step-*/{MANIFEST}")
    ordered = sorted((path.parent for path in manifests), key=number_of)
    for folder in ordered[: max(0, len(ordered) - keep)]:
        (folder / MANIFEST).unlink()
        fsync_folder(folder)
        failpoint("train.checkpoint-half-removed")
        shutil.rmtree(folder)


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
