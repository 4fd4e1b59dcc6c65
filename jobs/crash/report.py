"""What a crash test has done and found."""

from collections import Counter
from dataclasses import dataclass, field

from jobs.crash.cells import WEIGHTS, Cell


class LostError(Exception):
    """Something that must not happen has happened; the text says what."""


@dataclass
class Check:
    """One promise, how often it was looked at, and every time that it was broken."""

    name: str
    looks: int = 0
    faults: list[str] = field(default_factory=list)


@dataclass
class CrashReport:
    """Counts by role and state, and the checks."""

    seed: int
    kills: Counter[Cell] = field(default_factory=Counter)
    checks: dict[str, Check] = field(default_factory=dict)
    rounds: int = 0
    jobs: int = 0
    attempts: int = 0
    events: int = 0
    retries: int = 0  # of jobs that were killed three times without progress
    left_files: int = 0  # temporary ones of killed writers
    seconds: float = 0.0
    lost: str = ""  # what ended the test early

    def look(self, name: str, looks: int, faults: list[str]) -> None:
        """Add to a check."""
        check = self.checks.setdefault(name, Check(name))
        check.looks += looks
        check.faults += faults

    @property
    def total(self) -> int:
        """Kills of all roles in all states."""
        return self.kills.total()

    @property
    def missing(self) -> list[Cell]:
        """What has not been killed."""
        return [cell for cell in WEIGHTS if not self.kills[cell]]

    @property
    def survived(self) -> bool:
        """Whether every cell was hit, and nothing was lost."""
        broken = any(check.faults for check in self.checks.values())
        return not (self.lost or self.missing or broken)
