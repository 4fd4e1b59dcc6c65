"""All that `cxrtui doctor` looks at, in the order in which it is shown."""

from collections.abc import Iterator
from pathlib import Path

from jobs.gpus import look_at_gpus
from jobs.machine.disk import look_at_disk, look_at_future, look_at_lock_folder
from jobs.machine.finding import GIB, Finding
from jobs.machine.gpu_state import look_at_gpu_state
from jobs.machine.limits import look_at_limits
from jobs.machine.logout import look_at_logout
from jobs.machine.software import look_at_software
from jobs.machine.supervision import local_pid, look_at_supervisor, open_to_look
from jobs.machine.torch_build import look_at_torch
from jobs.paths import WorkspacePaths
from jobs.workspace import Workspace, WorkspaceSettings


def look_at_machine(root: Path) -> Iterator[Finding]:
    """Everything, with the workspace at `root` if there is one, else with where it would be."""
    yield from look_at_software()
    report = look_at_gpus()
    yield from look_at_gpu_state(report)
    yield from look_at_torch(report.gpus)
    yield from look_at_limits()
    yield from look_at_lock_folder()
    opened = open_to_look(WorkspacePaths(root))
    if isinstance(opened, Workspace):
        yield from _look_at_workspace(opened)
        return
    folder = next(one for one in (root, *root.parents) if one.is_dir())
    yield from look_at_disk(folder, _keep_free(WorkspaceSettings("")))
    yield from look_at_logout()
    if opened is None:
        yield Finding("workspace", "ok", f"none at {root}: `cxrtui init` makes one")
    else:
        yield opened


def _look_at_workspace(workspace: Workspace) -> Iterator[Finding]:
    root = workspace.paths.root
    yield from look_at_disk(root, _keep_free(workspace.settings))
    yield from look_at_future(root)
    yield from look_at_logout(local_pid(workspace))
    yield from look_at_supervisor(workspace)


def _keep_free(settings: WorkspaceSettings) -> float:
    return settings.keep_free_gib * GIB
