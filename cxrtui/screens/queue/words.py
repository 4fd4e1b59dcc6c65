"""What stands around the table of the Queue screen: how many jobs, which, and in which order."""

from cxrtui.screens.queue.view import TURN, QueueView


def queue_title(every: int, shown: int, marked: int) -> str:
    """How many jobs there are, are shown, and are marked."""
    title = f"Queue  {every:,} jobs" if shown == every else f"Queue  {shown:,} of {every:,}"
    return f"{title}  {marked:,} marked" if marked else title


def order_words(view: QueueView) -> str:
    """Which state is shown, and by what the jobs are sorted."""
    chosen = f"only {view.state}  " if view.state else ""
    return chosen + ("in order of their start" if view.sort == TURN else f"by {view.sort}")


def empty_words(every: int | None) -> str:
    """What is said where no job is shown of so many; None: they have not been read yet."""
    if every is None:
        return "Reading the queue ..."
    return "No job is like this: Esc shows all" if every else "Nothing is queued: a adds jobs"
