"""Who is compared: this literal table, and what stands in the place of who cannot be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from bare_loops import BareOnnxRuntime, BareOpenVino
from executorch_loops import ExecuTorch, ExecuTorchInt8
from float_loop import FloatLoop
from litert_loops import LiteRtTorch, LiteRtTorchInt8
from model_api_loop import ModelApi
from ncnn_loop import Ncnn
from ours import Ours
from peer import Peer
from silence import silence
from subject import Subject
from torch_compile import TorchCompile, TorchCompileInt8
from torch_loops import MonaiTorch, TorchEager

from sonoedge.errors import InvalidCalibration, MissingDependency, RuntimeUnavailable, SonoedgeError


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent:
    """A peer that cannot run here, and why: its row in the table."""

    name: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One peer.

    Attributes:
        name: its row's.
        make: builds its engine from the network; takes seconds, or a minute.
        modules: top-level ones that it needs beyond the project's own.
        install: how they come.
    """

    name: str
    make: Callable[[Subject], Peer]
    modules: tuple[str, ...] = ()
    install: str = ""


EXTRA: Final = "pip install -c constraints.txt -e '.[{}]'"
TARGET: Final = "pip install --no-deps --target build/peers -r benchmarks/peers/requirements.txt"
EXECUTORCH: Final = ("executorch", "torchao")
LITERT: Final = ("litert_torch", "ai_edge_quantizer", "ai_edge_litert")
NCNN: Final = ("ncnn", "pnnx")

PEERS: Final = (
    Entry(name=BareOnnxRuntime.name, make=BareOnnxRuntime),
    Entry(
        name=BareOpenVino.name,
        make=BareOpenVino,
        modules=("openvino",),
        install=EXTRA.format("openvino"),
    ),
    Entry(name=FloatLoop.name, make=FloatLoop),
    Entry(name=ModelApi.name, make=ModelApi, modules=("model_api",), install=TARGET),
    Entry(
        name=MonaiTorch.name, make=MonaiTorch, modules=("monai",), install=EXTRA.format("examples")
    ),
    Entry(name=TorchEager.name, make=TorchEager),
    Entry(name=TorchCompile.name, make=TorchCompile),
    Entry(
        name=TorchCompileInt8.name,
        make=TorchCompileInt8,
        modules=("torchao",),
        install=TARGET,
    ),
    *(
        Entry(name=make.name, make=make, modules=modules, install=TARGET)
        for make, modules in (
            (ExecuTorch, EXECUTORCH),
            (ExecuTorchInt8, EXECUTORCH),
            (LiteRtTorch, LITERT),
            (LiteRtTorchInt8, LITERT),
            (Ncnn, NCNN),
        )
    ),
)


def roster(subject: Subject, names: Sequence[str] | None = None) -> Iterator[Peer | Absent]:
    """Ours first: the first of them is what the others' regions are compared with.

    Args:
        names: of `PEERS`, these alone; None for all.
    """
    for variant in subject.bundle.manifest.variants:
        try:
            yield Ours(subject, variant.id)
        except (MissingDependency, RuntimeUnavailable) as error:
            yield Absent(name=f"sonoedge, {variant.id}", why=str(error))
    for entry in PEERS:
        if names is None or entry.name in names:
            yield ready(entry, subject)


def ready(entry: Entry, subject: Subject) -> Peer | Absent:
    """The peer with its engine built; absent where its packages are, or it cannot run here."""
    try:
        with silence(ModuleNotFoundError, SonoedgeError):
            return entry.make(subject)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in entry.modules:
            raise
        return Absent(name=entry.name, why=f"not installed: {entry.install}")
    except (MissingDependency, RuntimeUnavailable, InvalidCalibration) as error:
        return Absent(name=entry.name, why=str(error))
