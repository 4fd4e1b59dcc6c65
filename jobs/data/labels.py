"""The 26 labels of CXR-LT 2023: their order, their prevalence, their groups."""

from typing import Final, Literal

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


def group_of(prevalence: float) -> Group:
    """The long-tail group of a label by its share of the training images (CXR-LT 2024).

    Head is above 10 %, tail below 1 %, medium from 1 to 10 %.
    """
    if prevalence > 0.10:
        return "head"
    return "medium" if prevalence >= 0.01 else "tail"
