"""What a recipe can say, as typed settings that refuse what makes no sense."""

from typing import Annotated, Final, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
ViewRule = Literal["none", "frontal-mean", "study-mean"]
Averaging = Literal["probabilities", "logits", "ranks"]
VIEW_RULES: Final[tuple[ViewRule, ...]] = get_args(ViewRule)
AVERAGINGS: Final[tuple[Averaging, ...]] = get_args(Averaging)
DataFormat = Literal[
    "cxr-lt-2023",
    "cxr-lt-2024",
    "cxr-lt-2026",
    "nih-chestxray14",
    "nih-cxr-lt",
    "padchest",
    "chexpert",
    "csv",
]


class Settings(BaseModel):
    """Base: immutable, and unknown fields are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class PhantomSettings(Settings):
    """The synthetic data set that a recipe writes for itself."""

    train_images: int = Field(ge=1)
    development_images: int = Field(ge=1)
    test_images: int = Field(ge=1)
    size: int = Field(ge=32, le=4096, description="pixels a side")
    seed: int = Field(0, ge=0, lt=2**32)
    floor: int = Field(0, ge=0, description="least positives of a label in each split")
    least_share: float = Field(0.0, ge=0, le=0.5, description="least prevalence of a label")
    labels_file: str | None = None  # label rows of a real CXR-LT 2023 table, in place of drawn ones


class CsvSettings(Settings):
    """Which files and columns a table of one's own has; paths are relative to the data folder."""

    train: str = "train.csv"
    dev: str | None = None  # without it split off by patient
    test: str | None = None
    image: str = "image"  # column: the image's path, relative to the folder of images
    patient: str = "patient"
    study: str | None = None  # without it each image is a study
    view: str | None = None
    frontal: tuple[str, ...] = ("PA", "AP")  # what the view column says of frontal images


class PixelSettings(Settings):
    """How an image becomes a square of grayscale pixels; part of every key."""

    resize: Literal["stretch", "pad", "crop"] = "stretch"
    master: int | None = Field(None, ge=32, le=4096, description="smaller sizes come from this one")


class DataSettings(Settings):
    """Which reader reads the data folder, and how what has no file of its own is split off."""

    format: DataFormat = "cxr-lt-2023"
    task: Literal[1, 2, 3] | None = None  # of cxr-lt-2024: 1
    uncertain: Literal["zeros", "ones"] | None = None  # of chexpert: what -1 stands for; zeros
    images: str | None = None  # folder of the images below the data folder, if not the usual one
    exclude: str | None = None  # file below the data folder: a path of an image not to use a line
    bad_rows: float = Field(0.001, ge=0, lt=1, description="share of a file that may be left out")
    val_fraction: float = Field(0.1, gt=0, lt=0.5, description="share of the train patients")
    val_seed: int = Field(0, ge=0, lt=2**32)
    dev_fraction: float = Field(0.1, gt=0, lt=0.5, description="where there is no file for it")
    test_fraction: float = Field(0.2, gt=0, lt=0.5, description="where there is no file for it")
    csv: CsvSettings | None = None
    pixels: PixelSettings = PixelSettings()
    phantom: PhantomSettings | None = None


class Augmentation(Settings):
    """Random changes of a training image; zero or one means none."""

    flip: float = Field(0.5, ge=0, le=1, description="probability of a horizontal flip")
    rotate: float = Field(10.0, ge=0, le=180, description="degrees to either side")
    scale: float = Field(0.85, gt=0, le=1, description="least area of the random resized crop")
    brightness: float = Field(0.1, ge=0, le=1)
    contrast: float = Field(0.1, ge=0, le=1)
    cutout: float = Field(0.0, ge=0, le=1, description="probability of erasing one square")


class ModelSettings(Settings):
    """Everything that decides how one model is trained, defaults filled in."""

    architecture: str = "tf_efficientnetv2_s.in21k_ft_in1k"
    channels: Literal[1, 3] = 3
    pre_weight: str = "imagenet"  # "imagenet", "none", or the name of another model
    imagenet_file: str | None = None  # without it timm fetches the weights
    image_size: int = Field(ge=32, le=2048)
    batch_size: int = Field(ge=2, le=4096)
    epochs: int = Field(30, ge=1, le=10_000)
    max_lr: float = Field(1e-3, gt=0, le=1)
    weight_decay: float = Field(1e-2, ge=0, le=1)
    warmup: float = Field(0.3, gt=0, lt=1, description="share of the steps until max_lr")
    drop_rate: float = Field(0.0, ge=0, lt=1)
    oversampling_threshold: float | None = Field(None, gt=0, lt=1)
    augmentation: Augmentation = Augmentation()
    keep: Literal["best", "last"] = "best"  # which epoch's weights the model ends with
    seed: int = Field(0, ge=0, lt=2**32)


class RunSettings(Settings):
    """What changes how a job runs but not its result: no part of a key."""

    device: Literal["cuda", "any"] = "cuda"
    gpus: int = Field(1, ge=1, le=64, description="GPUs that train one model")
    workers: int = Field(0, ge=0, le=128)
    micro_batch: int | None = Field(None, ge=1)
    checkpoint_minutes: float = Field(10.0, gt=0)
    keep_checkpoints: int = Field(1, ge=0, description="of a model that has succeeded")
    grace_seconds: float = Field(60.0, gt=0)
    hung: Literal["report", "end"] = "report"  # what to do with a job that makes no step any more
    hung_minutes: float = Field(10.0, gt=0, description="of silence, at least, before that is said")


class Stage(Settings):
    """An ordered training phase; `epochs` is the default of its models."""

    name: Name
    epochs: int | None = Field(None, ge=1, le=10_000)


class Model(Settings):
    """One row of the poster's table, resolved."""

    name: Name
    base: Name  # the name without the seed that it was repeated with
    stage: Name
    optional: bool = False
    settings: ModelSettings

    @property
    def parent(self) -> str | None:
        """Name of the model whose weights it starts from."""
        start = self.settings.pre_weight
        return None if start in ("imagenet", "none") else start


class Ensemble(Settings):
    """A named set of members and a view rule."""

    name: Name
    members: tuple[Name, ...] = Field(min_length=1)
    weights: tuple[float, ...] | None = None
    averaging: Averaging = "probabilities"  # what is averaged over the members
    view_rule: ViewRule = "none"
    frontal_weight: float = Field(0.7, ge=0, le=1, description="of study-mean")


class Column(Settings):
    """A column of the result table: one model, or an ensemble; with seeds the mean over them."""

    title: str = Field(min_length=1, max_length=40)
    model: Name | None = None
    ensemble: Name | None = None
    view_rule: ViewRule = "none"


class Comparison(Settings):
    """A claim that is put to the test: two models or ensembles, scored on the same patients."""

    claim: str = Field(min_length=1, max_length=200)
    choice: Name
    control: Name
    group: Literal["all", "head", "medium", "tail"] = "all"  # labels whose mean AP is compared
    margin: float | None = Field(None, gt=0, lt=1, description="they differ by less; else higher")


class Figure(Settings):
    """The poster's figure: models whose lineages are compared, the one in stages first."""

    lineages: tuple[Name, ...] = Field(min_length=1, max_length=6)


class Recipe(Settings):
    """A whole recipe, defaults filled in, checked, everything repeated for each of its seeds.

    Columns, comparisons and the figure name models and ensembles as they were before that.
    """

    name: Name
    title: str = ""
    labels: tuple[str, ...]
    data: DataSettings
    run: RunSettings
    stages: tuple[Stage, ...]
    models: tuple[Model, ...]
    seeds: tuple[int, ...] = ()
    ensembles: tuple[Ensemble, ...] = ()
    columns: tuple[Column, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    figure: Figure | None = None
    published: Literal["cxr-lt-2023"] | None = None
