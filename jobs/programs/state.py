"""All that a resumed attempt needs to go on bit for bit, and its way to the disk and back."""

import dataclasses
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import torch
from safetensors.torch import load_file, save
from torch import Tensor, nn

from jobs.checkpoints import (
    checkpoint_folder,
    prune,
    prune_earlier,
    prune_finished,
    publish,
)
from jobs.durable import write_atomic, write_json
from jobs.events import EventWriter
from jobs.failpoints import failpoint
from jobs.programs.artifacts import describe, tell_finished
from jobs.programs.network import gpu_peak, load_weights
from jobs.spec import TrainJob

MODEL: Final = "model.safetensors"
STATE: Final = "state.safetensors"
PROGRESS: Final = "state.json"
WEIGHTS: Final = "weights.safetensors"  # what a finished job leaves
BEST: Final = "best."
OPTIMIZER: Final = "optimizer."

Weights = dict[str, Tensor]


@dataclass
class Progress:
    """Where a job is; random numbers and the learning rate follow from it."""

    step: int = 0  # steps done
    epoch: int = 0  # epochs done, validation included
    batch: int = 0  # batches done of the epoch under way
    loss_sum: float = 0.0  # over the images of the epoch under way
    images: int = 0  # of the epoch under way
    best_epoch: int | None = None
    best_map: float | None = None

    def next_epoch(self) -> None:
        """Enter the next epoch."""
        self.epoch += 1
        self.batch, self.loss_sum, self.images = 0, 0.0, 0


@dataclass
class TrainingState:
    """The parts of a job that a checkpoint holds."""

    network: nn.Module
    optimizer: torch.optim.Optimizer
    scaler: torch.amp.GradScaler
    progress: Progress = field(default_factory=Progress)
    best: Weights = field(default_factory=dict)  # on the CPU; empty if only the last are kept


def weights_of(network: nn.Module) -> Weights:
    """A copy of the weights on the CPU."""
    return {name: _copy(tensor) for name, tensor in network.state_dict().items()}


def save_checkpoint(state: TrainingState, attempt: Path) -> Path:
    """Write and publish a checkpoint of `attempt`; the new one's folder.

    The newest two of the attempt are kept, and none of earlier attempts.
    """
    folder = checkpoint_folder(attempt, state.progress.step)
    folder.mkdir(parents=True, exist_ok=True)
    write_atomic(folder / MODEL, save(weights_of(state.network)))
    failpoint("train.checkpoint-model-written")
    tensors = {BEST + name: tensor for name, tensor in state.best.items()}
    for name, parameter in state.network.named_parameters():
        for part, tensor in state.optimizer.state[parameter].items():
            tensors[f"{OPTIMIZER}{part}.{name}"] = _copy(tensor)
    write_atomic(folder / STATE, save(tensors))
    failpoint("train.checkpoint-tensors-written")
    progress = dataclasses.asdict(state.progress)
    write_json(folder / PROGRESS, {"progress": progress, "scaler": state.scaler.state_dict()})
    failpoint("train.checkpoint-state-written")
    publish(folder, state.progress.step)
    failpoint("train.checkpoint-published")
    prune(attempt)
    prune_earlier(attempt)
    return folder


def restore(state: TrainingState, folder: Path) -> None:
    """Set `state` to what a whole checkpoint holds."""
    said: dict[str, Any] = json.loads((folder / PROGRESS).read_bytes())
    state.progress = Progress(**said["progress"])
    if said["scaler"]:
        state.scaler.load_state_dict(said["scaler"])
    load_weights(state.network, folder / MODEL)
    tensors = load_file(folder / STATE)
    state.best = {
        name.removeprefix(BEST): tensor.clone()
        for name, tensor in tensors.items()
        if name.startswith(BEST)
    }
    parameters = dict(state.network.named_parameters())
    for key, tensor in tensors.items():
        if key.startswith(OPTIMIZER):
            part, _, name = key.removeprefix(OPTIMIZER).partition(".")
            parameter = parameters[name]
            # Fused AdamW walks moments and parameters in memory order: their layout is one.
            model = parameter.detach() if tensor.shape == parameter.shape else tensor
            own = torch.empty_like(model, device=parameter.device, dtype=tensor.dtype)
            state.optimizer.state[parameter][part] = own.copy_(tensor)


def finish_training(
    state: TrainingState, job: TrainJob, attempt: Path, events: EventWriter
) -> None:
    """Write the weights that the model ends with, tell so, then remove superfluous checkpoints."""
    weights = state.best if job.settings.keep == "best" else weights_of(state.network)
    write_atomic(attempt / WEIGHTS, save(weights))
    failpoint("train.before-finished")
    device = next(state.network.parameters()).device
    tell_finished(events, [describe(attempt, WEIGHTS)], WEIGHTS, gpu_peak(device))
    failpoint("train.finished")
    try:
        prune_finished(attempt, job.run.keep_checkpoints)
    except OSError as error:  # what is finished stays so
        print(f"a checkpoint that is not needed any more stays: {error}", flush=True)


def _copy(tensor: Tensor) -> Tensor:
    return tensor.detach().to("cpu", copy=True).contiguous()
