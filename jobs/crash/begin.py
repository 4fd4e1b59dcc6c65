"""What CXRTUI_TEST_PROGRAM names in a crash test: `python -P .../begin.py ATTEMPT`."""

import runpy
import sys
from pathlib import Path


def main() -> int:
    """Bind our packages, as `jobs/start.py` does for real programs, and be the program."""
    start = Path(__file__).resolve().parent.parent / "start.py"
    runpy.run_path(str(start))["bind_packages"]()
    from jobs.crash.program import run

    return run(Path(sys.argv[1]))


if __name__ == "__main__":
    sys.exit(main())
