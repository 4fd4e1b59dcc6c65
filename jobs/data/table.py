"""The rows of one split: who is on which image, and which labels are positive."""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FRONTAL_VIEWS = frozenset({"PA", "AP", "FRONTAL"})  # FRONTAL: which of the two is not known


@dataclass(frozen=True, eq=False)
class ImageTable:
    """N images in the row order of the split's CSV, with C labels."""

    split: str  # train, val, dev or test
    labels: tuple[str, ...]  # (C,)
    image: NDArray[np.str_]  # (N,) dicom_id
    study: NDArray[np.str_]  # (N,) digits only
    patient: NDArray[np.str_]  # (N,)
    view: NDArray[np.str_]  # (N,) "PA", "AP", "LATERAL", ...; "" where it is missing
    path: NDArray[np.str_]  # (N,) relative to the data folder
    targets: NDArray[np.bool_]  # (N, C)

    def __len__(self) -> int:
        return len(self.image)

    def fingerprint(self) -> str:
        """Hex SHA-256 of all that the table says, in its order."""
        digest = hashlib.sha256()
        for texts in (self.labels, self.image, self.study, self.patient, self.view, self.path):
            digest.update("\n".join(texts).encode() + b"\0")
        digest.update(np.packbits(self.targets).tobytes())
        return digest.hexdigest()

    def take(self, rows: NDArray[np.intp], split: str) -> "ImageTable":
        """The table of `rows` (indices), named `split`."""
        return ImageTable(
            split,
            self.labels,
            self.image[rows],
            self.study[rows],
            self.patient[rows],
            self.view[rows],
            self.path[rows],
            self.targets[rows],
        )
