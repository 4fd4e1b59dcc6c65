"""A whole visit, typed into a terminal and read from its screen."""

import json
import re
import shlex
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from attempts import wait_for
from conftest import CHAIN, Command, command_lines
from tmux import LONG_ENOUGH, Tmux, Wanted

EPOCHS = 100  # of the model that is watched
RECIPE = CHAIN.replace('pre_weight = "b"', f'pre_weight = "b"\nepochs = {EPOCHS}')
LABELS = ("Atelectasis", "Cardiomegaly", "Edema", "Nodule")
DASHBOARD = shlex.join([sys.executable, "-m", "cxrtui"])
AWAY, QUEUE, MEMBERS = "While you were away", "─ Queue ", "─ Members "  # titles
SMALL, LARGE = (80, 24), (120, 40)
DOTS = "[\u2801-\u28ff]"  # braille, of which curves are made


@pytest.fixture
def begun(cxrtui: Command, workspace: Path, data_folder: Path, tmp_path: Path) -> Iterator[Path]:
    """A workspace that begins to train and to predict its first two stages."""
    recipe = tmp_path / "visited.toml"
    recipe.write_text(RECIPE)
    cxrtui("init", "--recipe", str(recipe), "--data", str(data_folder))
    cxrtui("queue", "add", "stage1", "stage2")
    yield workspace
    if command_lines(f"{workspace}/runs/"):
        cxrtui("queue", "cancel", "all")
        wait_for(lambda: not command_lines(f"{workspace}/runs/"))


def test_a_whole_visit(begun: Path, cxrtui: Command, tmp_path: Path) -> None:
    with Tmux(tmp_path, *SMALL, {"CXRTUI_WORKSPACE": str(begun)}) as terminal:
        open_run_screen(terminal)
        add_stage3(terminal)
        see_it_wait_and_train(terminal)
        see_only_changes_drawn(terminal)
        lose_the_terminal_while_it_trains(terminal)
        see_it_done(terminal)
        pick_members(terminal, cxrtui)
        save(terminal)
        stop_and_go_on(terminal)
        leave(terminal)
        see_it_listed(terminal)
        reopen_where_it_was_left(terminal)
        see_nothing_drawn_without_news(terminal, cxrtui)
        leave(terminal)


def open_run_screen(terminal: Tmux) -> None:
    terminal.run(DASHBOARD)
    terminal.wait("stage1", "stage2", "Loss", "Val mAP", "Log", is_supervised)


def add_stage3(terminal: Tmux) -> None:
    go(terminal, "2", QUEUE, "32px")
    terminal.press("a")
    terminal.wait("Add to the queue", "stage3")
    terminal.type("stage3")
    terminal.wait("c train", "c predict", "Enter queues")
    terminal.press("Enter")
    terminal.wait(has("c +train"), has("c +predict"), lacks("Enter queues"))


def see_it_wait_and_train(terminal: Tmux) -> None:
    go(terminal, "1", "Val mAP")
    terminal.press("Down", "Down")
    terminal.wait(has("c +needs b train"))
    terminal.resize(*LARGE)
    terminal.wait(
        has("^.{110,}$"), has("▶ c "), shows_curves, lambda shown: newest_epoch(shown) > 3
    )


def see_only_changes_drawn(terminal: Tmux) -> None:
    """While a job tells of epoch after epoch, each takes less than a screen as a whole."""
    while written_per_epoch(terminal) > len(terminal.styled.encode()) * 0.75:
        assert has("▶ c ")(terminal.screen)  # else all of it was drawn to the last epoch


def written_per_epoch(terminal: Tmux) -> float:
    """Bytes of the next epochs, and of frames before them that have not come as far as the file."""
    first, before = newest_epoch(terminal.screen), terminal.written
    screen = terminal.wait(lambda shown: newest_epoch(shown) >= first + 12)
    return (terminal.written - before) / (newest_epoch(screen) - first)


def lose_the_terminal_while_it_trains(terminal: Tmux) -> None:
    assert has("▶ c ")(terminal.screen)
    terminal.lose()
    terminal.run(DASHBOARD)
    terminal.wait(is_supervised)
    go(terminal, "2", QUEUE, has("c +train"))


def see_it_done(terminal: Tmux) -> None:
    go(terminal, "1", "Val mAP", has("[▶✓] c "))
    terminal.wait(has("✓ c "), shows_curves, "predicted", "test images: mAP 0.")


def pick_members(terminal: Tmux, cxrtui: Command) -> None:
    """Each key changes the table, and the numbers are those of the command line."""
    terminal.resize(*SMALL)
    go(terminal, "4", MEMBERS, "[ ] a", "[✓] b", "[✓] c", "frontal-mean")
    two = terminal.wait(has(r"mAP 0\.\d+"), *LABELS)
    terminal.press("Space")
    three = terminal.wait("[✓] a", lambda shown: precisions(shown) != precisions(two))
    terminal.press("v")
    studies = terminal.wait("study-mean", lambda shown: precisions(shown) != precisions(three))
    told = cxrtui("ensemble", "score", "a", "b", "c", "--views", "study-mean", "--json").stdout
    expected = json.loads(told)
    assert precisions(studies) == {
        label: f"{precision:.3f}" for label, precision in expected["per_label"].items()
    }
    assert f"mAP {expected['map']:.3f}" in studies


def save(terminal: Tmux) -> None:
    terminal.press("w")
    terminal.wait("Save the ensemble", has("a.*b.*c.*study-mean"))
    terminal.type("picked")
    terminal.press("Enter")
    terminal.wait("Saved as picked", lacks("Save the ensemble"))


def stop_and_go_on(terminal: Tmux) -> None:
    """Ctrl+Z gives the terminal back to the shell, and `fg` the dashboard its screen."""
    terminal.press("C-z")
    terminal.wait(lambda _: terminal.is_at_prompt)
    terminal.run("fg")
    terminal.wait(MEMBERS, "[✓] a", *LABELS)


def leave(terminal: Tmux) -> None:
    terminal.press("q")
    terminal.wait(lambda _: terminal.is_at_prompt, lacks("╭"))


def see_it_listed(terminal: Tmux) -> None:
    terminal.run(f"clear; {DASHBOARD} ensemble list")
    terminal.wait(has("picked.*study-mean"))


def reopen_where_it_was_left(terminal: Tmux) -> None:
    terminal.run(DASHBOARD)
    terminal.wait(MEMBERS, "[✓] a", "[✓] b", "[✓] c", "study-mean", *LABELS)
    terminal.press("w")
    terminal.wait("Save the ensemble")
    terminal.type("picked")
    terminal.wait("replaces the saved ensemble picked")
    terminal.press("Escape")
    terminal.wait(lacks("Save the ensemble"))


def see_nothing_drawn_without_news(terminal: Tmux, cxrtui: Command) -> None:
    """The last frames may still be on their way to the file, and a minute may pass."""
    go(terminal, "2", QUEUE, has("c +train +✓ succeeded +1 "), has("c +predict"))  # one attempt
    deadline = time.monotonic() + LONG_ENOUGH
    while drawn_meanwhile(terminal, lambda: cxrtui("status")):  # takes half a second or more
        assert time.monotonic() < deadline, "it draws and draws"


def drawn_meanwhile(terminal: Tmux, act: Callable[[], object]) -> int:
    """How many bytes were written to the terminal."""
    before = terminal.written
    act()
    return terminal.written - before


def go(terminal: Tmux, key: str, *wanted: Wanted) -> str:
    """Go to a screen; what happened meanwhile may be told first, and is closed."""
    terminal.press(key)
    if AWAY in terminal.wait_any((AWAY,), wanted):
        terminal.press("Enter")
        terminal.wait(lacks(AWAY))
        terminal.press(key)
    return terminal.wait(*wanted)


def has(pattern: str) -> Callable[[str], bool]:
    """Whether a row of the screen matches."""
    return lambda screen: re.search(pattern, screen, re.MULTILINE) is not None


def lacks(words: str) -> Callable[[str], bool]:
    return lambda screen: words not in screen


def is_supervised(screen: str) -> bool:
    first, _, _ = screen.partition("\n")
    return "supervisor" in first and "no supervisor" not in first


def shows_curves(screen: str) -> bool:
    """Whether there are dots on more than a few rows, and numbers at an axis."""
    drawn = re.findall(rf"^.*{DOTS}.*$", screen, re.MULTILINE)
    return len(drawn) > 5 and re.search(r"\d\.\d+┤", screen) is not None


def newest_epoch(screen: str) -> int:
    """The newest epoch in the log; 0 if none is there."""
    return max(map(int, re.findall(r"epoch (\d+) of", screen)), default=0)


def precisions(screen: str) -> dict[str, str]:
    """The column AP of the Ensemble screen by label, as it is written there."""
    lines = screen.splitlines()
    titles = next((line for line in lines if " label " in line and " AP " in line), "")
    end = titles.find(" AP ") + 3
    found = {label: line for line in lines for label in LABELS if label in line}
    return {label: line[:end].split()[-1] for label, line in found.items()}
