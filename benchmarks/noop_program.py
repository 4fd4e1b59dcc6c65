"""A program that does nothing but say when: its first and last instant, in nanoseconds.

`noop_program.py FOLDER`: writes the `events.jsonl` that the queue wants, then `instants.txt`.
"""

import time

FIRST = time.time_ns()

import json  # noqa: E402
import os  # noqa: E402
import sys  # noqa: E402


def main(folder: str) -> None:
    """Tell that it has begun and that it has finished."""
    events = (
        {"kind": "started", "model": "none", "device": "cpu", "steps": 0, "step": 0, "samples": 0},
        {"kind": "finished", "artifacts": [], "weights": None},
    )
    lines = [
        json.dumps({"seq": seq, "time": time.time(), **event}) for seq, event in enumerate(events)
    ]
    with open(os.path.join(folder, "events.jsonl"), "w") as file:  # noqa: PTH118, PTH123
        file.write("\n".join(lines) + "\n")
    with open(os.path.join(folder, "instants.txt"), "w") as file:  # noqa: PTH118, PTH123
        file.write(f"{FIRST} {time.time_ns()}\n")


if __name__ == "__main__":
    main(sys.argv[-1])
