"""A workspace: the folder of one project of a user."""

import json
import os
import tomllib
from dataclasses import asdict, dataclass
from pathlib import Path

from db.database import Database
from jobs.durable import write_atomic
from jobs.errors import InputError
from jobs.paths import WorkspacePaths

BACKENDS = ("local",)


@dataclass(frozen=True)
class WorkspaceSettings:
    """What `workspace.toml` says."""

    recipe: str
    data: str | None = None  # folder of the data set; None: the recipe writes its own
    backend: str = "local"
    gpus: str | None = None  # such as "0,1": only these; None: all that are visible
    cpu_slots: int | None = None  # jobs at once where there is no GPU; None: one for each core


@dataclass(frozen=True)
class Workspace:
    """An open workspace."""

    paths: WorkspacePaths
    settings: WorkspaceSettings
    database: Database


def find_root(given: Path | None) -> Path:
    """The workspace's folder: as given, else `$CXRTUI_WORKSPACE`, else `./.cxrtui`."""
    return (given or Path(os.environ.get("CXRTUI_WORKSPACE") or ".cxrtui")).absolute()


def open_workspace(root: Path) -> Workspace:
    """Open a workspace that is there; InputError if it is not."""
    paths = WorkspacePaths(root)
    if not paths.settings.is_file():
        raise InputError(
            f"{root}: no workspace here: make one with `cxrtui init` or `cxrtui run-all`, "
            "or name one with --workspace"
        )
    return Workspace(paths, read_settings(paths.settings), Database(paths.database))


def make_workspace(root: Path, settings: WorkspaceSettings) -> Workspace:
    """Make a workspace, or change the settings of the one that is there, and open it."""
    paths = WorkspacePaths(root)
    if root.exists() and not root.is_dir():
        raise InputError(f"{root}: is a file: name a folder for the workspace")
    try:
        root.mkdir(parents=True, exist_ok=True)
        write_atomic(paths.settings, _settings_text(settings).encode())
    except OSError as error:
        raise InputError(f"{root}: cannot make a workspace: {error.strerror}") from error
    return open_workspace(root)


def read_settings(path: Path) -> WorkspaceSettings:
    """Read `workspace.toml`; InputError names what is wrong."""
    try:
        values = tomllib.loads(path.read_text())
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path}: {error}") from error
    known = ", ".join(WorkspaceSettings.__dataclass_fields__)
    unknown = set(values) - set(WorkspaceSettings.__dataclass_fields__)
    if unknown:
        raise InputError(f"{path}: unknown field {sorted(unknown)[0]!r}: known are {known}")
    for name, value in values.items():
        if name == "cpu_slots":
            if type(value) is not int or value < 1:
                raise InputError(f"{path}: {name}: found {value!r}: a number from 1 is needed")
        elif not isinstance(value, str):
            raise InputError(f"{path}: {name}: found {value!r}: a text is needed")
    if "recipe" not in values:
        raise InputError(f"{path}: no field 'recipe': name a shipped recipe or a TOML file")
    if values.get("backend", "local") not in BACKENDS:
        raise InputError(f"{path}: backend: found {values['backend']!r}: known are {BACKENDS}")
    return WorkspaceSettings(**values)


def _settings_text(settings: WorkspaceSettings) -> str:
    lines = (f"{name} = {json.dumps(value)}\n" for name, value in asdict(settings).items() if value)
    return "# What commands in this workspace speak of.\n" + "".join(lines)
