"""The same no-op program by task-spooler, and by a bare shell: what there is to compare with."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from cxrtui_queue import PROGRAM
from instants import gaps, jobs_a_second, percentiles, read_instants
from process_figures import peak_mib, seconds_of

AHEAD: Final = 900  # a waiting job is a process connected to its server, which has about 1,000


def shell_loops(root: Path, jobs: int, slots: int) -> dict[str, Any]:
    """So many shells, each starting one program after the other: nothing can be faster."""
    folders = _folders(root, jobs)
    loop = 'program="$1 -P $2"; shift 2; for folder; do $program "$folder"; done'
    shells = [
        subprocess.Popen(
            ["sh", "-c", loop, "sh", sys.executable, str(PROGRAM), *map(str, folders[n::slots])]
        )
        for n in range(slots)
    ]
    for shell in shells:
        shell.wait()
    instants = read_instants(folders)
    return {"gap_ms": gaps(instants, slots), "jobs_a_second": jobs_a_second(instants)}


def short_spooler(root: Path, jobs: int, slots: int) -> dict[str, Any]:
    """Queue jobs by `tsp`, one command each, which is the way it has; run them to their end."""
    folders = _folders(root, jobs)
    gate = root / "go"
    with _server(root, slots) as (environment, pid):
        for _ in range(slots):  # nothing starts before the gate is open
            _add(["sh", "-c", f"until [ -e {gate} ]; do sleep 0.01; done"], environment)
        took: list[float] = []

        def add_all() -> None:
            for folder in folders:
                began = time.perf_counter()
                _add([sys.executable, "-P", str(PROGRAM), str(folder)], environment)
                took.append(time.perf_counter() - began)
                if len(took) == min(AHEAD, jobs):
                    gate.touch()

        adding = threading.Thread(target=add_all)
        adding.start()
        while len(took) < min(AHEAD, jobs):
            time.sleep(0.01)
        listing = [seconds_of(["tsp", "-l"], environment) for _ in range(3)]
        adding.join()
        subprocess.run(["tsp", "-w"], env=environment, check=True)
        while not all((folder / "instants.txt").exists() for folder in folders):
            time.sleep(0.05)
        memory = peak_mib(pid)
    instants = read_instants(folders)
    return {
        "gap_ms": gaps(instants, slots),
        "jobs_a_second": jobs_a_second(instants),
        "add_of_one_ms": percentiles(1000 * one for one in took[: min(AHEAD, jobs)]),
        "seconds_to_add_all": round(sum(took), 2),
        "list_seconds": round(min(listing), 3),
        "server_peak_mib": memory,
    }


def long_spooler(root: Path, jobs: int, slots: int) -> dict[str, Any]:
    """How many of so many jobs it can hold while none starts, until an add takes ten seconds."""
    root.mkdir()
    with _server(root, slots) as (environment, pid):
        for _ in range(slots):
            _add(["sleep", "1000"], environment)
        held, took, stuck = 0, 0.0, False
        while held < jobs and not stuck:
            began = time.perf_counter()
            try:
                _add(["true"], environment, patience=10.0)
                took, held = time.perf_counter() - began, held + 1
            except subprocess.TimeoutExpired:
                stuck = True
        figures = {"held": held, "last_add_ms": round(1000 * took, 2), "stuck": stuck}
        figures["server_peak_mib"] = peak_mib(pid)
    return figures


def _add(line: list[str], environment: dict[str, str], patience: float | None = None) -> None:
    subprocess.run(
        ["tsp", "-n", *line],
        env=environment,
        stdout=subprocess.DEVNULL,
        check=True,
        timeout=patience,
    )


@contextmanager
def _server(root: Path, slots: int) -> Iterator[tuple[dict[str, str], int]]:
    """A server of its own; its environment, and its pid. Ended with all that it started."""
    environment = {**os.environ, "TS_SOCKET": str(root / "socket"), "TS_MAXFINISHED": "100000"}
    subprocess.run(["tsp", "-S", str(slots)], env=environment, check=True)
    pid = _pid_of(root / "socket")
    try:
        yield environment, pid
    finally:
        subprocess.run(["tsp", "-K"], env=environment, check=False)


def _pid_of(socket: Path) -> int:
    """The server: the one process called `tsp` that has this socket in its environment."""
    wanted = f"TS_SOCKET={socket}".encode()
    for entry in Path("/proc").iterdir():
        try:
            name = (entry / "comm").read_text().strip()
            environment = (entry / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if name == "tsp" and wanted in environment:
            return int(entry.name)
    raise LookupError(f"no tsp server with the socket {socket}")


def _folders(root: Path, jobs: int) -> list[Path]:
    folders = [root / f"job-{number}" for number in range(jobs)]
    for folder in folders:
        folder.mkdir(parents=True)
    return folders
