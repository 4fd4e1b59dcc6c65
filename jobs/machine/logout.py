"""What would end the supervisor and its jobs though the machine stays up: a log-out, a scheduler.

See logind.conf(5): a log-out ends the session's processes if `KillUserProcesses=yes`; processes
under the user's own manager end with the last session unless the user lingers.
"""

import configparser
import os
import pwd
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from jobs.machine.finding import Finding

_ADVICE: Final = "loginctl enable-linger, and run the supervisor from `cxrtui supervisor unit`"
_FOLDERS: Final = ("etc/systemd", "run/systemd", "usr/local/lib/systemd", "usr/lib/systemd")


@dataclass(frozen=True)
class Login:
    """What of logind's settings decides who is ended at a log-out."""

    kills: bool = False
    only: tuple[str, ...] = ()
    spared: tuple[str, ...] = ("root",)

    def ends(self, user: str) -> bool:
        """Whether processes of a session of `user` end with the session."""
        return self.kills and user not in self.spared and (not self.only or user in self.only)


def look_at_logout(
    pid: int | None = None,
    *,
    root: Path = Path("/"),
    user: str | None = None,
    environment: Mapping[str, str] = os.environ,
) -> Iterator[Finding]:
    """What a log-out of `user` does to process `pid`, by default this one; and the scheduler."""
    job = environment.get("SLURM_JOB_ID")
    if job is not None:
        told = f"inside Slurm job {job}: what is started here ends with it, jobs of the queue too"
        advice = "ask Slurm for time enough; after it the queue goes on where it was"
        yield Finding("scheduler", "warning", told, advice)
    yield _logout(pid, root, user or pwd.getpwuid(os.getuid()).pw_name, environment)


def _logout(pid: int | None, root: Path, user: str, environment: Mapping[str, str]) -> Finding:
    if not (root / "run/systemd/system").is_dir():
        return Finding("log-out", "ok", "no systemd here: a log-out ends nothing of the queue")
    lingers = (root / "var/lib/systemd/linger" / user).exists()
    membership = root / "proc" / ("self" if pid is None else str(pid)) / "cgroup"
    place = membership.read_text() if membership.exists() else ""
    who = "the supervisor" if pid is not None else "a supervisor started here"
    if ".service/" in place and "/user@" in place and not lingers:
        told = f"{user} does not linger: {who} ends with the last session"
        return Finding("log-out", "warning", told, "loginctl enable-linger")
    if "/session-" in place and read_login(root).ends(user):
        inside = next((name for name in ("tmux", "screen") if _inside(name, environment)), None)
        too = f", inside {inside} too" if inside else ""
        told = f"KillUserProcesses=yes: a log-out ends {who} and its jobs{too}"
        return Finding("log-out", "warning", told, _ADVICE)
    return Finding("log-out", "ok", f"{who} survives it{', and lingers' if lingers else ''}")


def _inside(name: str, environment: Mapping[str, str]) -> bool:
    return bool(environment.get({"tmux": "TMUX", "screen": "STY"}[name]))


def read_login(root: Path = Path("/")) -> Login:
    """logind's settings: its file, then its drop-ins by name; /etc hides equal names elsewhere."""
    values: dict[str, str] = {}
    for file in _files(root):
        parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
        try:
            parser.read_string(file.read_text())
        except (configparser.Error, OSError, UnicodeDecodeError):
            continue  # logind leaves out what it cannot read too
        if parser.has_section("Login"):
            values.update({name: value or "" for name, value in parser.items("Login")})
    kills = values.get("killuserprocesses", "no").lower() in ("yes", "true", "on", "1", "y", "t")
    only = tuple(values.get("killonlyusers", "").split())
    return Login(kills, only, tuple(values.get("killexcludeusers", "root").split()))


def _files(root: Path) -> Iterator[Path]:
    main = [root / folder / "logind.conf" for folder in _FOLDERS]
    yield from [file for file in main if file.is_file()][:1]
    drop_ins: dict[str, Path] = {}
    for folder in reversed(_FOLDERS):
        found = (root / folder / "logind.conf.d").glob("*.conf")
        drop_ins.update({file.name: file for file in found})
    for name in sorted(drop_ins):
        yield drop_ins[name]
