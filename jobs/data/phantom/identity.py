"""What makes a phantom the one it is: its settings, the label file's content, the drawing."""

from pathlib import Path
from typing import Final

from jobs.durable import content_hash, sha256_file
from jobs.errors import InputError
from jobs.recipe.schema import PhantomSettings

DRAWING: Final = 2  # raised by hand when the same settings give other files


def phantom_identity(settings: PhantomSettings) -> dict[str, object]:
    """All that decides the files of a phantom, as JSON values.

    A label file counts by the SHA-256 of its content, wherever it lies. Raises InputError if it
    cannot be read.
    """
    told = settings.model_dump(mode="json")
    if settings.labels_file is not None:
        file = Path(settings.labels_file)
        try:
            told["labels_file"] = sha256_file(file)
        except OSError as error:
            raise InputError(f"{file}: cannot be read: {error.strerror or error}") from error
    return {"drawing": DRAWING, "settings": told}


def phantom_key(settings: PhantomSettings) -> str:
    """Hex SHA-256 of the identity; phantoms of other settings have another. Raises InputError."""
    return content_hash(phantom_identity(settings))
