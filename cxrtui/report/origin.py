"""Where the numbers come from: jobs, attempts, code and packages, data, checksums."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from cxrtui.report.sheets import Sheet, moment, plain_row
from db.lists import attempts_of_jobs, jobs_with_keys
from db.records import Attempt, Job
from jobs.loading import RecipeHoldings
from jobs.paths import attempt_folders
from jobs.provenance import read_provenance
from jobs.workspace import Workspace

SPLITS: Final = ("train", "val", "dev", "test")
_GIB: Final = 2**30
_NONE: Final = "none"


def read_jobs(workspace: Workspace, holdings: RecipeHoldings) -> list[tuple[Job, list[Attempt]]]:
    """The jobs of the recipe as it is now, packs first, each with its attempts."""
    models = holdings.models.values()
    keys = [key for model in models for key in (model.train_key, model.predict_key)]
    with workspace.database.read() as connection:
        own = jobs_with_keys(connection, keys)
        needed = sorted({key for job in own for key in job.needs} - set(keys))
        found = [*jobs_with_keys(connection, needed), *own]
        attempts = attempts_of_jobs(connection, [job.id for job in found])
    return [(job, attempts.get(job.id, [])) for job in found]


def attempt_sheet(jobs: Sequence[tuple[Job, list[Attempt]]]) -> Sheet:
    """Every attempt: when, how long, on what, how it ended. Reasons may name images: left out."""
    rows = [
        plain_row(_attempt_name(job, one), _attempt_cells(one))
        for job, tried in jobs
        for one in tried
    ]
    heads = ("Attempt", "State", "Started", "Hours", "Host", "GPU", "GPU memory", "Memory")
    return Sheet("Attempts, in the order of the recipe", heads, tuple(rows), prose=True)


def environment_sheets(
    workspace: Workspace, jobs: Sequence[tuple[Job, list[Attempt]]]
) -> tuple[Sheet, ...]:
    """What attempts ran on and of which code: what all share, then what differs between them."""
    found: dict[str, dict[str, str]] = {}
    for job, tried in jobs:
        folders = attempt_folders(workspace.paths.job(job.folder))
        for one in tried:
            facts = read_provenance(folders[one.number]) if one.number in folders else {}
            found[_attempt_name(job, one)] = dict(_told(facts))
    told = {name: facts for name, facts in found.items() if facts}
    names = dict.fromkeys(name for facts in told.values() for name in facts)
    differ = [name for name in names if len({facts.get(name) for facts in told.values()}) > 1]
    first = next(iter(told.values()), {})
    shared = [plain_row(name, (first[name],)) for name in names if name not in differ]
    unknown = [name for name in found if name not in told]
    notes = (f"Nothing was recorded of {', '.join(unknown)}.",) if unknown else ()
    return (
        Sheet("What all attempts ran on", ("Fact", "Found"), tuple(shared), notes, prose=True),
        _differences(told, differ),
    )


def _differences(told: Mapping[str, Mapping[str, str]], differ: Sequence[str]) -> Sheet:
    """A row for all attempts of which these facts are equal."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for attempt, facts in told.items():
        groups.setdefault(tuple(facts.get(name, "-") for name in differ), []).append(attempt)
    rows = [plain_row(", ".join(names), values) for values, names in groups.items()]
    heads = ("Attempts", *differ)
    return Sheet(
        "What differs between the attempts", heads, tuple(rows) if differ else (), prose=True
    )


def data_sheet(holdings: RecipeHoldings) -> Sheet:
    """The size and the fingerprint of each split."""
    tables = holdings.targets
    rows = [
        plain_row(split, (f"{len(tables[split]):,}", tables[split].fingerprint()))
        for split in SPLITS
        if split in tables
    ]
    return Sheet("Splits", ("Split", "Images", "Fingerprint (SHA-256)"), tuple(rows))


def prediction_sheet(members: Sequence[str], holdings: RecipeHoldings) -> Sheet:
    """The checksum of each prediction set; a file with another one is refused."""
    rows = [
        plain_row(f"{member}, {split}", (f"{found.rows:,}", found.sha256))
        for member in members
        for split in SPLITS
        if (found := holdings.prediction_set(member, split)) is not None
    ]
    return Sheet("Prediction sets", ("Member, split", "Images", "SHA-256 of the file"), tuple(rows))


def _attempt_name(job: Job, attempt: Attempt) -> str:
    return f"{job.name} {attempt.number}"


def _attempt_cells(one: Attempt) -> tuple[str, ...]:
    hours = "-" if one.ended is None else f"{(one.ended - one.started) / 3600:.2f}"
    return (
        one.state,
        moment(one.started),
        hours,
        one.host,
        one.gpu or _NONE,
        _bytes(one.gpu_peak),
        _bytes(one.peak_bytes),
    )


def _bytes(count: int | None) -> str:
    return "-" if count is None else f"{count / _GIB:.2f} GiB"


def _told(facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each fact with its text; packages and what git said are facts of their own."""
    for name, value in facts.items():
        if name == "git":
            yield from _code(value)
        elif isinstance(value, Mapping):
            yield name, ", ".join(f"{key} {said}" for key, said in value.items())
        elif isinstance(value, list):
            yield name, ", ".join(map(str, value)) or _NONE
        else:
            yield name, _NONE if value is None else str(value)


def _code(git: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    if not git:
        yield "code", "installed, no checkout"
        return
    yield "commit", str(git.get("commit"))
    untracked = git.get("untracked") or ()
    changed = "yes" if git.get("dirty") else "no"
    yield "changed since", changed + (f", {len(untracked)} files untracked" if untracked else "")
