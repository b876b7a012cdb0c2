"""Embeddings of a source's frames, by the way of a live frame: guard, preprocessing, engine."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sonoedge.analyser import Analyser
from sonoedge.analysis import Analysis
from sonoedge.bundle import Bundle
from sonoedge.errors import EmbeddingMissing
from sonoedge.frames import Frame
from sonoedge.processing.postprocess import EMBEDDING
from sonoedge.runtime import Runtime, Tensors, TensorSpec

Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Embedded:
    """The frames of a source that reached the network, each picture once.

    Attributes:
        vectors: float32 [frames, K].
        sha256: of each frame's pixels, in the same order.
        repeated: how many frames had a picture that had come before.
        stopped: how many the guard stopped, so that they have none.
    """

    vectors: Vectors
    sha256: tuple[str, ...]
    repeated: int = 0
    stopped: int = 0

    def __len__(self) -> int:
        return len(self.sha256)

    def take(self, places: Sequence[int]) -> Embedded:
        """Some of the frames."""
        return Embedded(
            vectors=self.vectors[list(places)], sha256=tuple(self.sha256[i] for i in places)
        )


def check_has_embedding(bundle: Bundle) -> None:
    """Refuse a bundle whose graphs have no embedding.

    Raises:
        EmbeddingMissing: says what to do.
    """
    if all(spec.name != EMBEDDING for spec in bundle.manifest.outputs):
        raise EmbeddingMissing(
            f"{bundle.manifest.bundle_id} has no embedding, by which a scope is taught; export it "
            'with [outputs.embedding] in the recipe, such as layer = "the deepest level"'
        )


class _Tap:
    """A runtime that keeps the last embedding of the one inside it."""

    def __init__(self, inner: Runtime) -> None:
        self._inner = inner
        self.last: Vectors | None = None

    def finite(self) -> Vectors | None:
        """The last embedding, where it is there and made of numbers."""
        last = self.last
        return last if last is not None and np.isfinite(last).all() else None

    @property
    def inputs(self) -> tuple[TensorSpec, ...]:
        return self._inner.inputs

    @property
    def outputs(self) -> tuple[TensorSpec, ...]:
        return self._inner.outputs

    def infer(self, tensors: Tensors) -> Tensors:
        answer = self._inner.infer(tensors)
        self.last = np.array(answer[EMBEDDING][0], dtype=np.float32)
        return answer

    def close(self) -> None:
        """The engine stays whoever's opened it."""


class Embedder:
    """Analyses frames as still pictures, and keeps what the engine says of each as a whole.

    Args:
        bundle: one that has an embedding.
        opened: of this bundle; its engine is asked, and stays open.
    """

    def __init__(self, bundle: Bundle, opened: Analyser) -> None:
        manifest = bundle.manifest
        self._tap = _Tap(opened.engine)
        self._analyser = Analyser(
            self._tap,
            preprocess=manifest.preprocess,
            postprocess=manifest.postprocess,
            guard=dataclasses.replace(manifest.guard, frozen_after_ms=None),
            origin=dataclasses.replace(opened.origin, frame_path="python"),
        )

    def __call__(self, frame: Frame) -> tuple[Analysis, Vectors | None]:
        """The analysis, and float32 [K]; None where the engine gave no numbers or was not asked."""
        self._tap.last = None
        analysis = self._analyser.analyse(frame)
        return analysis, self._tap.finite()


def embed(
    bundle: Bundle,
    opened: Analyser,
    frames: Iterable[Frame],
    progress: Callable[[int], None] = lambda done: None,
) -> Embedded:
    """Embeddings of frames as still pictures: one that repeats another is counted, not kept.

    Args:
        opened: of this bundle; its engine is asked, and stays open.
        progress: called with the number of frames done.

    Raises:
        SourceError: as the frames are read.
    """
    embedder = Embedder(bundle, opened)
    vectors: list[Vectors] = []
    seen: dict[str, None] = {}
    repeated = stopped = 0
    for done, frame in enumerate(frames, 1):
        digest = hashlib.sha256(repr(frame.pixels.shape).encode() + frame.pixels.tobytes())
        if digest.hexdigest() in seen:
            repeated += 1
        else:
            _, vector = embedder(frame)
            if vector is None:
                stopped += 1
            else:
                seen[digest.hexdigest()] = None
                vectors.append(vector)
        progress(done)
    stacked = np.stack(vectors) if vectors else np.zeros((0, 2), np.float32)
    return Embedded(vectors=stacked, sha256=tuple(seen), repeated=repeated, stopped=stopped)
