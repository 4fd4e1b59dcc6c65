"""A workspace: the folder of one project of a user."""

import json
import tomllib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Literal

from pydantic import ConfigDict, NonNegativeFloat, PositiveInt, TypeAdapter, ValidationError

from db.database import Database
from jobs.durable import write_atomic
from jobs.errors import InputError
from jobs.paths import WorkspacePaths


@dataclass(frozen=True)
class WorkspaceSettings:
    """What `workspace.toml` says."""

    __pydantic_config__ = ConfigDict(extra="forbid", strict=True)

    recipe: str
    data: str | None = None  # folder of the data set; None: the recipe writes its own
    backend: Literal["local"] = "local"
    gpus: str | None = None  # such as "0,1": only these; None: all that are visible
    cpu_slots: PositiveInt | None = (
        None  # jobs at once where there is no GPU; None: one for each core
    )
    keep_free_gib: NonNegativeFloat = (
        1.0  # nothing new starts while the workspace's disk has less room
    )
    on_job_end: str | None = None  # shell commands, see docs/hooks.md
    on_queue_end: str | None = None


_ADAPTER: Final = TypeAdapter(WorkspaceSettings)


@dataclass
class Workspace:
    """An open workspace."""

    paths: WorkspacePaths
    settings: WorkspaceSettings
    database: Database

    def reread_settings(self) -> None:
        """Take over what `workspace.toml` says now; InputError if that makes no sense."""
        self.settings = read_settings(self.paths.settings)


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
    try:
        return _ADAPTER.validate_json(json.dumps(values, default=str))
    except ValidationError as error:
        raise InputError(f"{path}: {_told(error)}") from error


def _told(error: ValidationError) -> str:
    """The first fault of `workspace.toml` in one line."""
    first = error.errors()[0]
    name = str(first["loc"][0])
    known = ", ".join(WorkspaceSettings.__dataclass_fields__)
    if first["type"] == "missing":
        return f"no field {name!r}: name a shipped recipe or a TOML file"
    if first["type"] == "unexpected_keyword_argument":
        return f"unknown field {name!r}: known are {known}"
    return f"{name}: found {first['input']!r}: {first['msg'].lower()}"


def _settings_text(settings: WorkspaceSettings) -> str:
    fields = WorkspaceSettings.__dataclass_fields__
    lines = (
        f"{name} = {json.dumps(value)}\n"
        for name, value in asdict(settings).items()
        if value != fields[name].default
    )
    return "# What commands in this workspace speak of.\n" + "".join(lines)
