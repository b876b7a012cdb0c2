"""Pack trained weights for shipping: convolutions and linear layers in half precision.

    python pack.py build/reference/epoch044.safetensors lesionnet.safetensors

Every figure in the model card is measured on the packed weights.
"""

from __future__ import annotations

import sys
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file


def pack(source: Path, target: Path) -> None:
    """Weights of two or more dimensions become float16; the small rest stays float32."""
    state = load_file(source)
    packed = {
        name: (t.to(torch.float16) if t.is_floating_point() and t.ndim > 1 else t).contiguous()
        for name, t in state.items()
    }
    save_file(packed, target)
    target.chmod(0o644)
    print(f"{target.name}: {target.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    pack(Path(sys.argv[1]), Path(sys.argv[2]))
