"""Faults that a file shows alone: its header, a row, a cell."""

from data_folders import (
    FORMATS,
    add_row,
    double_column,
    double_row,
    drop_column,
    labels_for,
    read_rows,
    write_rows,
)
from planting import (
    COLUMNS,
    LABEL_COLUMNS,
    LINE,
    WITH_PATIENTS,
    Folder,
    Plants,
    Told,
)

IN_A_FILE = Plants()


@IN_A_FILE.of(*LABEL_COLUMNS)
def a_value_that_is_not_0_or_1(folder: Folder) -> Told:
    label = labels_for(folder.format)[1]
    folder.change(LINE, label, "2")
    return Told(folder.file(), LINE, label, "2", "it must be ", "leaves out")


@IN_A_FILE.of(*(format_ for format_ in LABEL_COLUMNS if format_ != "chexpert"))
def a_blank_value(folder: Folder) -> Told:
    label = labels_for(folder.format)[0]
    folder.change(LINE, label, "")
    return Told(folder.file(), LINE, label, "", "it must be 0 or 1", "leaves out")


@IN_A_FILE.of(*LABEL_COLUMNS)
def an_absent_label(folder: Folder) -> Told:
    label = labels_for(folder.format)[1]
    drop_column(folder.file(), label)
    return Told(folder.file(), 1, label, "", "the column is absent", "stops")


@IN_A_FILE.of(*LABEL_COLUMNS)
def a_label_twice(folder: Folder) -> Told:
    label = labels_for(folder.format)[1]
    double_column(folder.file(), label)
    return Told(folder.file(), 1, label, "", "the column is there twice", "stops")


@IN_A_FILE.of(*FORMATS)
def absent_ids(folder: Folder) -> Told:
    column = folder.column("image")
    drop_column(folder.file(), column)
    return Told(folder.file(), 1, column, "", "the column is absent", "stops")


@IN_A_FILE.of(*FORMATS)
def ids_twice(folder: Folder) -> Told:
    column = folder.column("image")
    double_column(folder.file(), column)
    return Told(folder.file(), 1, column, "", "the column is there twice", "stops")


@IN_A_FILE.of(*FORMATS)
def a_row_twice(folder: Folder) -> Told:
    image = folder.cell(LINE, "image")
    line = double_row(folder.file(), LINE)
    words = f"stands in line {LINE} already"
    return Told(folder.file(), line, folder.column("image"), image, words, "leaves out")


@IN_A_FILE.of(*FORMATS)
def a_row_without_an_id(folder: Folder) -> Told:
    column = folder.column("image")
    line = add_row(folder.file(), read_rows(folder.file())[1][-1] | {column: ""})
    return Told(folder.file(), line, column, "", "must be ", "leaves out")


@IN_A_FILE.of(*WITH_PATIENTS)
def a_patient_that_was_a_float(folder: Folder) -> Told:
    folder.change(LINE, folder.column("patient"), "10000032.0")
    words = "was it saved as a number?"
    return Told(folder.file(), LINE, folder.column("patient"), "10000032.0", words, "leaves out")


@IN_A_FILE.of(*FORMATS)
def a_row_with_too_few_fields(folder: Folder) -> Told:
    header, rows = read_rows(folder.file())
    with folder.file().open("a") as text:
        text.write("x,y\n")
    words = f"2 fields where the header has {len(header)}"
    return Told(folder.file(), len(rows) + 2, None, "", words, "leaves out")


@IN_A_FILE.of(*FORMATS)
def no_rows(folder: Folder) -> Told:
    header, _ = read_rows(folder.file())
    write_rows(folder.file(), header, [])
    return Told(folder.file(), None, None, "", "no row can be used", "stops")


@IN_A_FILE.of(*FORMATS)
def an_empty_file(folder: Folder) -> Told:
    folder.file().write_bytes(b"")
    return Told(folder.file(), None, None, "", "it is empty", "stops")


@IN_A_FILE.of(*FORMATS)
def an_absent_file(folder: Folder) -> Told:
    folder.file().unlink()
    return Told(folder.file(), None, None, "", "No such file", "stops")


@IN_A_FILE.of(*FORMATS)
def text_that_is_not_utf8(folder: Folder) -> Told:
    text = folder.file().read_bytes()
    folder.file().write_bytes(text.replace(b"\n", b"\xff\n", 1))
    return Told(folder.file(), 1, None, "", "not UTF-8", "stops")


@IN_A_FILE.of("cxr-lt-2023", "cxr-lt-2024", "csv")
def a_path_that_leads_out(folder: Folder) -> Told:
    column = COLUMNS[folder.format].get("path", "image")
    folder.change(LINE, column, "../../x.png")
    words = "it must be relative to the data folder"
    return Told(folder.file(), LINE, column, "../../x.png", words, "leaves out")


@IN_A_FILE.of("nih-chestxray14")
def a_finding_that_there_is_not(folder: Folder) -> Told:
    folder.change(LINE, "Finding Labels", "Mass|Massive")
    words = "it must list findings"
    return Told(folder.file(), LINE, "Finding Labels", "Mass|Massive", words, "leaves out")


@IN_A_FILE.of("padchest")
def labels_that_are_no_list(folder: Folder) -> Told:
    folder.change(LINE, "Labels", "nodule, normal")
    words = "it must be a list of texts"
    return Told(folder.file(), LINE, "Labels", "nodule, normal", words, "leaves out")


@IN_A_FILE.of("chexpert")
def a_side_that_there_is_not(folder: Folder) -> Told:
    folder.change(LINE, "Frontal/Lateral", "Oblique")
    words = "it must be Frontal or Lateral"
    return Told(folder.file(), LINE, "Frontal/Lateral", "Oblique", words, "leaves out")


@IN_A_FILE.of("cxr-lt-2026")
def a_date_that_is_none(folder: Folder) -> Told:
    folder.change(LINE, "StudyDate_DICOM", "May 2014")
    words = "it must be a date of eight digits"
    return Told(folder.file(), LINE, "StudyDate_DICOM", "May 2014", words, "leaves out")


@IN_A_FILE.of("padchest")
def a_folder_that_is_no_number(folder: Folder) -> Told:
    folder.change(LINE, "ImageDir", "../0")
    words = "it must be the number of a folder"
    return Told(folder.file(), LINE, "ImageDir", "../0", words, "leaves out")
