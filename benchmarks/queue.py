"""What a job costs in the queue, beside task-spooler and a bare shell: prints one JSON document.

`python benchmarks/queue.py [--jobs 1000] [--long 10000]`; see `docs/queue.md`.
"""

import importlib
import runpy
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent

if __name__ == "__main__":
    runpy.run_path(str(FOLDER / "queue_figures.py"), run_name="__main__")
elif __name__ == "queue":
    # A benchmark's own folder stands first on its path, and somebody wants the standard library's.
    sys.path.remove(str(FOLDER))
    del sys.modules["queue"]
    importlib.import_module("queue")
    sys.path.insert(0, str(FOLDER))
