"""What torch and its GPUs are here, for an attempt's provenance."""

from typing import Any

import torch


def hardware() -> dict[str, Any]:
    """Versions of torch, CUDA and cuDNN, and the names of the GPUs that are visible."""
    cuda = torch.cuda.is_available()
    count = torch.cuda.device_count() if cuda else 0
    cudnn: Any = torch.backends.cudnn
    return {
        "torch": torch.__version__,
        "cuda": torch.version.cuda,
        "cudnn": cudnn.version() if cuda else None,
        "gpus": [torch.cuda.get_device_name(number) for number in range(count)],
    }
