"""The figures of `benchmarks/queue.py`: cxrtui, task-spooler and a bare shell in one run."""

import argparse
import json
import os
import platform
import shutil
import tempfile
from pathlib import Path
from typing import Any, Final

from cxrtui_queue import long_queue, short_queue
from tsp_queue import long_spooler, shell_loops, short_spooler

SLOTS: Final = 4


def main() -> None:
    """Run every part in a folder of its own, print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=1000, help="that run to their end")
    parser.add_argument("--long", type=int, default=10_000, help="jobs in the long queue")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="queue-") as name:
        print(json.dumps(figures(Path(name), chosen.jobs, chosen.long), indent=1))


def figures(folder: Path, jobs: int, many: int) -> dict[str, Any]:
    """cxrtui, the same by others where they do the same, and the ratios."""
    document: dict[str, Any] = {
        "machine": platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        "slots": SLOTS,
        "jobs": jobs,
        "shell": shell_loops(folder / "shell", jobs, SLOTS),
        "cxrtui": short_queue(folder / "short", jobs, SLOTS),
        "jobs_of_long_queue": many,
        "cxrtui_long": long_queue(folder / "long", many, SLOTS),
    }
    if shutil.which("tsp") is not None:
        document["tsp"] = short_spooler(folder / "tsp", jobs, SLOTS)
        document["tsp_long"] = long_spooler(folder / "tsp-long", many, SLOTS)
    document["ratios"] = _ratios(document)
    return document


def _ratios(document: dict[str, Any]) -> dict[str, float]:
    """Of cxrtui to the others: over 1, it takes longer or does more of it."""
    found = {}
    for other in ("shell", "tsp"):
        if other in document:
            ours, theirs = document["cxrtui"], document[other]
            for mark in ("median", "p99"):
                ratio = ours["gap_ms"][mark] / theirs["gap_ms"][mark]
                found[f"gap_{mark}_to_{other}"] = round(ratio, 2)
            ratio = ours["jobs_a_second"] / theirs["jobs_a_second"]
            found[f"jobs_a_second_to_{other}"] = round(ratio, 2)
    return found


if __name__ == "__main__":
    main()
