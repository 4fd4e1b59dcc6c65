"""The labels of each format, and of CXR-LT 2023 their prevalence, their order and their groups."""

from typing import Final, Literal

from jobs.recipe.schema import DataFormat, DataSettings

Group = Literal["head", "medium", "tail"]

TRAIN_IMAGES: Final = 264_849

# Published positives among the training images, in the column order of the CSV files.
TRAIN_POSITIVES: Final[dict[str, int]] = {
    "Atelectasis": 67_597,
    "Calcification of the Aorta": 4_361,
    "Cardiomegaly": 76_900,
    "Consolidation": 16_038,
    "Edema": 38_574,
    "Emphysema": 4_255,
    "Enlarged Cardiomediastinum": 30_119,
    "Fibrosis": 1_158,
    "Fracture": 11_883,
    "Hernia": 4_049,
    "Infiltration": 10_218,
    "Lung Lesion": 2_533,
    "Lung Opacity": 79_931,
    "Mass": 5_529,
    "No Finding": 41_869,
    "Nodule": 7_663,
    "Pleural Effusion": 69_240,
    "Pleural Other": 675,
    "Pleural Thickening": 3_369,
    "Pneumomediastinum": 788,
    "Pneumonia": 48_093,
    "Pneumoperitoneum": 543,
    "Pneumothorax": 14_983,
    "Subcutaneous Emphysema": 2_453,
    "Support Devices": 89_140,
    "Tortuous Aorta": 3_499,
}

LABELS: Final[tuple[str, ...]] = tuple(TRAIN_POSITIVES)

PREVALENCE: Final[dict[str, float]] = {
    label: positives / TRAIN_IMAGES for label, positives in TRAIN_POSITIVES.items()
}

# The rows of the poster's result table, roughly by prevalence.
DISPLAY_ORDER: Final[tuple[str, ...]] = (
    "Support Devices",
    "Lung Opacity",
    "Cardiomegaly",
    "Pleural Effusion",
    "Atelectasis",
    "Pneumonia",
    "No Finding",
    "Edema",
    "Enlarged Cardiomediastinum",
    "Consolidation",
    "Pneumothorax",
    "Fracture",
    "Infiltration",
    "Nodule",
    "Mass",
    "Calcification of the Aorta",
    "Emphysema",
    "Hernia",
    "Pleural Thickening",
    "Tortuous Aorta",
    "Lung Lesion",
    "Subcutaneous Emphysema",
    "Fibrosis",
    "Pleural Other",
    "Pneumomediastinum",
    "Pneumoperitoneum",
)

_CXR_LT_2024: Final = (
    "Adenopathy",
    "Atelectasis",
    "Azygos Lobe",
    "Calcification of the Aorta",
    "Cardiomegaly",
    "Clavicle Fracture",
    "Consolidation",
    "Edema",
    "Emphysema",
    "Enlarged Cardiomediastinum",
    "Fibrosis",
    "Fissure",
    "Fracture",
    "Granuloma",
    "Hernia",
    "Hydropneumothorax",
    "Infarction",
    "Infiltration",
    "Kyphosis",
    "Lobar Atelectasis",
    "Lung Lesion",
    "Lung Opacity",
    "Mass",
    "Nodule",
    "Normal",
    "Pleural Effusion",
    "Pleural Other",
    "Pleural Thickening",
    "Pneumomediastinum",
    "Pneumonia",
    "Pneumoperitoneum",
    "Pneumothorax",
    "Pulmonary Embolism",
    "Pulmonary Hypertension",
    "Rib Fracture",
    "Round(ed) Atelectasis",
    "Subcutaneous Emphysema",
    "Support Devices",
    "Tortuous Aorta",
    "Tuberculosis",
)

# In no training file: task 3 of CXR-LT 2024 asks for them without having seen them.
ZERO_SHOT: Final = ("Bulla", "Cardiomyopathy", "Hilum", "Osteopenia", "Scoliosis")

_CXR_LT_2024_TASKS: Final = {
    1: _CXR_LT_2024,
    2: tuple("Normal" if label == "No Finding" else label for label in LABELS),
    3: ZERO_SHOT,
}

_NIH: Final = (
    "Atelectasis",
    "Cardiomegaly",
    "Consolidation",
    "Edema",
    "Effusion",
    "Emphysema",
    "Fibrosis",
    "Hernia",
    "Infiltration",
    "Mass",
    "Nodule",
)

# What ChestX-ray14 can say of an image.
NIH_FINDINGS: Final = (
    *_NIH,
    "Pleural_Thickening",
    "Pneumonia",
    "Pneumothorax",
    "No Finding",
)

_OF_FORMAT: Final[dict[DataFormat, tuple[str, ...]]] = {
    "cxr-lt-2023": LABELS,
    "cxr-lt-2026": (
        "Normal",
        "aortic elongation",
        "cardiomegaly",
        "pleural effusion",
        "Nodule",
        "atelectasis",
        "pleural thickening",
        "aortic atheromatosis",
        "Support Devices",
        "alveolar pattern",
        "fracture",
        "Hernia",
        "Emphysema",
        "azygos lobe",
        "Hydropneumothorax",
        "Kyphosis",
        "Mass",
        "Pneumothorax",
        "Subcutaneous Emphysema",
        "pneumoperitoneo",
        "vascular hilar enlargement",
        "vertebral degenerative changes",
        "hyperinflated lung",
        "interstitial pattern",
        "central venous catheter",
        "hypoexpansion",
        "bronchiectasis",
        "hemidiaphragm elevation",
        "sternotomy",
        "calcified densities",
    ),
    "nih-chestxray14": NIH_FINDINGS,
    "nih-cxr-lt": (
        *_NIH,
        "Pleural Thickening",
        "Pneumonia",
        "Pneumothorax",
        "Pneumoperitoneum",
        "Pneumomediastinum",
        "Subcutaneous Emphysema",
        "Tortuous Aorta",
        "Calcification of the Aorta",
        "No Finding",
    ),
    "chexpert": (
        "No Finding",
        "Enlarged Cardiomediastinum",
        "Cardiomegaly",
        "Lung Opacity",
        "Lung Lesion",
        "Edema",
        "Consolidation",
        "Pneumonia",
        "Atelectasis",
        "Pneumothorax",
        "Pleural Effusion",
        "Pleural Other",
        "Fracture",
        "Support Devices",
    ),
}


def labels_of(settings: DataSettings) -> tuple[str, ...] | None:
    """The labels that a format has, each edition's own names; None where a recipe lists them."""
    if settings.format == "cxr-lt-2024":
        return _CXR_LT_2024_TASKS[settings.task or 1]
    return _OF_FORMAT.get(settings.format)


def group_of(prevalence: float) -> Group:
    """The long-tail group of a label by its share of the training images (CXR-LT 2024).

    Head is above 10 %, tail below 1 %, medium from 1 to 10 %.
    """
    if prevalence > 0.10:
        return "head"
    return "medium" if prevalence >= 0.01 else "tail"
