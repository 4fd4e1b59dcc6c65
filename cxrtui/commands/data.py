"""`cxrtui data`: write a phantom, check a data folder."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.table import Table
from rich.text import Text

from cxrtui.options import JsonOption
from cxrtui.output import console, print_json
from cxrtui.show.bar import counting
from cxrtui.show.plain import plain
from jobs.data.check import DataCheck, check_data
from jobs.data.labels import LABELS
from jobs.data.phantom import write_phantom
from jobs.recipe.schema import DataSettings, PhantomSettings

app = typer.Typer(name="data", help="Data folders: write a phantom, check a real one.")
Images = Annotated[int | None, typer.Option(min=1, help="In place of its part of --images.")]
BAD_INPUT: Final = 2
SHOWN_PROBLEMS: Final = 20


@app.command()
def phantom(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to write.")],
    images: Annotated[
        int, typer.Option(min=8, help="In all: 4 parts train, 1 development, 3 test.")
    ] = 8000,
    train_images: Images = None,
    development_images: Images = None,
    test_images: Images = None,
    size: Annotated[int, typer.Option(min=32, max=4096, help="Pixels a side.")] = 128,
    seed: Annotated[int, typer.Option(min=0, help="Another seed, other patients.")] = 0,
    floor: Annotated[
        float, typer.Option(min=0.0, max=0.5, help="Least prevalence of a label.")
    ] = 0.0,
) -> None:
    """Write a synthetic data folder in the form of CXR-LT 2023."""
    settings = PhantomSettings(
        train_images=train_images or images * 4 // 8,
        development_images=development_images or images // 8,
        test_images=test_images or images * 3 // 8,
        size=size,
        seed=seed,
        floor=floor,
    )
    with counting("drawing", console) as progress:
        write_phantom(folder, settings, progress)
    counts = (
        f"{settings.train_images:,} train, {settings.development_images:,} development, "
        f"{settings.test_images:,} test"
    )
    _say(f"{folder}: a phantom of {counts} images of {size} px; it is synthetic")
    if floor > 0:
        _say(f"labels rarer than {floor:.1%} were raised to it: real prevalences are lower")


@app.command()
def check(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A CXR-LT 2023 folder.")],
    as_json: JsonOption = False,
) -> None:
    """Read a whole data folder, count what it has, name what would change results."""
    checked = check_data(folder, DataSettings(), LABELS)
    if as_json:
        print_json(_document(checked))
    else:
        _show(folder, checked)
    if checked.problems:
        raise typer.Exit(BAD_INPUT)


def _document(checked: DataCheck) -> dict[str, object]:
    """The JSON that scripts rely on."""
    return {
        "rows": checked.rows,
        "patients": checked.patients,
        "studies": checked.studies,
        "views": checked.views,
        "labels": [asdict(label) for label in checked.labels],
        "splits": {name: asdict(split) for name, split in checked.splits.items()},
        "problems": [asdict(problem) for problem in checked.problems],
    }


def _show(folder: Path, checked: DataCheck) -> None:
    _say(
        f"{folder}: {checked.rows:,} images of {checked.studies:,} studies "
        f"and {checked.patients:,} patients"
    )
    views = ", ".join(f"{view or '(none)'} {count:,}" for view, count in checked.views.items())
    _say(f"views: {views}")
    console.print(_table(checked))
    for problem in checked.problems[:SHOWN_PROBLEMS]:
        _say(
            f"{problem.file}, line {problem.row}, column {problem.column!r}: "
            f"{problem.found!r}: {problem.problem}"
        )
    more = len(checked.problems) - SHOWN_PROBLEMS
    if more > 0:
        _say(f"and {more:,} more problems: --json lists all")
    count = len(checked.problems)
    _say("no problems" if not count else f"{count:,} problem{'s' if count > 1 else ''}")


def _table(checked: DataCheck) -> Table:
    """Rows, patients and studies of each split, then each label's positives."""
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    for name in checked.splits:
        table.add_column(name, justify="right")
    table.add_column("group")
    for what in ("rows", "patients", "studies"):
        counts = (asdict(split)[what] for split in checked.splits.values())
        table.add_row(what, *(f"{count:,}" for count in counts), "")
    for label in checked.labels:
        counts = (label.by_split[name] for name in checked.splits)
        table.add_row(Text(plain(label.label)), *(f"{count:,}" for count in counts), label.group)
    return table


def _say(text: str) -> None:
    console.print(Text(plain(text)), soft_wrap=True)
