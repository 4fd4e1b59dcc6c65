"""The workspace: whether it can be opened, and whether a supervisor works on it."""

import time
from collections.abc import Iterator

from db.errors import DatabaseError
from db.jobs import count_by_state
from jobs.errors import JobsError
from jobs.machine.finding import Finding
from jobs.paths import WorkspacePaths
from jobs.processes import host_name
from jobs.queue.ensure import SupervisorInfo, supervisor_info
from jobs.workspace import Workspace, open_workspace


def open_to_look(paths: WorkspacePaths) -> Workspace | Finding | None:
    """The workspace; why it cannot be opened; None if there is none."""
    if not paths.settings.exists():
        return None
    try:
        return open_workspace(paths.root)
    except (JobsError, DatabaseError) as error:
        return Finding("workspace", "fault", str(error), "mend that; the queue cannot run before")


def look_at_supervisor(workspace: Workspace) -> Iterator[Finding]:
    """Who supervises it, and since when; nobody is a fault of nothing while no job waits."""
    info = supervisor_info(workspace.paths)
    with workspace.database.read() as connection:
        counts = count_by_state(connection)
    waiting = counts.get("queued", 0) + counts.get("running", 0)
    if info is not None:
        yield _running(info)
    elif waiting:
        told = f"none runs, and {waiting} jobs wait"
        yield Finding("supervisor", "warning", told, "cxrtui supervisor start")
    else:
        yield Finding("supervisor", "ok", "none runs; the next command that needs one starts it")


def _running(info: SupervisorInfo) -> Finding:
    since = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(info.since))
    return Finding("supervisor", "ok", f"pid {info.pid} on {info.host}, since {since}")


def local_pid(workspace: Workspace) -> int | None:
    """The pid of the supervisor, if one runs on this host."""
    info = supervisor_info(workspace.paths)
    return info.pid if info is not None and info.host == host_name() else None
