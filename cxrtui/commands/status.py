"""`cxrtui status`: one screen for cron and ssh."""

import time
from dataclasses import asdict
from typing import Any, Final

import typer

from cxrtui.options import JsonOption, WorkspaceOption, workspace_root
from cxrtui.output import console, print_json, print_text

ROWS: Final = 40  # of the table of what is not over


def status(
    context: typer.Context, json_: JsonOption = False, workspace: WorkspaceOption = None
) -> None:
    """Supervisor, GPUs, jobs by state, and when the queue will be done."""
    from cxrtui.show.gpus import gpu_lines
    from cxrtui.show.progress import duration, progress_table
    from db.jobs import count_by_state, jobs
    from jobs.gpus import look_at_gpus
    from jobs.queue.ensure import supervisor_info
    from jobs.queue.eta import eta_seconds, work_of
    from jobs.queue.progress import progress_of_jobs
    from jobs.queue.slots import count_slots
    from jobs.workspace import open_workspace

    opened = open_workspace(workspace_root(context, workspace))
    report = look_at_gpus(opened.settings.gpus)
    supervisor = supervisor_info(opened.paths)
    with opened.database.read() as connection:
        counts = count_by_state(connection)
        progress = progress_of_jobs(connection, jobs(connection), time.time())
        slots = count_slots(report.gpus, opened.settings.cpu_slots)
        eta = eta_seconds(work_of(connection, progress), slots)
    if json_:
        found: dict[str, Any] = {
            "supervisor": None if supervisor is None else vars(supervisor),
            "gpus": [asdict(gpu) for gpu in report.gpus],
            "gpu_trouble": report.trouble,
            "jobs": counts,
            "eta_seconds": eta,
        }
        print_json(found)
        return
    who = "none runs" if supervisor is None else f"pid {supervisor.pid} on {supervisor.host}"
    console.print(f"{opened.paths.root}  recipe {opened.settings.recipe}  supervisor: {who}")
    for line in gpu_lines(report):
        print_text(line)
    if progress:
        spent = sum(one.seconds for one in progress)
        console.print(progress_table(progress, spent, eta, rows=ROWS))
    told = "  ".join(f"{state} {count:,}" for state, count in sorted(counts.items())) or "no jobs"
    left = "" if not eta else f"  about {duration(eta)} left"
    console.print(told + left, soft_wrap=True)
