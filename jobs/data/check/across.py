"""Faults that no row shows alone: what is in two places, of which one must be wrong."""

from collections.abc import Iterator

from jobs.data.check.rows import Rows, What
from jobs.data.faults import Fault


def faults_across(rows: Rows) -> Iterator[Fault]:
    """Images, image files and patients in two places, and studies of two patients.

    A row is told for the first of them only: a row that stands in two files brings its patient
    into both.
    """
    told: set[int] = set()
    for one, two in _twice(rows.texts("image")):
        told.add(two)
        yield _fault(rows, two, "image", f"the image is {rows.also_in(one)}")
    for one, two in _twice(rows.texts("path")):
        if two not in told:
            told.add(two)
            yield _fault(rows, two, "path", f"the same image file as in {rows.place(one)}")
    studies, patients = rows.texts("study"), rows.texts("patient")
    yield from _shared_studies(rows, studies, patients, told)
    yield from _shared_patients(rows, patients, told)


def _fault(rows: Rows, row: int, what: What, problem: str) -> Fault:
    return rows.fault(row, what, problem, "changes results")


def _twice(texts: list[str]) -> Iterator[tuple[int, int]]:
    """(first row, row) of each row whose text an earlier one has."""
    if len(set(texts)) == len(texts):
        return
    first: dict[str, int] = {}
    for row, text in enumerate(texts):
        one = first.setdefault(text, row)
        if one != row:
            yield one, row


def _shared_studies(
    rows: Rows, studies: list[str], patients: list[str], told: set[int]
) -> Iterator[Fault]:
    """Rows of a study of which an earlier row has another patient."""
    if len(set(zip(studies, patients, strict=True))) == len(set(studies)):
        return
    for one, two in _twice(studies):
        if two not in told and patients[one] != patients[two]:
            told.add(two)
            other = f"patient {patients[one]} in {rows.place(one)}"
            yield _fault(rows, two, "study", f"the study is of {other}")


def _shared_patients(rows: Rows, patients: list[str], told: set[int]) -> Iterator[Fault]:
    """Patients of two files, once for each further file: a score of one would know the other."""
    in_parts = [set(part.table.patient.tolist()) for part in rows.parts]
    if sum(map(len, in_parts)) == len(set().union(*in_parts)):
        return
    seen: set[tuple[str, int]] = set()
    for one, two in _twice(patients):
        part = rows.part(two)
        if two not in told and part != rows.part(one) and (patients[two], part) not in seen:
            seen.add((patients[two], part))
            yield _fault(rows, two, "patient", f"the patient is {rows.also_in(one)}")
