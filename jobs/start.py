"""Starts one of our modules in a child process, with our packages and nobody else's.

Run as a script: `python -P .../jobs/start.py MODULE ARGUMENT...`. `jobs` and `db` are common
folder names; a user's own, in the current directory or on PYTHONPATH, must never be imported in
place of ours. So each package is bound to the folder beside this file before anything is imported.
"""

import importlib.util
import runpy
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("db", "jobs", "cxrtui")


def bind_packages() -> None:
    """Import each of our packages from beside this file, wherever `sys.path` points."""
    for name in PACKAGES:
        folder = ROOT / name
        loaded = sys.modules.get(name)
        if loaded is not None and loaded.__file__ == str(folder / "__init__.py"):
            continue
        spec = importlib.util.spec_from_file_location(
            name, folder / "__init__.py", submodule_search_locations=[str(folder)]
        )
        if spec is None or spec.loader is None:
            raise ImportError(f"{folder}: cxrtui is not installed whole: package {name} is missing")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)


def command(module: str, *arguments: str, bare: bool = False) -> list[str]:
    """The command line that runs `module` as a child of this interpreter.

    A `bare` one has the standard library and our packages only, and starts sooner.
    """
    options = ["-P", "-S"] if bare else ["-P"]
    return [sys.executable, *options, str(Path(__file__).resolve()), module, *arguments]


if __name__ == "__main__":
    bind_packages()
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
