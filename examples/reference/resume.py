"""What a training that was cut off goes on from: one file, replaced in one step, no pickle."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import safetensors
import torch
from safetensors.torch import save
from torch import Tensor, nn

from sonoedge.durable import replace_durably
from sonoedge.errors import InvalidData, InvalidSettings
from sonoedge_export.graph.checkpoint import fill

MOMENTS = ("step", "exp_avg", "exp_avg_sq")  # AdamW's, of each parameter


@dataclass(slots=True, kw_only=True)
class Progress:
    """How far a training is.

    Attributes:
        batch: batches done.
        seconds: spent on them, over all runs.
        losses: of the batches since the log's last row.
        log: a row of figures for each validation.
    """

    batch: int = 0
    seconds: float = 0.0
    losses: list[float] = field(default_factory=list)
    log: list[dict[str, float]] = field(default_factory=list)


def save_checkpoint(
    file: Path,
    networks: dict[str, nn.Module],
    optimizer: torch.optim.Optimizer,
    progress: Progress,
    settings: dict[str, Any],
) -> None:
    """Write networks, optimiser and progress.

    Args:
        settings: what a run must share to go on from here; JSON values.
    """
    tensors: dict[str, Tensor] = {}
    for name, network in networks.items():
        tensors |= {f"{name}.{key}": t for key, t in network.state_dict().items()}
    for number, moments in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer.{number}.{key}": moments[key] for key in MOMENTS}
    known = {
        "settings": settings,
        "batch": progress.batch,
        "seconds": progress.seconds,
        "losses": progress.losses,
        "log": progress.log,
    }
    # Contiguous, as safetensors wants it; what is loaded is copied into the network's own layout.
    whole = {name: t.detach().cpu().contiguous().clone() for name, t in tensors.items()}
    replace_durably(file, save(whole, {"progress": json.dumps(known)}))


def load_checkpoint(
    file: Path,
    networks: dict[str, nn.Module],
    optimizer: torch.optim.Optimizer,
    settings: dict[str, Any],
) -> Progress:
    """Fill networks and optimiser from a checkpoint.

    Raises:
        InvalidData: it cannot be read, or is of another network.
        InvalidSettings: it is of a run with other settings; names them.
    """
    try:
        with safetensors.safe_open(file, framework="pt") as content:
            known = json.loads(content.metadata()["progress"])
            tensors = {name: content.get_tensor(name) for name in content.keys()}  # noqa: SIM118
        progress = Progress(**{k: v for k, v in known.items() if k != "settings"})
        old = known["settings"]
    except (OSError, safetensors.SafetensorError, KeyError, TypeError, ValueError) as error:
        raise InvalidData(
            f"{file.name} cannot be read ({type(error).__name__}); delete it to begin again"
        ) from error
    other = sorted(k for k in {*old, *settings} if old.get(k) != settings.get(k))
    if other:
        what = ", ".join(f"{k} {old.get(k)} there, {settings.get(k)} now" for k in other)
        raise InvalidSettings(f"{file.name} is of another training ({what}); give another --out")
    for name, network in networks.items():
        fill(network, _below(tensors, name))
    state = optimizer.state_dict()
    moments = _below(tensors, "optimizer")
    numbers = {key.partition(".")[0] for key in moments}
    state["state"] = {int(n): {m: moments[f"{n}.{m}"] for m in MOMENTS} for n in numbers}
    optimizer.load_state_dict(state)
    for parameter, own in optimizer.state.items():  # in the parameters' own memory layout
        for moment in MOMENTS[1:]:
            own[moment] = torch.empty_like(parameter).copy_(own[moment])
    return progress


def _below(tensors: dict[str, Tensor], name: str) -> dict[str, Tensor]:
    return {k.removeprefix(f"{name}."): t for k, t in tensors.items() if k.startswith(f"{name}.")}
