"""What an attempt says of the code and the machine that it ran on."""

import json
import signal
import subprocess
from pathlib import Path

import pytest
from attempts import next_attempt, start, write_data, write_train_job

from jobs import provenance
from jobs.processes import host_name
from jobs.provenance import DIFF, add_to_provenance, read_provenance, write_provenance


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false")
    command = ["git", "-C", str(folder), *identity, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def code(tmp_path: Path) -> Path:
    """A checkout with a package of ours."""
    folder = tmp_path / "checkout"
    (folder / "jobs").mkdir(parents=True)
    (folder / "jobs/__init__.py").write_text("one = 1\n")
    (folder / "README.md").write_text("read me\n")
    git(tmp_path, "init", "-q", str(folder))
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "first")
    return folder


@pytest.fixture
def attempt(tmp_path: Path) -> Path:
    folder = tmp_path / "attempt-1"
    folder.mkdir()
    return folder


def test_a_clean_checkout_is_its_commit(code: Path, attempt: Path) -> None:
    (code / "README.md").write_text("what is no code of ours does not count\n")
    write_provenance(attempt, {"more": [1]}, code)
    found = read_provenance(attempt)
    commit = git(code, "rev-parse", "HEAD").strip()
    assert found["git"] == {"commit": commit, "dirty": False, "untracked": []}
    assert found["more"] == [1]
    assert found["packages"].keys() >= {"numpy", "pillow"}
    assert all(found[name] for name in ("host", "python", "platform", "kernel"))
    assert [path.name for path in attempt.iterdir()] == ["provenance.json"]


def test_what_differs_from_the_commit_lies_beside_it(
    code: Path, attempt: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (code / "jobs/__init__.py").write_text("two = 2\n")
    (code / "jobs/n\u00e9w.py").write_text("")
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    write_provenance(attempt, {}, code)
    found = read_provenance(attempt)["git"]
    assert found["dirty"]
    assert found["untracked"] == ["jobs/n\u00e9w.py"]
    diff = (attempt / DIFF).read_text()
    assert "-one = 1\n+two = 2\n" in diff
    monkeypatch.setattr(provenance, "DIFF_LIMIT", 10)
    write_provenance(attempt, {}, code)
    assert (attempt / DIFF).read_text() == diff[:10]


def test_an_installation_below_somebodys_repository_is_not_that_repositorys_code(
    code: Path, attempt: Path
) -> None:
    (code / ".gitignore").write_text("venv\n")
    installed = code / "venv"
    (installed / "jobs").mkdir(parents=True)
    (installed / "jobs/__init__.py").write_text("")
    write_provenance(attempt, {}, installed)
    assert read_provenance(attempt)["git"] is None


@pytest.mark.parametrize("trouble", ["absent", "hangs", "fails", "no repository"])
def test_whatever_git_does_the_attempt_goes_on(
    tmp_path: Path, code: Path, attempt: Path, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    programs = tmp_path / "bin"
    programs.mkdir()
    if trouble == "no repository":
        code = attempt
    else:
        monkeypatch.setenv("PATH", str(programs))
    if trouble in ("hangs", "fails"):
        does = "exec /bin/sleep 600" if trouble == "hangs" else "exit 128"
        (programs / "git").write_text(f"#!/bin/sh\n{does}\n")
        (programs / "git").chmod(0o755)
        monkeypatch.setattr(provenance, "GIT_SECONDS", 0.1)
    write_provenance(attempt, {}, code)
    assert read_provenance(attempt)["git"] is None
    assert read_provenance(attempt)["python"]


def test_what_is_added_leaves_the_rest_and_damage_is_nothing(attempt: Path, code: Path) -> None:
    assert read_provenance(attempt) == {}
    write_provenance(attempt, {}, code)
    before = read_provenance(attempt)
    add_to_provenance(attempt, {"cuda": None})
    assert read_provenance(attempt) == before | {"cuda": None}
    for damaged in (b"", b"[1]", b'{"host": "h'):
        (attempt / "provenance.json").write_bytes(damaged)
        assert read_provenance(attempt) == {}


def test_a_program_says_what_it_runs_on_before_it_begins(tmp_path: Path) -> None:
    job = write_train_job(tmp_path / "jobs/train", write_data(tmp_path))
    process = start("train", next_attempt(job), failpoint="train.started")
    process.join(120)
    assert process.exitcode == -signal.SIGKILL
    found = json.loads((job / "attempt-1/provenance.json").read_bytes())
    assert found["torch"].startswith(found["packages"]["torch"])
    assert (found["gpus"], found["host"]) == ([], host_name())
