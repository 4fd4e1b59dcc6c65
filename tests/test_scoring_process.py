"""The process that scores for the Ensemble screen."""

import os
import queue
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from dashboard_workspace import Fixture
from ensemble_workspace import SKILL, small_workspace
from textual.message import Message

from cxrtui.screens.ensemble.messages import ConfidenceKnown, Scored, ScorerEnded, SplitLoaded
from cxrtui.screens.ensemble.scorer import Scorer
from cxrtui.screens.ensemble.split import read_split
from cxrtui.screens.ensemble.wire import Request
from cxrtui.screens.ensemble.work import Pick
from cxrtui.screens.messages import WorkFailed
from jobs.processes import start_ticks
from jobs.start import command

RECIPE = "cxr-lt-2023"
ALL = tuple((name, 1.0) for name in sorted(SKILL))
CHOICE = Pick(ALL, "study-mean", 0.7, "ranks", "test")
ALONE = Pick(ALL[:1], "study-mean", 0.7, "ranks", "test")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Fixture:
    return small_workspace(tmp_path_factory.mktemp("small") / "w")


class Heard:
    def __init__(self) -> None:
        self.posted: queue.Queue[Message] = queue.Queue()

    def first(self, is_it: Callable[[Message], bool]) -> Message:
        while not is_it(found := self.posted.get(timeout=60)):
            pass
        return found


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def scorer(made: Fixture, heard: Heard) -> Iterator[Scorer]:
    made_scorer = Scorer(made.workspace.paths.root, RECIPE, heard.posted.put)
    yield made_scorer
    made_scorer.end()


def test_what_it_tells_is_what_this_process_would_find(
    made: Fixture, scorer: Scorer, heard: Heard
) -> None:
    scorer.ask(Request("test", CHOICE, (CHOICE, ALONE), (CHOICE, ALONE)))
    expected = read_split(made.workspace, RECIPE, "test")
    assert expected is not None
    loaded = heard.first(lambda one: isinstance(one, SplitLoaded))
    assert loaded.loaded.labels == expected.loaded.labels
    assert loaded.loaded.positives == expected.loaded.positives
    assert loaded.loaded.choices == expected.loaded.choices
    scored = heard.first(lambda one: isinstance(one, Scored))
    assert scored.choice == CHOICE
    own = expected.score(CHOICE, lambda: None)
    assert scored.result.map == own.map
    assert scored.result.per_label.tobytes() == own.per_label.tobytes()
    known = heard.first(lambda one: isinstance(one, ConfidenceKnown)).confidence
    assert (known.pick, known.base) == (CHOICE, ALONE)
    assert known.map.low < own.map < known.map.high
    assert len(known.is_noise) == len(own.per_label)


def test_what_a_key_may_ask_for_next_is_told_unasked(scorer: Scorer, heard: Heard) -> None:
    scorer.ask(Request("dev", None))
    heard.first(lambda one: isinstance(one, SplitLoaded))
    choice = Pick(ALL, "none", 0.7, "probabilities", "dev")
    scorer.ask(Request("dev", choice, (choice,)))
    heard.first(lambda one: isinstance(one, Scored) and one.choice == choice)
    alone = Pick(ALL[-1:], "study-mean", 0.7, "ranks", "test")
    heard.first(lambda one: isinstance(one, Scored) and one.choice == alone)


def test_only_the_newest_request_counts(scorer: Scorer, heard: Heard) -> None:
    for weight in range(1, 50):
        choice = Pick((("model0", float(weight)), *ALL[1:]), "none", 0.7, "probabilities", "dev")
        scorer.ask(Request("dev", choice, (choice,)))
    scored = heard.first(lambda one: isinstance(one, Scored))
    assert scored.choice == choice


def test_it_is_told_when_it_has_ended_by_itself(scorer: Scorer, heard: Heard) -> None:
    os.kill(scorer._process.pid, signal.SIGKILL)
    ended = heard.first(lambda one: isinstance(one, ScorerEnded))
    assert ended.source is scorer
    assert "exit code -9" in ended.text
    scorer.ask(Request("dev", None))  # harmless


def test_an_end_that_was_wanted_is_not_told(made: Fixture, heard: Heard) -> None:
    scorer = Scorer(made.workspace.paths.root, RECIPE, heard.posted.put)
    scorer.end()
    assert start_ticks(scorer._process.pid) is None
    assert heard.posted.empty()


def test_a_failure_is_one_line_and_the_process_goes_on(scorer: Scorer, heard: Heard) -> None:
    unknown = Scorer(scorer_root(scorer), "no-such-recipe", heard.posted.put)
    unknown.ask(Request("dev", None))
    failed = heard.first(lambda one: isinstance(one, WorkFailed))
    assert "no-such-recipe" in failed.text
    assert unknown._process.poll() is None
    unknown.end()


def scorer_root(scorer: Scorer) -> Path:
    return Path(scorer._process.args[-2])


def test_it_ends_with_whoever_started_it(made: Fixture) -> None:
    line = command(
        "cxrtui.screens.ensemble.scoring_process", str(made.workspace.paths.root), RECIPE
    )
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        process.stdin.close()
        deadline = time.monotonic() + 30
        while process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        assert process.returncode == 0
