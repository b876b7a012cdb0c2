"""The training frames, prepared once: preprocessed as on the device, and cached."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import numpy.typing as npt

from sonoedge.errors import InvalidData
from sonoedge.frames import Frame
from sonoedge.processing.preprocess import Preprocess, PreprocessSpec
from sonoedge.sources import open_source
from sonoedge_export.data.labelled import Entry, Labelled, read_labelled

LABELS = ("normal", "benign", "malignant", "out_of_scope")
GRADED = (1, 2)  # benign, malignant
UNGRADED = -1  # a lesion, whichever
EXTERNAL = Path(__file__).resolve().parents[1] / "data" / "breast_usg"
CLIPS = Path(__file__).with_name("out_of_scope.json")
PER_CLIP = 24  # frames taken of a clip, evenly spread


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prepared:
    """N frames in memory.

    Attributes:
        pixels: uint8 [N, H, W].
        masks: uint8 [N, H, W], 0 or 255.
        labels: int64 [N], an index into LABELS; UNGRADED: a lesion whose grade is not used.
        sets: int64 [N], which data set each frame is from; -1: a clip that is no breast.
        patients: int64 [N], equal for frames of one patient, or of one group of duplicates.
        masks_only: bool [N], frames of a set whose grades are not used.
    """

    pixels: npt.NDArray[np.uint8]
    masks: npt.NDArray[np.uint8]
    labels: npt.NDArray[np.int64]
    sets: npt.NDArray[np.int64]
    patients: npt.NDArray[np.int64]
    masks_only: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.labels)

    def sha256(self) -> str:
        """One digest over all arrays."""
        whole = hashlib.sha256()
        for name in FIELDS:
            whole.update(np.ascontiguousarray(getattr(self, name)).tobytes())
        return whole.hexdigest()


FIELDS = tuple(field.name for field in fields(Prepared))


def prepare(
    data: list[Path], split: str, size: int, cache: Path, masks_only: tuple[Path, ...] = ()
) -> Prepared:
    """Read one split of several data sets (folders with a frames.json).

    Pixels that are not square are brought to square, as on the device.

    Args:
        data: sets whose masks and grades are used.
        masks_only: sets of which benign and malignant are both taken as a lesion.

    Raises:
        InvalidData: a set cannot be read, has no such split, or is held out for the last test.
    """
    folders = [*data, *masks_only]
    index = [read_labelled(folder / "frames.json", split) for folder in folders]
    for labelled in index:
        refuse_external(labelled)
    rows = [[(e.label, e.patient) for e in labelled] for labelled in index]
    what = [[labelled.sha256() for labelled in index], rows, split, size, len(data), 3]
    key = hashlib.sha256(json.dumps(what).encode()).hexdigest()[:16]
    file = cache / f"{split}-{size}-{key}.npz"
    if not file.exists():
        preprocess = Preprocess(PreprocessSpec(height=size, width=size))
        pixels, masks, labels, sets, patients = [], [], [], [], []
        known: dict[tuple[int, str], int] = {}
        for number, labelled in enumerate(index):
            for row, entry in enumerate(labelled):
                picture = entry.pixels()
                mask = np.uint8(255) * entry.truth(picture.shape)
                aspect = entry.pixel_aspect
                pixels.append(preprocess(picture, aspect=aspect)[0][0, 0].copy())
                masks.append(preprocess(mask, aspect=aspect)[0][0, 0].copy())
                labels.append(_label(entry, graded=number < len(data)))
                sets.append(number)
                patient = (number, entry.patient or f"frame {row}")
                patients.append(known.setdefault(patient, len(known)))
        arrays = {"pixels": pixels, "masks": masks, "labels": labels, "sets": sets}
        _write(file, arrays | {"patients": patients, "masks_only": np.array(sets) >= len(data)})
    with np.load(file, allow_pickle=False) as z:
        return Prepared(**{name: z[name] for name in FIELDS})


def refuse_external(labelled: Labelled) -> None:
    """Keep the external test set out of training and of choosing.

    Raises:
        InvalidData: a picture of it is in the set, or the set bears its name.
    """
    rows = json.loads((EXTERNAL / "frames.json").read_text())
    digests = {row["sha256"] for row in rows["frames"]}
    seen = {hashlib.sha256(entry.image.read_bytes()).hexdigest() for entry in labelled}
    if labelled.name == rows["name"] or digests & seen:
        raise InvalidData(
            f"{labelled.name} holds {len(digests & seen)} pictures of {rows['name']}, the external "
            "test: nothing is trained on it or chosen by it; leave it out"
        )


def _label(entry: Entry, *, graded: bool) -> int:
    if entry.label not in LABELS:
        raise InvalidData(
            f"{entry.image.name} has the label {entry.label!r}; labels are {', '.join(LABELS)}"
        )
    label = LABELS.index(entry.label)
    return UNGRADED if not graded and label in GRADED else label


def _write(file: Path, arrays: Mapping[str, npt.ArrayLike]) -> None:
    """Into the cache, so that a cut-off run leaves no half of a file under its name."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f"{file.stem}.{os.getpid()}.npz")
    try:
        np.savez(draft, **arrays)  # type: ignore[arg-type]
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)


def read_clips(folder: Path, split: str, per_clip: int | None) -> list[tuple[str, Frame]]:
    """Frames of the clips of one split of out_of_scope.json, each with its clip's kind.

    Args:
        per_clip: so many of each clip, evenly spread; None for all.
    """
    found = []
    for clip in json.loads(CLIPS.read_text())["clips"]:
        if clip["split"] != split:
            continue
        with open_source(folder / clip["file"]) as source:
            frames = list(source)
        take = np.arange(len(frames))
        if per_clip is not None and len(frames) > per_clip:
            take = np.linspace(0, len(frames) - 1, per_clip).astype(int)
        found += [(str(clip["kind"]), frames[i]) for i in take]
    return found


def prepare_clips(folder: Path, split: str, size: int, cache: Path) -> Prepared:
    """The clips' frames as `prepare` makes them: nothing in them is a lesion."""
    what = CLIPS.read_bytes() + f"{split} {size} {PER_CLIP} 2".encode()
    file = cache / f"clips-{split}-{size}-{hashlib.sha256(what).hexdigest()[:16]}.npz"
    if not file.exists():
        preprocess = Preprocess(PreprocessSpec(height=size, width=size))
        frames = [frame for _, frame in read_clips(folder, split, PER_CLIP)]
        pixels = [preprocess.frame(f)[0][0, 0].copy() for f in frames]
        _write(file, {"pixels": pixels})
    with np.load(file, allow_pickle=False) as z:
        pixels = z["pixels"]
    count = len(pixels)
    return Prepared(
        pixels=pixels,
        masks=np.zeros_like(pixels),
        labels=np.full(count, LABELS.index("out_of_scope")),
        sets=np.full(count, -1),
        patients=np.full(count, -1),
        masks_only=np.zeros(count, bool),
    )


def together(first: Prepared, second: Prepared) -> Prepared:
    """The frames of both."""
    return Prepared(**{n: np.concatenate([getattr(first, n), getattr(second, n)]) for n in FIELDS})
