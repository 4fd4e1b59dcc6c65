"""How quick the dashboard is: prints one JSON document.

`python benchmarks/dashboard.py [--only redraw|keys|start|week] [--keys 200] [--screen Queue]
[--workspace FOLDER] [--anyway]`; see `docs/dashboard.md`. What it is doing is told on stderr.
"""

import argparse
import importlib.util
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
os.environ["PYTHONPATH"] = str(FOLDER.parent)  # of what is started from here
sys.path.insert(0, str(FOLDER.parent))

import key_figures  # noqa: E402  (they lie beside this file, and import what lies above it)
import redraw_figures  # noqa: E402
from alone import busy_strangers  # noqa: E402
from pressing import SCREENS  # noqa: E402


def main() -> None:
    """Measure the parts one after the other, print their figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--keys", type=int, default=200, help="on each screen")
    parser.add_argument("--screen", action="append", choices=SCREENS, help="for keys, or several")
    parser.add_argument(
        "--workspace", type=Path, help="for keys: made if it is missing, and kept for another run"
    )
    parser.add_argument("--anyway", action="store_true", help="also if something else is busy")
    chosen = parser.parse_known_args()[0]
    with tempfile.TemporaryDirectory(prefix="dashboard-") as name:
        parts = _parts(chosen.workspace or Path(name) / "workspace", chosen)
        parser.add_argument("--only", action="append", choices=parts, help="a part, or several")
        wanted = parser.parse_args().only or list(parts)
        strangers = busy_strangers()
        if strangers and not chosen.anyway:
            parser.error(f"the machine is busy, wait or say --anyway: {', '.join(strangers)}")
        document: dict[str, Any] = {
            "machine": platform.machine(),
            "cores": len(os.sched_getaffinity(0)),
            "python": platform.python_version(),
            "beside": strangers,
        }
        for part in wanted:
            start = time.monotonic()
            _tell(f"{part} ...")
            document[part] = parts[part]()
            _tell(f"{part}: {time.monotonic() - start:.0f} s")
    print(json.dumps(document, indent=1))


def _parts(root: Path, chosen: argparse.Namespace) -> dict[str, Callable[[], Any]]:
    screens = chosen.screen or SCREENS
    return {
        "redraw": redraw_figures.measure,
        "keys": partial(key_figures.measure, root, chosen.keys, screens, _tell),
        "start": partial(_measured_by, "start_figures"),
        "week": partial(_measured_by, "week_figures"),
    }


def _measured_by(module: str) -> Any:
    if importlib.util.find_spec(module) is None:
        return {"figures": None, "reason": f"there is no benchmarks/{module}.py"}
    return importlib.import_module(module).measure()


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
