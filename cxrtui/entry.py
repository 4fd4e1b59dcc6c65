"""The `cxrtui` command: what must come before all imports, then the Typer application."""

import runpy
from pathlib import Path


def main() -> None:
    """Run the command line (console script)."""
    start = Path(__file__).resolve().parent.parent / "jobs" / "start.py"
    runpy.run_path(str(start))["bind_packages"]()
    from jobs.processor import choose_sorts

    choose_sorts()
    from cxrtui.main import run

    run()
