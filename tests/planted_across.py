"""Faults that only show when rows or files are held against each other."""

from data_folders import (
    FILES,
    add_row,
    read_rows,
    write_rows,
)
from planting import (
    LINE,
    MIMIC,
    SEVERAL_FILES,
    WITH_STUDIES,
    Folder,
    Plants,
    Told,
)

ACROSS = Plants()


@ACROSS.of(*MIMIC)
def an_image_file_twice(folder: Folder) -> Told:
    path = folder.cell(2, "path")
    folder.change(5, folder.column("path"), path, "test")
    words = f"the same image file as in {folder.file().name}, line 2"
    return Told(folder.file("test"), 5, folder.column("path"), path, words, "changes results")


@ACROSS.of("cxr-lt-2023", "cxr-lt-2024", "csv")
def a_patient_in_two_files(folder: Folder) -> Told:
    patient = folder.cell(4, "patient")
    for line in (2, 3):
        folder.change(line, folder.column("patient"), patient, "test")
    words = f"the patient is in split train too ({folder.file().name}, line 4)"
    column = folder.column("patient")
    return Told(folder.file("test"), 2, column, patient, words, "changes results")


@ACROSS.of(*SEVERAL_FILES)
def an_image_in_two_files(folder: Folder) -> Told:
    _, rows = read_rows(folder.file())
    line = add_row(folder.file("test"), rows[6])
    image = folder.cell(8, "image").removeprefix("CheXpert-v1.0-small/")
    words = f"the image is in split train too ({folder.file().name}, line 8)"
    return Told(folder.file("test"), line, folder.column("image"), image, words, "changes results")


@ACROSS.of(*WITH_STUDIES)
def a_study_of_two_patients(folder: Folder) -> Told:
    one, other = folder.cell(2, "patient"), folder.cell(20, "patient")
    folder.change(3, folder.column("patient"), other)
    study = folder.cell(3, "study").removeprefix("s")
    words = f"the study is of patient {one} in {folder.file().name}, line 2"
    return Told(folder.file(), 3, folder.column("study"), study, words, "changes results")


@ACROSS.of(*MIMIC)
def a_study_that_the_metadata_has_otherwise(folder: Folder) -> Told:
    metadata(folder, LINE, "study_id", "50009999")
    words = f"{METADATA} has study 50009999 for this image"
    study = folder.cell(LINE, "study").removeprefix("s")
    return Told(folder.file(), LINE, folder.column("study"), study, words, "changes results")


@ACROSS.of(*MIMIC)
def a_patient_that_the_metadata_has_otherwise(folder: Folder) -> Told:
    metadata(folder, LINE, "subject_id", "10009999")
    words = f"{METADATA} has patient 10009999 for this image"
    patient = folder.cell(LINE, "patient")
    return Told(folder.file(), LINE, folder.column("patient"), patient, words, "changes results")


@ACROSS.of(*MIMIC)
def a_view_that_the_metadata_has_otherwise(folder: Folder) -> Told:
    metadata(folder, 8, "ViewPosition", "LL")
    words = f"{METADATA} has view LL for this image"
    return Told(folder.file(), 8, "ViewPosition", "PA", words, "changes results")


@ACROSS.of(*MIMIC)
def an_image_that_the_metadata_lacks(folder: Folder) -> Told:
    metadata(folder, LINE, "dicom_id", "another")
    image = folder.cell(LINE, "image")
    words = f"{METADATA} has no row for this image"
    return Told(folder.file(), LINE, folder.column("image"), image, words, "none", False)


@ACROSS.of("nih-chestxray14")
def an_image_that_a_list_has_alone(folder: Folder) -> Told:
    listed = folder.root / "test_list.txt"
    listed.write_text(listed.read_text() + "\n99999999_000.png\n")
    words = "there is no row for this image"
    return Told(listed, 9, None, "99999999_000.png", words, "leaves out", False)


@ACROSS.of("nih-chestxray14")
def an_image_in_no_list(folder: Folder) -> Told:
    listed = folder.root / "train_val_list.txt"
    image, _, rest = listed.read_text().partition("\n")
    listed.write_text(rest)
    return Told(folder.file(), 2, "Image Index", image, "in neither of", "leaves out")


@ACROSS.of("nih-chestxray14")
def an_image_in_both_lists(folder: Folder) -> Told:
    listed = folder.root / "test_list.txt"
    image = folder.cell(LINE, "image")
    listed.write_text(f"{image}\n{listed.read_text()}")
    return Told(folder.file(), LINE, "Image Index", image, "in both of", "leaves out")


@ACROSS.of("nih-chestxray14")
def a_patient_in_both_lists(folder: Folder) -> Told:
    patient = folder.cell(2, "patient")
    folder.change(40, "Patient ID", patient)
    words = f"the patient is in split train too ({folder.file().name}, line 2)"
    return Told(folder.file(), 40, "Patient ID", patient, words, "changes results")


@ACROSS.of("nih-cxr-lt")
def a_patient_in_two_files_by_its_id(folder: Folder) -> Told:
    image, other = folder.cell(2, "image", "test"), "00000001_099.png"
    folder.change(2, "id", other, "test")
    folder.own_images()
    (folder.root / "images" / image).rename(folder.root / "images" / other)
    words = f"the patient is in split train too ({folder.file().name}, line 2)"
    return Told(folder.file("test"), 2, "id", "00000001", words, "changes results")


@ACROSS.of("chexpert")
def a_patient_in_two_files_by_its_path(folder: Folder) -> Told:
    path = folder.cell(2, "image", "dev").removeprefix("CheXpert-v1.0-small/")
    other = "valid/patient00001/study9/view1_frontal.jpg"
    folder.change(2, "Path", f"CheXpert-v1.0-small/{other}", "dev")
    folder.own_images()
    (folder.root / other).parent.mkdir(parents=True)
    (folder.root / path).rename(folder.root / other)
    words = "the patient is in split train too (train.csv, line 2)"
    return Told(folder.file("dev"), 2, "Path", "00001", words, "changes results")


METADATA = "mimic-cxr-2.0.0-metadata.csv"


def metadata(folder: Folder, line: int, column: str, text: str) -> None:
    """Write what MIMIC-CXR-JPG says of all images; in one place it says `text`."""
    columns = ("dicom_id", "subject_id", "study_id", "ViewPosition")
    rows = []
    for name in FILES[folder.format].values():
        rows += [
            dict(row, study_id=row["study_id"][1:]) for row in read_rows(folder.root / name)[1]
        ]
    rows[line - 2][column] = text
    write_rows(folder.root / METADATA, list(columns), rows)
