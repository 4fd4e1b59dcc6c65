"""How the dashboard starts and ends: the real command in a real terminal, with real signals."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from dashboard_workspace import empty_workspace
from finished_workspace import changed_rows
from own_terminal import LEFT, OwnTerminal

from cxrtui.screens.crash import FILE_NAME
from jobs.paths import WorkspacePaths
from jobs.queue.ensure import stop_supervisor, supervisor_info, wait_for_no_supervisor

HEAVY = {"torch", "timm", "sklearn", "pandas", "matplotlib", "pyarrow", "alembic"}
BEFORE_PAINTING = HEAVY | {"sqlalchemy", "pydantic", "numpy", "psutil", "jinja2", "jobs.workspace"}
READY = "Nothing has been queued"  # of the hint: all has been read
_RUN = """
import os, sys, time
sys.argv = ["cxrtui", "-w", {root!r}, "--no-supervisor"]
{before}
from cxrtui.entry import main
try:
    main()
finally:
    open({told!r}, "w").write(" ".join(sys.modules))
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = empty_workspace(tmp_path / "w")
    made.database.close()
    recipe = made.paths.settings.read_text()
    made.paths.settings.write_text(f'{recipe}data = "{tmp_path}"\n')
    return made.paths.root


def dashboard(root: Path, *options: str) -> OwnTerminal:
    return OwnTerminal(["-P", "-m", "cxrtui", "-w", str(root), *options], root.parent)


def changed_dashboard(root: Path, before: str) -> OwnTerminal:
    """The dashboard, after a few lines of Python; at its end `modules` has what it imported."""
    told = str(root.parent / "modules")
    return OwnTerminal(["-P", "-c", _RUN.format(root=str(root), before=before, told=told)])


def test_nothing_slow_is_imported_before_the_first_paint() -> None:
    code = (
        "import sys, cxrtui.entry, cxrtui.main, cxrtui.screens.start, cxrtui.screens.starting\n"
        f"print(sorted({BEFORE_PAINTING} & set(sys.modules)))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "[]"


def test_it_paints_reads_is_suspended_comes_back_and_imports_nothing_heavy(root: Path) -> None:
    with changed_dashboard(root, "") as terminal:
        assert READY not in terminal.see("reading ...")
        terminal.type("2")  # a key that comes before the screens is for them
        terminal.see("in order of their start")
        terminal.type("1")
        terminal.see(READY)
        terminal.type("\x1a")
        terminal.see(LEFT)
        deadline = time.monotonic() + 30
        while terminal.state() != "T":
            assert time.monotonic() < deadline, "it is not stopped"
        terminal.signal(signal.SIGCONT)
        terminal.see("\x1b[?1049h")
        terminal.see(READY)
        terminal.type("q")
        assert terminal.end() == 0
        assert LEFT in terminal.shown
    assert not HEAVY & set((root.parent / "modules").read_text().split())


def test_a_signal_ends_it_at_once_and_nothing_else(root: Path) -> None:
    paths = WorkspacePaths(root)
    found = None
    for number in (signal.SIGTERM, signal.SIGHUP):
        paths.dashboard.unlink(missing_ok=True)
        with dashboard(root) as terminal:
            terminal.see(READY)
            while found is None:
                found = supervisor_info(paths)
            terminal.signal(number)
            assert terminal.end() == 128 + number
            assert LEFT in terminal.shown
            assert "Traceback" not in terminal.shown
            assert os.getsid(found.pid) != terminal.pid
        assert supervisor_info(paths) == found
        assert json.loads(paths.dashboard.read_text())["view"]["screen"] == "run"
    stop_supervisor(paths)
    wait_for_no_supervisor(paths)


def test_a_terminal_that_goes_away_ends_it(root: Path) -> None:
    # Without SIGHUP: what is left is that nothing can be written or read any more.
    ignore = "import cxrtui.screens.terminal as t; t.ENDING_SIGNALS = ()\n"
    ignore += "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)"
    with changed_dashboard(root, ignore) as terminal:
        terminal.see(READY)
        terminal.close()
        assert terminal.end() == 128 + signal.SIGHUP
    assert WorkspacePaths(root).dashboard.is_file()
    assert not (root / FILE_NAME).exists()


@pytest.mark.parametrize("last", [signal.SIGHUP, signal.SIGCONT])
def test_being_told_to_go_on_without_a_stop_leaves_nothing_running(root: Path, last: int) -> None:
    """A shell that loses its terminal sends both, and which of them arrives first is luck."""
    with dashboard(root, "--no-supervisor") as terminal:
        terminal.see(READY)
        for key, seen in [("2", "in order of their start"), ("1", READY)] * 3:
            terminal.signal(signal.SIGCONT)
            terminal.type(key)
            terminal.see(seen)
        for number in {signal.SIGHUP, signal.SIGCONT} - {last}:
            terminal.signal(number)
        terminal.signal(last)
        assert terminal.end() == 128 + signal.SIGHUP


def test_what_is_wrong_is_one_line_and_exit_code_2(root: Path, tmp_path: Path) -> None:
    with dashboard(tmp_path / "nowhere") as terminal:
        assert terminal.end() == 2
        assert terminal.shown.startswith("cxrtui: ")  # nothing was painted
        assert "no workspace here" in terminal.shown
    answer = subprocess.run(
        [sys.executable, "-m", "cxrtui", "-w", str(root)],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr.startswith("cxrtui: the dashboard needs a terminal")
    with changed_rows(root) as connection:
        connection.execute("PRAGMA user_version = 99")
    with dashboard(root) as terminal:
        assert terminal.end() == 2
        assert "schema 99" in terminal.shown.rpartition(LEFT)[2]


@pytest.mark.parametrize(
    "broken", ["from cxrtui.screens.app import Dashboard as Broken; name = 'action_help'",
               "from cxrtui.screens.feed.feed import Feed as Broken; name = 'run'"],
)  # fmt: skip
def test_an_error_that_nobody_expected_is_one_line_and_a_file(root: Path, broken: str) -> None:
    broken += (
        "\ndef fail(self): raise ValueError('[red]not\\x1b]0;so')\nsetattr(Broken, name, fail)\n"
    )
    with changed_dashboard(root, broken) as terminal:
        terminal.see("reading ...")
        terminal.type("?")
        assert terminal.end() == 1
        told = terminal.shown.rpartition(LEFT)[2]
    path = root / FILE_NAME
    assert "Traceback" not in told
    assert f"cxrtui: ValueError: [red]not\N{REPLACEMENT CHARACTER}]0;so (more in {path})" in told
    assert "in fail" in path.read_text()


def test_a_worker_that_fails_is_told_and_one_that_goes_on_is_not_waited_for(root: Path) -> None:
    workers = (
        "from cxrtui.screens.app import Dashboard\n"
        "def fail(): raise OSError('the disk is on fire')\n"
        "def begin(self):\n"
        "    self.run_worker(lambda: time.sleep(600), thread=True)\n"
        "    self.run_worker(fail, thread=True)\n"
        "Dashboard.action_help = begin"
    )
    with changed_dashboard(root, workers) as terminal:
        terminal.see(READY)
        terminal.type("?")
        terminal.see("the disk is on fire")
        terminal.type("q")
        assert terminal.end() == 0
    assert "the disk is on fire" in (root / FILE_NAME).read_text()
