"""AdamW over a network's parameters."""

from typing import Any

import torch
from torch import nn

from jobs.recipe.schema import ModelSettings


def build_optimizer(network: nn.Module, settings: ModelSettings) -> torch.optim.AdamW:
    """AdamW with weight decay on matrices and kernels only, not on norms and biases."""
    parameters = [one for one in network.parameters() if one.requires_grad]
    groups: list[dict[str, Any]] = [
        {"params": [one for one in parameters if one.ndim > 1]},
        {"params": [one for one in parameters if one.ndim <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(
        groups, lr=settings.max_lr, weight_decay=settings.weight_decay, fused=True
    )
