"""What came of asking something of jobs, in lines for a person."""

from collections.abc import Iterator, Sequence

from jobs.queue.asking import Outcome


def asked_lines(verb: str, outcomes: Sequence[Outcome], shown: int) -> Iterator[str]:
    """One line for all jobs that `verb` changes, and one for each other; `shown` of either."""
    changed = [one.job.name for one in outcomes if one.changed]
    others = [f"{one.job.name} is {one.state}: {one.why_not}" for one in outcomes if one.why_not]
    if changed:
        yield f"{verb}: {', '.join(_shown(changed, shown))}"
    yield from _shown(others, shown)


def _shown(texts: Sequence[str], shown: int) -> list[str]:
    """As many as can be read, and how many more there are."""
    more = len(texts) - shown
    return [*texts[:shown], *([f"and {more:,} more"] if more > 0 else [])]
