"""What an ensemble predicts, as a file for others: a submission, CSV or parquet."""

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, get_args

from jobs.choice import Choice
from jobs.data.table import ImageTable
from jobs.durable import sha256_file, write_atomic
from jobs.errors import InputError
from jobs.loading import RecipeHoldings
from jobs.picking import make_scorer, split_targets
from jobs.predictions import ID_COLUMNS, PredictionSet, write_predictions
from jobs.submission import submission_form
from jobs.workspace import Workspace

if TYPE_CHECKING:
    import pyarrow as pa

Format = Literal["zip", "csv", "parquet"]
FORMATS: Final[tuple[Format, ...]] = get_args(Format)
SUBMISSION: Final = "submission.csv"  # at the root of the zip
_LEVEL: Final = 1  # digits compress no better with more


@dataclass(frozen=True)
class Exported:
    """A file that was written."""

    file: Path
    format: Format
    split: str
    rows: int
    columns: tuple[str, ...]
    sha256: str


def export_format(file: Path, name: str | None) -> Format:
    """The format of that name, else that of the file's suffix; InputError for any other."""
    wanted = file.suffix.removeprefix(".").lower() if name is None else name
    for one in FORMATS:
        if one == wanted:
            return one
    said = "by its suffix or --format"
    raise InputError(f"{file}: found no format {wanted!r}: say {said}: {', '.join(FORMATS)}")


def export_choice(
    workspace: Workspace,
    holdings: RecipeHoldings,
    choice: Choice,
    split: str,
    file: Path,
    format_: Format,
    *,
    force: bool = False,
) -> Exported:
    """Write what a choice predicts for a split, atomically, the same bytes for the same choice.

    csv and parquet have the rows of the targets, with image, study, patient and view; zip has the
    rows and columns of the split's own CSV, which must be at hand. InputError for a file that is
    there, without `force`, and for whatever the split, the members or the CSV lack.
    """
    _check_place(file, force)
    table = split_targets(holdings, split)
    data = Path(workspace.settings.data or holdings.data_root)
    form = submission_form(holdings.recipe, data, table) if format_ == "zip" else None
    predictions = _predict(holdings, choice, table)
    if form is not None:
        columns = _probabilities(predictions, form.labels)
        write_atomic(file, _zip(_csv({form.id_column: form.ids, **columns})))
        names = (form.id_column, *columns)
    elif format_ == "csv":
        columns = _probabilities(predictions, holdings.recipe.labels)
        ids = {name: getattr(predictions, name).tolist() for name in ID_COLUMNS}
        write_atomic(file, _csv({**ids, **columns}))
        names = (*ID_COLUMNS, *columns)
    else:
        write_predictions(file, predictions)
        names = (*ID_COLUMNS, *predictions.labels)
    return Exported(file, format_, split, len(table), names, sha256_file(file))


def _check_place(file: Path, force: bool) -> None:
    if file.is_dir() or not file.parent.is_dir():
        raise InputError(f"{file}: cannot be written: name a file in a folder that is there")
    if file.exists() and not force:
        raise InputError(f"{file}: is there already: --force replaces it")


def _predict(holdings: RecipeHoldings, choice: Choice, table: ImageTable) -> PredictionSet:
    """In the order of the targets' rows and of the recipe's labels."""
    scorer = make_scorer(holdings, list(choice.weights), table.split)
    found = scorer.probabilities(
        choice.weights, choice.view_rule, choice.frontal_weight, choice.averaging
    )
    labels = holdings.recipe.labels
    places = [table.labels.index(label) for label in labels]
    return PredictionSet(
        table.split, labels, table.image, table.study, table.patient, table.view, found[:, places]
    )


def _probabilities(predictions: PredictionSet, labels: Sequence[str]) -> dict[str, "pa.Array"]:
    import pyarrow as pa

    places = {label: predictions.labels.index(label) for label in labels}
    return {
        label: pa.array(predictions.probabilities[:, place].copy())
        for label, place in places.items()
    }


def _csv(columns: Mapping[str, "Sequence[str] | pa.Array"]) -> bytes:
    """Texts are quoted where they must be; a float32 gets the shortest digits that give it back."""
    import pyarrow as pa
    from pyarrow.csv import WriteOptions, write_csv

    header = io.StringIO()
    csv.writer(header, lineterminator="\n").writerow(columns)
    arrays = {
        name: values if isinstance(values, pa.Array) else pa.array(values, type=pa.string())
        for name, values in columns.items()
    }
    table = pa.table(arrays)
    sink = io.BytesIO()
    try:
        write_csv(table, sink, WriteOptions(include_header=False, quoting_style="none"))
    except pa.ArrowInvalid:  # a text has a comma, a quote or a line break
        sink = io.BytesIO()
        write_csv(table, sink, WriteOptions(include_header=False, quoting_style="needed"))
    return header.getvalue().encode() + sink.getvalue()


def _zip(content: bytes) -> bytes:
    """The same bytes for the same content, whenever and wherever it is packed."""
    entry = zipfile.ZipInfo(SUBMISSION)  # dated 1980, the first day that a zip can name
    entry.create_system = 3
    entry.external_attr = 0o644 << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr(entry, content, compresslevel=_LEVEL)
    return sink.getvalue()
