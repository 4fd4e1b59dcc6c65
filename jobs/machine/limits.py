"""What the system lets us have: cores, memory, open files, processes."""

import os
import resource
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from jobs.machine.finding import GIB, Finding, gib

LEAST_MEMORY: Final = 4 * GIB
LEAST_SHARED: Final = 1 * GIB
LEAST_FILES: Final = 1024
LEAST_PROCESSES: Final = 1024
_UNLIMITED: Final = "max"


def look_at_limits(
    control_groups: Path = Path("/sys/fs/cgroup"), system: Path = Path("/proc")
) -> Iterator[Finding]:
    """Every limit, the narrowest first where several are in force."""
    groups = own_groups(control_groups, system / "self" / "cgroup")
    yield _cores(groups)
    yield _memory(groups, system / "meminfo")
    yield _shared_memory(Path("/dev/shm"))
    yield _open_files(*resource.getrlimit(resource.RLIMIT_NOFILE))
    yield _processes(groups)


def own_groups(root: Path, membership: Path) -> list[Path]:
    """Our control group (version 2) and those that it lies in, as far as they can be seen."""
    lines = membership.read_text().splitlines() if membership.exists() else []
    for line in lines:
        if line.startswith("0::"):
            own = root / line.removeprefix("0::").lstrip("/")
            inside = [one for one in (own, *own.parents) if one == root or root in one.parents]
            return [one for one in inside if one.is_dir()]
    return []


def _cores(groups: list[Path]) -> Finding:
    there, ours = os.cpu_count() or 1, len(os.sched_getaffinity(0))
    told = f"{ours} of {there}" if ours < there else str(there)
    quotas = (one.split() for one in _values(groups, "cpu.max"))
    shares = [int(quota) / int(period) for quota, period in quotas if quota != _UNLIMITED]
    if shares and min(shares) < ours:
        found = f"{told}, but a control group grants the time of {min(shares):.1f}"
        advice = "give the container whole cores: programs start a thread for each that they see"
        return Finding("cores", "warning", found, advice)
    return Finding("cores", "ok", told)


def _memory(groups: list[Path], meminfo: Path) -> Finding:
    lines = (line.split() for line in meminfo.read_text().splitlines())
    sizes = {fields[0].rstrip(":"): int(fields[1]) * 1024 for fields in lines}
    total, free = sizes["MemTotal"], sizes["MemAvailable"]
    told = f"{gib(free)} of {gib(total)} free"
    limits = [int(one) for one in _values(groups, "memory.max") if one != _UNLIMITED]
    if limits and min(limits) < total:
        free = min(free, max(0, min(limits) - _used(groups)))
        told = f"{gib(free)} free of {gib(min(limits))} that a control group grants"
    if free < LEAST_MEMORY:
        advice = "a job may be killed for want of memory: end what else runs, or raise the limit"
        return Finding("memory", "warning", told, advice)
    return Finding("memory", "ok", told)


def _used(groups: list[Path]) -> int:
    """Bytes in use by our group, without what the kernel would give back if asked."""
    used = sum(map(int, _values(groups[:1], "memory.current")))
    for text in _values(groups[:1], "memory.stat"):
        counts = dict(line.split() for line in text.splitlines())
        used -= int(counts.get("inactive_file", 0))
    return used


def _shared_memory(folder: Path) -> Finding:
    if not folder.is_dir():
        told, advice = f"no {folder}", "loader workers need it: mount a tmpfs there"
        return Finding("shared memory", "warning", told, advice)
    status = os.statvfs(folder)
    free = status.f_bavail * status.f_frsize
    told = f"{gib(free)} free in {folder}"
    if free < LEAST_SHARED:
        advice = "loader workers hand over batches there: docker run --shm-size=8g, or workers = 0"
        return Finding("shared memory", "warning", told, advice)
    return Finding("shared memory", "ok", told)


def _open_files(soft: int, hard: int) -> Finding:
    told = "no limit" if soft == resource.RLIM_INFINITY else f"{soft} for a process"
    if soft != resource.RLIM_INFINITY and soft < LEAST_FILES:
        most = "4096" if hard == resource.RLIM_INFINITY else str(min(hard, 4096))
        return Finding("open files", "warning", told, f"ulimit -n {most}")
    return Finding("open files", "ok", told)


def _processes(groups: list[Path]) -> Finding:
    soft, _ = resource.getrlimit(resource.RLIMIT_NPROC)
    limits = [int(one) for one in _values(groups, "pids.max") if one != _UNLIMITED]
    limits += [] if soft == resource.RLIM_INFINITY else [soft]
    if not limits:
        return Finding("processes", "ok", "no limit")
    told = f"at most {min(limits)}, with threads"
    if min(limits) < LEAST_PROCESSES:
        advice = "raise `ulimit -u` or the container's limit: each job has dozens of threads"
        return Finding("processes", "warning", told, advice)
    return Finding("processes", "ok", told)


def _values(groups: list[Path], name: str) -> list[str]:
    files = (group / name for group in groups)
    return [text for file in files if file.exists() and (text := file.read_text().strip())]
