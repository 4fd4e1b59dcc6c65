"""The timm network of a model, the weights that it starts from, and the device it runs on."""

import os
from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, Final

import timm
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from jobs.checkpoints import finished_weights
from jobs.errors import InputError
from jobs.programs.endings import use_threads
from jobs.recipe.schema import ModelSettings, RunSettings

# What torch, timm and safetensors raise for a file that is damaged or of another architecture.
_UNFIT: Final = (RuntimeError, SafetensorError, UnpicklingError, EOFError, KeyError, AttributeError)


@dataclass(frozen=True)
class Precision:
    """Automatic mixed precision: on CUDA only, bfloat16 where the GPU computes in it."""

    device: torch.device
    dtype: torch.dtype | None

    @property
    def scales(self) -> bool:
        """Whether gradients must be scaled, since float16 would lose the small ones."""
        return self.dtype == torch.float16

    def autocast(self) -> torch.autocast:
        """A context in which the network runs."""
        enabled = self.dtype is not None
        return torch.autocast(self.device.type, dtype=self.dtype, enabled=enabled)


def choose_device(run: RunSettings, number: int = 0, count: int = 1) -> Precision:
    """The visible GPU of rank `number`, else the CPU; InputError if the job insists on a GPU.

    CPU threads are set to what the environment grants, shared by the `count` ranks.
    """
    threads = use_threads()
    if threads is not None:
        torch.set_num_threads(max(1, threads // count))
    if torch.cuda.is_available():
        torch.cuda.set_device(number)
        native = torch.cuda.is_bf16_supported(including_emulation=False)
        return Precision(torch.device("cuda", number), torch.bfloat16 if native else torch.float16)
    if run.device == "cuda":
        raise InputError(
            'the recipe says device = "cuda", but torch sees no GPU here; run on one, or say "any"'
        )
    return Precision(torch.device("cpu"), None)


def device_name(device: torch.device, count: int = 1) -> str:
    """What a person calls the device, or `count` of its kind."""
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu"
    return name if count == 1 else f"{count} x {name}"


def gpu_peak(device: torch.device) -> int | None:
    """The most bytes of a GPU that torch has held so far; None on the CPU."""
    return torch.cuda.max_memory_reserved(device) if device.type == "cuda" else None


def build_network(settings: ModelSettings, labels: int, **pretrained: Any) -> nn.Module:
    """The architecture with `labels` outputs, weights drawn from the seed; InputError if unknown.

    `pretrained` is handed to timm's `create_model`.
    """
    torch.manual_seed(settings.seed)
    if not timm.is_model(settings.architecture):
        raise InputError(f"architecture {settings.architecture!r} is not one that timm knows")
    return timm.create_model(
        settings.architecture,
        num_classes=labels,
        in_chans=settings.channels,
        drop_rate=settings.drop_rate,
        **pretrained,
    )


def start_network(
    settings: ModelSettings, labels: int, job_folder: Path, parent_job: str | None
) -> nn.Module:
    """A new network with its pre-weight: none, ImageNet, or those its parent finished with.

    An ImageNet file is .pth or .safetensors; a relative path is taken from `job_folder`. Raises
    InputError if the weights are missing or do not fit, DamagedError if the parent's are damaged.
    """
    if settings.pre_weight == "none":
        return build_network(settings, labels)
    if settings.pre_weight == "imagenet":
        return _imagenet_network(settings, labels, job_folder)
    if parent_job is None:
        raise InputError(f"pre_weight is model {settings.pre_weight!r}, but parent_job is missing")
    network = build_network(settings, labels)
    load_weights(network, finished_weights(Path(os.path.normpath(job_folder / parent_job))))
    return network


def load_weights(network: nn.Module, path: Path) -> None:
    """Load a safetensors file of exactly the network's weights; InputError if it does not fit."""
    try:
        network.load_state_dict(load_file(path))
    except (RuntimeError, SafetensorError) as error:
        reason = str(error).replace("\n\t", " ").partition(". ")[0]
        raise InputError(f"{path}: does not fit the architecture: {reason}") from error


def _imagenet_network(settings: ModelSettings, labels: int, job_folder: Path) -> nn.Module:
    if settings.imagenet_file is None:
        try:
            return build_network(settings, labels, pretrained=True)
        except (OSError, RuntimeError) as error:
            reason = str(error).strip().partition("\n")[0]
            raise InputError(
                f"cannot get ImageNet weights of {settings.architecture}: {reason}; "
                "name a file of them as imagenet_file"
            ) from error
    path = job_folder / settings.imagenet_file
    if not path.is_file():
        raise InputError(f"imagenet_file {path}: no such file")
    try:
        overlay = {"file": str(path)}
        return build_network(settings, labels, pretrained=True, pretrained_cfg_overlay=overlay)
    except _UNFIT as error:
        reason = str(error).replace("\n\t", " ").partition(". ")[0]
        raise InputError(f"imagenet_file {path}: does not fit: {reason}") from error
