"""`cxrtui data`: write a phantom, check a data folder."""

from pathlib import Path
from typing import Annotated, Final

import typer

from cxrtui.options import JsonOption
from cxrtui.output import console, print_json, print_text
from cxrtui.show.bar import counting

app = typer.Typer(name="data", help="Data folders: write a phantom, check a real one.")
Images = Annotated[int | None, typer.Option(min=1, help="In place of its part of --images.")]
BAD_INPUT: Final = 2


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
    from jobs.data.phantom import write_phantom
    from jobs.recipe.schema import PhantomSettings

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
    print_text(f"{folder}: a phantom of {counts} images of {size} px; it is synthetic")
    if floor > 0:
        print_text(f"labels rarer than {floor:.1%} were raised to it: real prevalences are lower")


@app.command()
def check(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A CXR-LT 2023 folder.")],
    as_json: JsonOption = False,
) -> None:
    """Read a whole data folder, count what it has, name what would change results."""
    from cxrtui.show.data_check import data_document, show_data
    from jobs.data.check import check_data
    from jobs.data.labels import LABELS
    from jobs.recipe.schema import DataSettings

    checked = check_data(folder, DataSettings(), LABELS)
    if as_json:
        print_json(data_document(checked))
    else:
        show_data(folder, checked)
    if checked.problems:
        raise typer.Exit(BAD_INPUT)
