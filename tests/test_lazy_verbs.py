"""Verbs are imported when they are called; help and guesses know all of them."""

import subprocess
import sys

from typer.testing import CliRunner

from cxrtui.main import app

VERBS = ["curves", "doctor", "init", "run-all", "report", "results", "status"]
VERBS += ["data", "ensemble", "queue", "recipe", "supervisor", "workspace"]


def test_help_lists_every_verb_in_its_order() -> None:
    lines = CliRunner().invoke(app, ["--help"]).output.partition("Commands:\n")[2].splitlines()
    assert [line.split()[0] for line in lines if line.strip()] == VERBS
    assert all(len(line.split()) > 3 for line in lines if line.strip())


def test_a_slip_is_answered_with_what_was_meant() -> None:
    done = CliRunner().invoke(app, ["quee", "list"])
    assert done.exit_code == 2
    assert "Did you mean 'queue'?" in done.output


def test_a_verb_imports_no_other() -> None:
    code = (
        "import sys; sys.argv = ['cxrtui', 'queue', 'list', '--help']\n"
        "from cxrtui.entry import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print(sorted(one for one in sys.modules if one.startswith('cxrtui.commands.')))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    imported = answer.stdout.splitlines()[-1]
    assert imported == "['cxrtui.commands.queue', 'cxrtui.commands.verbs']"
