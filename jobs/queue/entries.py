"""What each kind of journal entry does to the database.

recipe     name, version, text, data_root, stages, models, targets
add        jobs [{key, kind, recipe, stage, model, folder, needs, spec}], priority
request    verb, keys, value
freeze     frozen
ensemble   recipe, name, view_rule, frontal_weight, members
"""

from collections.abc import Callable
from typing import Any, Final

from sqlalchemy import Connection

from db.jobs import add_job, add_request, set_priority
from db.journal_state import set_frozen
from db.recipes import put_ensemble, put_recipe, recipe_named
from db.records import ModelRecord, NewJob, Request, TargetSetRecord
from jobs.durable import write_json
from jobs.failpoints import failpoint
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
    for values in entry["jobs"]:
        needs = tuple(values["needs"])
        fields = {**values, "needs": needs, "priority": entry["priority"], "queued": entry["time"]}
        new = NewJob(**fields)
        path = workspace.paths.job(new.folder) / "job.json"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            write_json(path, new.spec)
            failpoint("journal.job-written")
        if not add_job(connection, new):
            add_request(connection, new.key, again)


def _request(_workspace: Workspace, connection: Connection, entry: Entry, offset: int) -> None:
    for key in entry["keys"]:
        if entry["verb"] == "priority":
            set_priority(connection, key, entry["value"])
        else:
            asked = Request(offset, entry["verb"], entry["value"], entry["time"])
            add_request(connection, key, asked)


def _freeze(_workspace: Workspace, connection: Connection, entry: Entry, _offset: int) -> None:
    set_frozen(connection, entry["frozen"])


def _ensemble(_workspace: Workspace, connection: Connection, entry: Entry, _offset: int) -> None:
    found = recipe_named(connection, entry["recipe"])
    if found is not None:
        names = ("name", "view_rule", "frontal_weight", "members")
        put_ensemble(connection, found.id, *(entry[name] for name in names))


_APPLY: Final[dict[str, Callable[[Workspace, Connection, Entry, int], None]]] = {
    "recipe": _recipe,
    "add": _add,
    "request": _request,
    "freeze": _freeze,
    "ensemble": _ensemble,
}
