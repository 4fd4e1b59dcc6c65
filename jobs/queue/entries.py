"""What each kind of journal entry does to the database.

recipe     name, version, text, data_root, stages, models, targets
add        jobs [{key, kind, recipe, stage, model, folder, needs, spec}], priority
request    verb, keys, value
freeze     frozen
ensemble   recipe, name, averaging, view_rule, frontal_weight, members, member_keys, key
import     recipe, name, splits {split: {path, sha256, rows, source, source_sha256, logits}}
forget     keys, seen (the journal's offset when it was decided that nothing needs these jobs)
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection

from db.imports import put_imported_set
from db.jobs import (
    add_job,
    add_request,
    forget_jobs,
    jobs,
    keys_asked_since,
    set_priority,
)
from db.journal_state import set_frozen
from db.recipes import put_ensemble, put_recipe, recipe_named
from db.records import (
    EnsembleRecord,
    ImportedSetRecord,
    Job,
    ModelRecord,
    NewJob,
    Request,
    TargetSetRecord,
)
from jobs.durable import write_json
from jobs.failpoints import failpoint
from jobs.room.folders import remove_if_empty
from jobs.room.jobfile import says
from jobs.room.needed import needed_keys
from jobs.workspace import Workspace

Entry = dict[str, Any]


def apply_entry(workspace: Workspace, connection: Connection, entry: Entry, offset: int) -> None:
    """Apply the entry that stands at byte `offset` of the journal."""
    _APPLY[entry["kind"]](workspace, connection, entry, offset)


def _recipe(_workspace: Workspace, connection: Connection, entry: Entry, _offset: int) -> None:
    put_recipe(
        connection,
        name=entry["name"],
        version=entry["version"],
        text=entry["text"],
        data_root=entry["data_root"],
        stages=entry["stages"],
        models=[ModelRecord(**one) for one in entry["models"]],
        targets=[TargetSetRecord(**one) for one in entry["targets"]],
    )


def _add(workspace: Workspace, connection: Connection, entry: Entry, offset: int) -> None:
    again = Request(offset, "enqueue", None, entry["time"])
    for values in {job["key"]: job for job in entry["jobs"]}.values():
        needs = tuple(values["needs"])
        fields = {**values, "needs": needs, "priority": entry["priority"], "queued": entry["time"]}
        new = NewJob(**fields)
        is_new = add_job(connection, new)
        if not is_new:
            add_request(connection, new.key, again)
        _write_job(workspace.paths.job(new.folder) / "job.json", new.spec, anew=is_new)


def _write_job(path: Path, spec: dict[str, Any], *, anew: bool) -> None:
    """Write `job.json` if it is not there or, of a job that is new, says something else."""
    if says(path, spec) if anew else path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    write_json(path, spec)
    failpoint("journal.job-written")


def _request(_workspace: Workspace, connection: Connection, entry: Entry, offset: int) -> None:
    for key in dict.fromkeys(entry["keys"]):  # models with equal settings share a job
        if entry["verb"] == "priority":
            set_priority(connection, key, entry["value"])
        else:
            asked = Request(offset, entry["verb"], entry["value"], entry["time"])
            add_request(connection, key, asked)


def _freeze(_workspace: Workspace, connection: Connection, entry: Entry, _offset: int) -> None:
    set_frozen(connection, entry["frozen"])


def _ensemble(_workspace: Workspace, connection: Connection, entry: Entry, _offset: int) -> None:
    found = recipe_named(connection, entry["recipe"])
    if found is None:
        return
    # Entries of older versions say nothing of averaging and keys.
    kept = {"averaging": "probabilities", "key": None, "member_keys": {}, **entry}
    names = EnsembleRecord.__dataclass_fields__
    put_ensemble(connection, found.id, EnsembleRecord(**{name: kept[name] for name in names}))


def _import(_workspace: Workspace, connection: Connection, entry: Entry, _offset: int) -> None:
    found = recipe_named(connection, entry["recipe"])
    if found is None:
        return
    for split, told in entry["splits"].items():
        kept = {name: told[name] for name in ("path", "sha256", "rows", "source")}
        put_imported_set(connection, found.id, ImportedSetRecord(entry["name"], split, **kept))


def _forget(workspace: Workspace, connection: Connection, entry: Entry, _offset: int) -> None:
    """Forget jobs, but none that was asked for, or came to be needed, since that was decided.

    What a rebuild knows must be enough to decide this again: no states, no attempts.
    """
    known = {job.key: job for job in jobs(connection)}
    asked = keys_asked_since(connection, entry["seen"])
    others = known.keys() - set(entry["keys"])
    needed = needed_keys(connection, known.values(), others | asked)
    forgotten = [key for key in entry["keys"] if key in known and key not in needed]
    forget_jobs(connection, forgotten)
    for key in forgotten:
        _drop_unstarted(workspace, known[key])


def _drop_unstarted(workspace: Workspace, job: Job) -> None:
    """Remove a job's folder that holds nothing but `job.json`: a rebuild has just written it."""
    folder = workspace.paths.job(job.folder)
    if [path.name for path in folder.glob("*")] == ["job.json"]:
        (folder / "job.json").unlink()
        remove_if_empty(folder, workspace.paths.root)


_APPLY: Final[dict[str, Callable[[Workspace, Connection, Entry, int], None]]] = {
    "recipe": _recipe,
    "add": _add,
    "request": _request,
    "freeze": _freeze,
    "ensemble": _ensemble,
    "import": _import,
    "forget": _forget,
}
KINDS: Final = frozenset(_APPLY)
