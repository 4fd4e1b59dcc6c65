"""How quick `data check` is: `python benchmarks/data_check.py` prints one JSON document.

A folder as large as CXR-LT 2023 is written first: its three tables with the rows of a phantom, the
metadata of MIMIC-CXR-JPG, and a file of one byte for each image in its tree. Then each step of the
check is timed, beside the standard library's bare `csv.reader` over the same files, and the
command. Seconds of the clock depend on what else the machine does; those of the processor do not.
"""

import argparse
import csv
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from jobs.data.check.across import faults_across
from jobs.data.check.counts import count_data
from jobs.data.check.folder import check_data
from jobs.data.check.images import absent_images
from jobs.data.check.rows import Rows
from jobs.data.faults import Faults
from jobs.data.formats.cxr_lt_2023 import FILES, FOLDER
from jobs.data.formats.mimic_metadata import check_metadata
from jobs.data.labels import LABELS
from jobs.data.phantom.rows import draw_rows
from jobs.data.reading import read_parts, split_parts
from jobs.data.table import ImageTable
from jobs.recipe.schema import DataSettings, PhantomSettings

METADATA = "mimic-cxr-2.0.0-metadata.csv"
IMAGES = {"train_images": 264_849, "development_images": 36_769, "test_images": 75_492}


def main() -> None:
    """Write the folder, time every step, print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--share", type=float, default=1.0, help="of the real number of images")
    parser.add_argument("--repeats", type=int, default=3)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="data-check-") as name:
        root = Path(name)
        write_folder(root, chosen.share)
        print(json.dumps(figures(root, chosen.repeats), indent=1))


def write_folder(root: Path, share: float) -> None:
    """The tables, and one byte an image."""
    counts = {name: max(8, round(share * count)) for name, count in IMAGES.items()}
    settings = PhantomSettings(size=32, **counts)
    (root / FOLDER).mkdir()
    tables = {name: draw_rows(settings, split).table for split, name in FILES.items()}
    write_metadata(root / METADATA, tables.values())
    for name, table in tables.items():
        write_table(root / FOLDER / name, table)
        for path in table.path.tolist():
            image = root / path
            image.parent.mkdir(parents=True, exist_ok=True)
            image.write_bytes(b"x")


def write_table(file: Path, table: ImageTable) -> None:
    """A label file of CXR-LT 2023."""
    header = ("dicom_id", "subject_id", "study_id", "ViewPosition", "path", *table.labels)
    columns = (table.image, table.patient, table.study, table.view, table.path)
    targets = table.targets.astype(int).tolist()
    with file.open("w", newline="") as text:
        lines = csv.writer(text)
        lines.writerow(header)
        lines.writerows((*row, *own) for *row, own in zip(*columns, targets, strict=True))


def write_metadata(file: Path, tables: Iterable[ImageTable]) -> None:
    """`mimic-cxr-2.0.0-metadata.csv` with the columns that we read, and a few more."""
    header = ("dicom_id", "subject_id", "study_id", "ViewPosition", "Rows", "Columns", "StudyDate")
    with file.open("w", newline="") as text:
        lines = csv.writer(text)
        lines.writerow(header)
        for table in tables:
            rows = zip(table.image, table.patient, table.study, table.view, strict=True)
            lines.writerows((*row, 3056, 2544, 21800506) for row in rows)


def figures(root: Path, repeats: int) -> dict[str, object]:
    """Seconds of each step, the least of `repeats`, and rows a second of the whole check."""
    settings = DataSettings()
    parts = read_parts(root, settings, LABELS, Faults())
    rows = Rows(parts.values())
    images = len(rows.texts("image"))
    steps: dict[str, Callable[[], object]] = {
        "bare_csv_reader": lambda: bare(root),
        "reading_tables": lambda: read_parts(root, settings, LABELS, Faults()),
        "comparing_tables": lambda: list(faults_across(rows)),
        "comparing_with_metadata": lambda: check_metadata(root, settings, parts, Faults()),
        "looking_for_images": lambda: absent_images(root, rows),
        "splitting_and_counting": lambda: count_data(parts, split_parts(parts, settings)),
        "whole_check": lambda: check_data(root, settings, LABELS),
        "command": lambda: command(root),
    }
    taken = {name: least(step, repeats) for name, step in steps.items()}
    seconds = {name: clock for name, (clock, _) in taken.items()}
    return {
        "images": images,
        "cores": len(os.sched_getaffinity(0)),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "seconds": seconds,
        "seconds_of_processor": {name: processor for name, (_, processor) in taken.items()},
        "rows_a_second": round(images / seconds["whole_check"]),
    }


def bare(root: Path) -> int:
    """Fields of all files, read and dropped: no reader in Python can do with less."""
    fields = 0
    for file in (*(root / FOLDER / name for name in FILES.values()), root / METADATA):
        with file.open(newline="") as text:
            fields += sum(map(len, csv.reader(text)))
    return fields


def command(root: Path) -> None:
    """`cxrtui data check DIR --json`, from the start of the process to its end."""
    line = [sys.executable, "-m", "cxrtui", "data", "check", str(root), "--json"]
    subprocess.run(line, stdout=subprocess.DEVNULL, check=True)


def least(step: Callable[[], object], repeats: int) -> tuple[float, float]:
    """Seconds of the clock and of the processor, with children: the least of `repeats` calls."""
    taken = []
    for _ in range(repeats):
        start, used = time.perf_counter(), processor()
        step()
        taken.append((time.perf_counter() - start, processor() - used))
    return round(min(clock for clock, _ in taken), 2), round(min(used for _, used in taken), 2)


def processor() -> float:
    """Seconds that this process and its ended children have used."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


if __name__ == "__main__":
    main()
