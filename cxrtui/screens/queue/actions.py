"""What the Queue screen does in threads: asking something of jobs, adding jobs."""

import threading
from collections.abc import Callable, Collection
from typing import Final

from cxrtui.screens.queue.request import AddRequest
from cxrtui.show.asked import asked_lines
from db.jobs import jobs
from db.records import Job
from jobs.queue.asking import PRIORITY, Outcome, ask_freeze, ask_jobs
from jobs.queue.ensure import ensure_supervisor
from jobs.queue.journal import apply_journal
from jobs.recipe.load import LoadedRecipe, load_recipe
from jobs.workspace import Workspace

_SHOWN: Final = 5  # names or lines in a notification


class QueueActions:
    """One after the other, also where keys are pressed quickly.

    Every method raises JobsError, DatabaseError or OSError with one line for a person.
    """

    def __init__(self, workspace: Workspace, *, watch_only: bool) -> None:
        self._workspace = workspace
        self._watch_only = watch_only
        self._lock = threading.Lock()

    def ask(self, verb: str, job_ids: Collection[int]) -> list[str]:
        """Ask something of jobs; what came of it, in lines."""
        with self._lock:
            found = self._jobs(job_ids)
            outcomes = ask_jobs(self._workspace, verb, found, alone=set(job_ids))
            self._ensure()
        return list(asked_lines(verb, outcomes, _SHOWN))

    def move(self, by: int, job_ids: Collection[int]) -> list[str]:
        """Change priorities by so much; what came of it, in lines."""
        outcomes: dict[int, list[Outcome]] = {}
        with self._lock:
            found = self._jobs(job_ids)
            for value in sorted({job.priority + by for job in found}):
                group = [job for job in found if job.priority + by == value]
                outcomes[value] = ask_jobs(self._workspace, PRIORITY, group, value, alone=())
            self._ensure()
        return [
            line
            for value, some in outcomes.items()
            for line in asked_lines(f"priority {value}", some, _SHOWN)
        ]

    def freeze(self, *, frozen: bool) -> list[str]:
        """Start nothing new, or start jobs again."""
        with self._lock:
            ask_freeze(self._workspace, frozen=frozen)
            if not frozen:
                self._ensure()
        return ["frozen: nothing new starts" if frozen else "thawed"]

    def add(self, request: AddRequest, progress: Callable[[int, int], None]) -> list[str]:
        """Queue what is asked for; `progress` is told (done, total) of a phantom's images."""
        # Imported here: pyarrow costs a fifth of the start-up.
        from cxrtui.enqueue import enqueue, left_out_lines, of_targets
        from cxrtui.show.plan import plan_summary
        from jobs.prepare import PreparedData, data_root, prepare_data

        def prepare(workspace: Workspace, loaded: LoadedRecipe) -> PreparedData:
            root = data_root(workspace.paths, loaded.recipe, workspace.settings.data)
            return prepare_data(root, loaded.recipe, progress)

        loaded = load_recipe(self._workspace.settings.recipe)
        choice = of_targets(loaded, request.targets, parents=request.parents)
        with self._lock:
            plan = enqueue(self._workspace, loaded, choice, request.priority, prepare=prepare)
            self._ensure()
        left_out = left_out_lines(plan.data) if plan.data is not None else []
        return [plan_summary(plan.lines), *left_out]

    def _jobs(self, job_ids: Collection[int]) -> list[Job]:
        apply_journal(self._workspace)
        with self._workspace.database.read() as connection:
            return [job for job in jobs(connection) if job.id in job_ids]

    def _ensure(self) -> None:
        if not self._watch_only:
            ensure_supervisor(self._workspace.paths)
