"""`cxrtui data`: check a data folder, decode its images, write a phantom."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cxrtui.commands.data_check import check
from cxrtui.commands.data_pack import pack
from cxrtui.output import console, print_text
from cxrtui.show.bar import counting

if TYPE_CHECKING:
    from jobs.data.faults import Faults
    from jobs.recipe.schema import PhantomSettings

app = typer.Typer(name="data", help="Data folders: check one, decode its images, write a phantom.")
Images = Annotated[int | None, typer.Option(min=1, help="In place of its part of --images.")]


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
    seed: Annotated[
        int, typer.Option(min=0, max=2**32 - 1, help="Another seed, other patients.")
    ] = 0,
    floor: Annotated[
        int, typer.Option(min=0, metavar="K", help="Least positive images of a label in each part.")
    ] = 0,
    least_share: Annotated[
        float, typer.Option(min=0.0, max=0.5, metavar="P", help="Least prevalence of a label.")
    ] = 0.0,
    labels: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Take labels, views and studies from this CXR-LT 2023 CSV."
        ),
    ] = None,
) -> None:
    """Write a synthetic data folder in the form of CXR-LT 2023."""
    from jobs.data.faults import Faults
    from jobs.data.phantom.write import write_phantom
    from jobs.recipe.schema import PhantomSettings

    settings = PhantomSettings(
        train_images=train_images or images // 2,
        development_images=development_images or images // 8,
        test_images=test_images or images - images // 2 - images // 8,
        size=size,
        seed=seed,
        floor=floor,
        least_share=least_share,
        labels_file=None if labels is None else str(labels),
    )
    faults = Faults()
    start = time.monotonic()
    with counting("drawing", console) as progress:
        written = write_phantom(folder, settings, progress, faults=faults)
    _tell_left_out(labels, faults)
    _tell_phantom(folder, settings, time.monotonic() - start if written else None)


def _tell_left_out(file: Path | None, faults: "Faults") -> None:
    """How many rows of the label file were not used, and the first of them."""
    left_out = faults.left_out[str(file)]
    if left_out:
        first = next(fault for fault in faults.found if fault.effect == "leaves out")
        print_text(f"{file}: {len(left_out):,} of its rows not used; the first: {first}")


def _tell_phantom(folder: Path, settings: "PhantomSettings", seconds: float | None) -> None:
    """What is in the folder now, and how quickly it was drawn."""
    parts = {
        "train": settings.train_images,
        "development": settings.development_images,
        "test": settings.test_images,
    }
    counts = ", ".join(f"{count:,} {part}" for part, count in parts.items())
    print_text(f"{folder}: a phantom of {counts} images of {settings.size} px; it is synthetic")
    if settings.least_share:
        share = f"{settings.least_share:.1%}"
        print_text(f"labels rarer than {share} were raised to it: real prevalences are lower")
    if settings.floor:
        print_text(f"each label has at least {settings.floor:,} positive images in each part")
    if seconds is None:
        print_text("it was there already")
    else:
        print_text(f"{sum(parts.values()) / seconds:,.0f} images a second")


app.command()(check)
app.command()(pack)
