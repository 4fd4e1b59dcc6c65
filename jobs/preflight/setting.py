"""What decides how much memory a model takes and how fast it is; and what was measured of it."""

from pydantic import BaseModel, ConfigDict

from jobs.recipe.schema import Augmentation


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Setting(_Kept):
    """Models with equal settings need the same memory and have the same speed."""

    architecture: str
    channels: int
    image_size: int  # pixels a side
    batch_size: int  # images of one step on one GPU
    images_at_once: int  # of these, forwards and backwards together: the micro-batch
    labels: int
    drop_rate: float
    augmentation: Augmentation
    trains: bool = True  # False: only predicts


class Trial(_Kept):
    """What one process measured of a setting."""

    startup_seconds: float  # of its process, until the network was on its device
    train_rate: float | None  # images a second; None where it only predicts
    predict_rate: float
    gpu_peak: int | None  # bytes; None on the CPU
    gpu_bytes: int | None  # that the GPU has
    weights_bytes: int  # of one file of weights
    checkpoint_bytes: int  # weights, the best weights and the optimizer's state


class Measured(_Kept):
    """What is known of a setting on a device."""

    device: str
    torch: str  # its version
    setting: Setting
    images_at_once: int  # that fitted, and with which the trial was made
    trial: Trial
