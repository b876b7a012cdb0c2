"""Second opinions on a region: small classifiers that are told its measures, or an embedding.

They are asked by `Analyser.describe`, never within `analyse`, and change no flag.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from sonoedge.bundle import Bundle
from sonoedge.bundle.golden_file import read_outputs
from sonoedge.bundle.heads import INPUT, OUTPUT, TOLERANCE, Head, is_embedded
from sonoedge.bundle.inline_data import check_inline
from sonoedge.clinical import logit, sigmoid
from sonoedge.closing import Closing
from sonoedge.errors import EngineFailed, GoldenMismatch, InvalidManifest
from sonoedge.runtime import Runtime, runtime_class


class NoOpinionReason(str, Enum):
    """Why a head says nothing of a region: stable tokens."""

    NOT_MEASURED = "NOT_MEASURED"
    NO_EMBEDDING = "NO_EMBEDDING"
    VARIANT_NOT_CHECKED = "VARIANT_NOT_CHECKED"
    HEAD_FAILED = "HEAD_FAILED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What one head says of a region.

    Attributes:
        name, kind: the head's.
        suspicion: its own probability that the region is malignant, in [0, 1].
        flagged: that has reached the head's threshold.
        disagrees: the network's flag is the other one: a reason to look again, no sign of who
            is wrong.
        fused: suspicion of network and head together; None where the bundle does not join them.
    """

    name: str
    kind: str
    suspicion: float
    flagged: bool
    disagrees: bool
    fused: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoOpinion:
    """A head that says nothing of a region, and why; it is no opinion that nothing is there."""

    name: str
    reason: NoOpinionReason


Outcome: TypeAlias = Opinion | NoOpinion


class Heads(Closing):
    """The heads of one bundle, for one of its variants.

    Args:
        heads: each with its engine; None where it may not speak on this variant.
        names: of the measures that `ask` is given, then of the embedding's components.

    Raises:
        InvalidManifest: a head needs a measure that is none of these.
    """

    def __init__(self, heads: Sequence[tuple[Head, Runtime | None]], names: Sequence[str]) -> None:
        self._lock = threading.Lock()  # an engine answers one call at a time
        self._heads = tuple((head, engine, columns(head, names)) for head, engine in heads)
        self._count = len(names)
        self._measured = sum(not is_embedded(name) for name in names)

    def ask(
        self,
        measures: npt.NDArray[np.float32] | None,
        embedding: npt.NDArray[np.float32] | None = None,
        *,
        suspicion: float,
        flagged: bool,
    ) -> tuple[Outcome, ...]:
        """Every head's opinion of one region; never raises.

        Args:
            measures: float32 (N,), of the names given; None where it could not be measured.
            embedding: float32 (K,), `Region.embedding`; None where there is none.
            suspicion, flagged: the network's, of the same region.
        """
        told = self._told(measures, embedding)
        with self._lock:
            return tuple(
                _opinion(head, engine, told[at], suspicion, flagged)
                for head, engine, at in self._heads
            )

    def _told(
        self,
        measures: npt.NDArray[np.float32] | None,
        embedding: npt.NDArray[np.float32] | None,
    ) -> npt.NDArray[np.float32]:
        """All values by name; NaN where there is none, or the wrong number of them."""
        told = np.full(self._count, np.nan, dtype=np.float32)
        parts = ((measures, slice(self._measured)), (embedding, slice(self._measured, None)))
        for values, place in parts:
            if values is not None and values.shape == told[place].shape:
                told[place] = values
        return told

    def close(self) -> None:
        """Give the engines back; closing twice is harmless."""
        for _, engine, _ in self._heads:
            if engine is not None:
                engine.close()


def load_heads(bundle: Bundle, variant: str, names: Sequence[str]) -> Heads:
    """The heads of a bundle that may speak on a variant's regions, each compared with its golden
    answers.

    Args:
        names: of the measures, as the bundle's settings give them, then of the embedding's
            components.

    Raises:
        InvalidManifest: a head needs a measure that is not there.
        DigestMismatch, UnsafeContent, EngineFailed: its graph cannot be used.
        GoldenMismatch: it answers otherwise than at export.
        MissingDependency: ONNX Runtime is not installed.
    """
    loaded: list[tuple[Head, Runtime | None]] = []
    try:
        for head in bundle.manifest.heads:
            engine = _load(bundle, head) if variant in head.variants else None
            loaded.append((head, engine))
        return Heads(loaded, names)
    except BaseException:
        for _, engine in loaded:
            if engine is not None:
                engine.close()
        raise


def columns(head: Head, names: Sequence[str]) -> npt.NDArray[np.int64]:
    """Where a head's measures stand among those given.

    Raises:
        InvalidManifest: one is missing.
    """
    at = {name: number for number, name in enumerate(names)}
    missing = [name for name in head.measures if name not in at]
    if missing:
        raise InvalidManifest(
            f"head {head.name} was fitted on {missing[0][:80]!r}, which is not measured here "
            f"({len(missing)} of {len(head.measures)} are missing); export the bundle again, or "
            "install the sonoedge that wrote it"
        )
    return np.array([at[name] for name in head.measures], dtype=np.int64)


def golden_rows(bundle: Bundle, head: Head) -> list[Mapping[str, npt.NDArray[np.generic]]]:
    """A head's golden measures and answers: `features` float32 [1, N], `class_probs` [1, 2].

    Raises:
        DigestMismatch, UnsafeContent: they are damaged, or not of this head's shapes.
    """
    data = bundle.read(head.golden)
    return list(read_outputs(data, head.golden, head.golden_rows, head.tensors))


def _load(bundle: Bundle, head: Head) -> Runtime:
    model = bundle.read(head.model)
    check_inline(model, head.model)
    engine = runtime_class("onnxruntime")(model, precision="fp32", threads=1)
    try:
        if (engine.inputs, engine.outputs) != (head.tensors[:1], head.tensors[1:]):
            raise EngineFailed(
                f"head {head.name} has tensors {engine.inputs} -> {engine.outputs}, its manifest "
                f"names {len(head.measures)} measures; export the bundle again"
            )
        for number, row in enumerate(golden_rows(bundle, head)):
            answer = engine.infer({INPUT: row[INPUT]})[OUTPUT]
            difference = float(np.abs(answer.astype(float) - row[OUTPUT].astype(float)).max())
            if not difference <= TOLERANCE:
                raise GoldenMismatch(
                    f"head {head.name}, golden row {number}: its answer is off by "
                    f"{difference:.3g}, allowed {TOLERANCE:g}; update ONNX Runtime or export again"
                )
    except BaseException:
        engine.close()
        raise
    return engine


def _opinion(
    head: Head,
    engine: Runtime | None,
    told: npt.NDArray[np.float32],
    suspicion: float,
    flagged: bool,
) -> Outcome:
    if engine is None:
        return NoOpinion(name=head.name, reason=NoOpinionReason.VARIANT_NOT_CHECKED)
    missing = [
        name for name, value in zip(head.measures, told, strict=True) if not math.isfinite(value)
    ]
    if missing:
        embedded = all(map(is_embedded, missing))
        reason = NoOpinionReason.NO_EMBEDDING if embedded else NoOpinionReason.NOT_MEASURED
        return NoOpinion(name=head.name, reason=reason)
    try:
        own = float(engine.infer({INPUT: told[None]})[OUTPUT][0, 1])
    except EngineFailed:
        return NoOpinion(name=head.name, reason=NoOpinionReason.HEAD_FAILED)
    if not 0 <= own <= 1:
        return NoOpinion(name=head.name, reason=NoOpinionReason.HEAD_FAILED)
    fused = None
    if head.fused is not None:
        way = head.fused
        fused = sigmoid(way.intercept + way.network * logit(suspicion) + way.head * logit(own))
    return Opinion(
        name=head.name,
        kind=head.kind,
        suspicion=own,
        flagged=own >= head.threshold,
        disagrees=(own >= head.threshold) != flagged,
        fused=fused,
    )
