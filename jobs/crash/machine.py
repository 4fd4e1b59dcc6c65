"""The crash test: kills every role in every state, by a schedule that a seed decides."""

import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from jobs.crash import begin
from jobs.crash.asking import Asking
from jobs.crash.cells import DELAYS, PACKING, START_UP, STARTING, WEIGHTS, Cell, Schedule
from jobs.crash.checks import check_round, check_whole
from jobs.crash.killing import MARK, end_all, kill
from jobs.crash.recipe import model_names, recipe_name, recipe_text
from jobs.crash.report import CrashReport, LostError
from jobs.crash.sight import Sight, Victim
from jobs.crash.supervising import Supervising
from jobs.crash.tables import Round
from jobs.data.phantom.write import write_phantom
from jobs.errors import JobsError
from jobs.queue.journal import record
from jobs.recipe.schema import PhantomSettings
from jobs.workspace import Workspace, WorkspaceSettings, make_workspace

SLOTS: Final = 4
LINEAGES: Final = 8  # models of each of three stages in a round, at most
KILLS_OF_LINEAGE: Final = 14  # about as many as a lineage lives through
PACK_KILLS: Final = 2  # in a round: a pack has no checkpoints, so that three of them fail it
_PATIENCE: Final = 0.3  # for a state to come up
_POLL_SECONDS: Final = 0.002
_LOOK_SECONDS: Final = 0.1
_STUCK_SECONDS: Final = 60.0
_PHANTOM: Final = PhantomSettings(
    train_images=24, development_images=12, test_images=12, size=32, least_share=0.15
)

Progress = Callable[[int, int], None] | None  # kills done, kills wanted


def run_crash_test(base: Path, kills: int, seed: int, progress: Progress) -> CrashReport:
    """Kill `kills` times (each role in each state at least once) and check what is left.

    All is in the folder `base`, which is kept. Nothing that was started outlives this call.
    """
    began = time.monotonic()
    report = CrashReport(seed)
    with _environment(base):
        machine = _Machine(base, kills, report, progress)
        try:
            machine.run()
        except (LostError, JobsError) as error:
            report.lost = str(error)
        finally:
            machine.end()
    report.seconds = time.monotonic() - began
    return report


class _Machine:
    """Rounds of many models each, in one workspace, with kills until all have succeeded."""

    def __init__(self, base: Path, kills: int, report: CrashReport, progress: Progress) -> None:
        self.base = base
        self.report = report
        self.progress = progress
        self.chance = random.Random(report.seed)
        self.schedule = Schedule(kills, self.chance)
        self.wanted = self.schedule.total
        self.writers: set[int] = set()  # pids of what was killed
        write_phantom(base / "data", _PHANTOM, processes=1)
        self.workspace = self._new_round(1)
        self.supervising = Supervising(self.workspace.paths, self.chance)

    def run(self) -> None:
        """Rounds until the schedule is empty; each is checked, and at last the whole."""
        while not self.report.rounds or self.schedule.total:
            if self.report.rounds:
                self.workspace.database.close()
                self.workspace = self._new_round(self.report.rounds + 1)
            self.report.rounds += 1
            while not self._is_round_done():
                self._go_on()
                cell = self.schedule.draw(self._is_possible)
                if cell is not None and self._hit(cell):
                    self.moved = time.monotonic()
                    if self.progress is not None:
                        self.progress(self.report.total, self.wanted)
            self.supervising.stop()
            done = Round(self.workspace.paths.root, recipe_name(self.report.rounds), self.models)
            check_round(done, self.workspace, self.report)
        check_whole(self.workspace, self.writers, self.report)

    def end(self) -> None:
        """Leave nothing running."""
        end_all(self.base)
        self.supervising.close()
        end_all(self.base)
        self.workspace.database.close()

    def _new_round(self, number: int) -> Workspace:
        recipe = self.base / f"{recipe_name(number)}.toml"
        lineages = min(LINEAGES, 1 + self.schedule.total // KILLS_OF_LINEAGE)
        self.models = model_names(lineages)
        recipe.write_text(recipe_text(number, self.models, self.chance))
        settings = WorkspaceSettings(
            str(recipe), str(self.base / "data"), cpu_slots=SLOTS, keep_free_gib=0.0
        )
        workspace = make_workspace(self.base / "workspace", settings)
        models = self.chance.sample(self.models, len(self.models))
        self.asking = Asking(workspace.paths, self.base / "commands.log", models)
        self.sight = Sight(workspace)
        self.pack_kills = 0
        self.retried: set[tuple[int, int]] = set()
        self.looked = 0.0
        self.moved = time.monotonic()
        return workspace

    def _is_round_done(self) -> bool:
        if self.asking.process or self.asking.unasked or self.sight.open_jobs:
            return False
        if not self.sight.knows_all_that_was_asked():
            return False
        self.sight.look_for_jobs()
        return not self.sight.open_jobs

    def _is_possible(self, cell: Cell) -> bool:
        if cell.role == "command":
            return bool(self.asking.process or self.asking.unasked)
        if cell.state == START_UP:
            return self.supervising.victim() is not None
        if not self.supervising.runs and (cell.role == "supervisor" or cell.state == STARTING):
            return False
        packs = any(job.kind == "pack" for job in self.sight.open_jobs)
        if cell.state == PACKING:
            return packs and (cell.role == "supervisor" or self.pack_kills < PACK_KILLS)
        return bool(self.sight.open_jobs) and not packs

    def _hit(self, cell: Cell) -> bool:
        """Wait for a cell, or after a while for any that is left, and kill; whether it was done."""
        if cell.role == "command" and self.asking.process is None:
            self.asking.begin(1)
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline or cell.role == "command":
            victims = self._victims(cell)
            if victims:
                return self._kill(cell, self.chance.choice(victims))
            self._go_on()
            if not self._is_possible(cell) or (cell.role == "command" and not self.asking.process):
                return False
        for other in self.chance.sample([*WEIGHTS], len(WEIGHTS)):
            if (
                self.schedule[other]
                and self._is_possible(other)
                and (found := self._victims(other))
            ):
                return self._kill(other, self.chance.choice(found))
        return False

    def _victims(self, cell: Cell) -> list[Victim]:
        if cell.role == "command":
            one = self.asking.victim(cell.state)
        elif cell.state == START_UP:
            one = self.supervising.victim()
        else:
            return self.sight.victims(cell)
        return [] if one is None else [Victim(one, None)]

    def _kill(self, cell: Cell, victim: Victim) -> bool:
        """Kill after a short while, and count it in the state that is seen right before."""
        time.sleep(DELAYS[cell.state] * self.chance.random())
        landed = Cell(cell.role, self._state_of(cell, victim) or "")
        if landed not in WEIGHTS or not kill(victim.process):
            return False
        self.writers.add(victim.process.pid)
        if victim.attempt is not None:
            self.writers |= self.sight.pids_of(victim.attempt)
        self.pack_kills += landed.state == PACKING and cell.role != "supervisor"
        if cell.role == "supervisor":
            self.supervising.was_killed()
        elif cell.role == "command":
            self.asking.was_killed()
        self.report.kills[landed] += 1
        self.schedule.take(landed)
        return True

    def _state_of(self, cell: Cell, victim: Victim) -> str | None:
        if cell.role == "command":
            return self.asking.state()
        if victim.attempt is None:
            return START_UP if self.supervising.victim() == victim.process else None
        return self.sight.state_of(victim.attempt)

    def _go_on(self) -> None:
        """What a person does meanwhile: ask, start a supervisor, retry what was given up."""
        self.supervising.keep(self.sight)
        if self.asking.keep() and self.asking.unasked:
            self._ask()
        now = time.monotonic()
        if now - self.looked >= _LOOK_SECONDS:
            self.looked = now
            before = len(self.sight.open_jobs)
            self.sight.look_for_jobs()
            self._retry()
            if len(self.sight.open_jobs) != before:
                self.moved = now
        if now - self.moved > _STUCK_SECONDS:
            stuck = "; ".join(
                f"{job.name} {job.state} {job.reason}" for job in self.sight.open_jobs
            )
            raise LostError(f"nothing moved for {_STUCK_SECONDS:.0f} s: {stuck}")
        time.sleep(_POLL_SECONDS)

    def _ask(self) -> None:
        """At first for half of the models; for the others once no command is to be killed."""
        left, late = len(self.asking.unasked), len(self.models) // 2
        if left > late:
            self.asking.begin(left - late)
        elif not self.schedule.of_role("command"):
            self.asking.begin(left)

    def _retry(self) -> None:
        """Ask again for jobs that were given up by design; LostError if one failed otherwise."""
        for job in self.sight.open_jobs:
            if job.state != "failed":
                continue
            if not job.reason.startswith("interrupted"):
                raise LostError(f"{job.name} failed: {job.reason}")
            given_up = job.id, self.sight.newest_of(job)
            if given_up not in self.retried:
                self.retried.add(given_up)
                self.report.retries += 1
                entry = {"kind": "request", "verb": "retry", "keys": [job.key], "value": None}
                record(self.workspace, entry)


@contextmanager
def _environment(base: Path) -> Iterator[None]:
    """What everything that is started in a crash test has in its environment."""
    before = dict(os.environ)
    os.environ[MARK] = str(base)
    os.environ["CXRTUI_TEST_PROGRAM"] = str(begin.__file__)
    os.environ["CUDA_VISIBLE_DEVICES"] = ""
    os.environ.pop("CXRTUI_FAILPOINT", None)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
