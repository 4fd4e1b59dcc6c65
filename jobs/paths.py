"""Every path of a workspace, in one place."""

import os
import re
from pathlib import Path
from typing import Final, NamedTuple

ROOT_FROM_JOB: Final = "../../../.."  # the workspace, seen from any job's folder
_ATTEMPT = re.compile(r"attempt-(\d+)")


def find_root(given: Path | None) -> Path:
    """The workspace's folder: as given, else `$CXRTUI_WORKSPACE`, else `./.cxrtui`."""
    return (given or Path(os.environ.get("CXRTUI_WORKSPACE") or ".cxrtui")).absolute()


class WorkspacePaths(NamedTuple):
    """The files and folders below a workspace's root."""

    root: Path

    @property
    def settings(self) -> Path:
        """`workspace.toml`: current recipe, data folder, backend."""
        return self.root / "workspace.toml"

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.root / "cxrtui.sqlite3"

    @property
    def journal(self) -> Path:
        """What people asked, append-only."""
        return self.root / "journal.jsonl"

    @property
    def supervisor_lock(self) -> Path:
        """Held by the one supervisor; its text says who that is."""
        return self.root / "supervisor.lock"

    @property
    def supervisor_log(self) -> Path:
        """What the supervisor says of itself."""
        return self.root / "supervisor.log"

    @property
    def hook_log(self) -> Path:
        """What the owner's commands print."""
        return self.root / "hooks.log"

    @property
    def preflight(self) -> Path:
        """What preflights have measured."""
        return self.root / "preflight.json"

    @property
    def cache(self) -> Path:
        """Decoded pixels and the targets of splits: can be made again."""
        return self.root / "cache"

    @property
    def targets(self) -> Path:
        """The labels of splits as parquet."""
        return self.cache / "targets"

    @property
    def dashboard(self) -> Path:
        """How the dashboard was left."""
        return self.root / "dashboard.json"

    @property
    def imports(self) -> Path:
        """Predictions that were made elsewhere."""
        return self.root / "imports"

    @property
    def phantoms(self) -> Path:
        """Synthetic data sets that recipes write for themselves."""
        return self.root / "data"

    def job(self, folder: str) -> Path:
        """A job's folder from the text that the database has."""
        return self.root / folder

    def beside(self, folder: str, path: str) -> Path:
        """A path that stands in the `job.json` of that folder, and is relative to it."""
        return Path(os.path.normpath(self.job(folder) / path))


def pixels_folder(size: int, pack_key: str) -> str:
    """The folder of a pack below the workspace; recipes share it."""
    return f"cache/pixels/{size}px-{pack_key[:8]}"


def image_list(sha256: str) -> str:
    """The list of a data set's images below the workspace."""
    return f"cache/images/{sha256[:16]}.txt"


def pack_job_folder(recipe: str, size: int, pack_key: str) -> str:
    """A pack job's folder below the workspace."""
    return f"runs/{recipe}/{size}px-{pack_key[:8]}/pack"


def train_folder(recipe: str, model: str, train_key: str) -> str:
    """A train job's folder below the workspace."""
    return f"runs/{recipe}/{model}-{train_key[:8]}/train"


def predict_folder(recipe: str, model: str, train_key: str, predict_key: str) -> str:
    """A predict job's folder below the workspace."""
    return f"runs/{recipe}/{model}-{train_key[:8]}/predict-{predict_key[:8]}"


class AttemptPaths(NamedTuple):
    """The files of one attempt's folder."""

    folder: Path

    @property
    def job(self) -> Path:
        """The settings of the job, written when it was queued."""
        return self.folder.parent / "job.json"

    @property
    def start(self) -> Path:
        """`attempt.json`: what the supervisor decided for this attempt."""
        return self.folder / "attempt.json"

    @property
    def lock(self) -> Path:
        """Held from before the runner starts until it has ended."""
        return self.folder / "lock"

    @property
    def runner(self) -> Path:
        """`runner.json`: who runs it."""
        return self.folder / "runner.json"

    @property
    def events(self) -> Path:
        """What the program tells."""
        return self.folder / "events.jsonl"

    @property
    def log(self) -> Path:
        """What the program prints."""
        return self.folder / "log.txt"

    @property
    def result(self) -> Path:
        """How the program ended."""
        return self.folder / "result.json"

    @property
    def verdict(self) -> Path:
        """What the supervisor found, or decided, where `result.json` cannot say it."""
        return self.folder / "verdict.json"


def attempt_folders(job_folder: Path) -> dict[int, Path]:
    """The attempt folders of a job by number, in order."""
    if not job_folder.is_dir():
        return {}
    found = ((_ATTEMPT.fullmatch(entry.name), entry) for entry in job_folder.iterdir())
    return dict(sorted((int(match[1]), entry) for match, entry in found if match))
