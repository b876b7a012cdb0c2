"""How well a scope is taught by ten frames, and whether prototypes help on a new scanner.

    python -m studies.taught_scope BUNDLE --sets FOLDER... --away NAME=CLIP... [--draws N]

The bundle has an embedding. FOLDER holds a frames.json, CLIP shows another organ. Each draw
teaches ten frames of a clip with forty frames in scope of one set (its split "val", or all of it)
and counts: how many of the clip's other frames are stopped, and how many of the frames of every
set (its split "test", or all of it, without those that were shown).

The second table asks another question: do the means of ten benign and ten malignant frames of a
set tell the set's other patients apart better than the network alone?
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

import sonoedge
from sonoedge.analyser import Analyser
from sonoedge.analysis import Analysed
from sonoedge.bundle import Bundle, read_bundle
from sonoedge.errors import ScopeRefused, SonoedgeError
from sonoedge.frames import Frame
from sonoedge.scope.embeddings import Embedder
from sonoedge.scope.fit import fit
from sonoedge.scope.taught import nearness
from sonoedge.sources import open_source
from sonoedge.terminal.progress import Progress

TAUGHT: Final = 10
IN_SCOPE: Final = 40
OWN_SHARE: Final = 20  # the network's answer weighs as so many frames beside a prototype's ten

Vectors = npt.NDArray[Any]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rows:
    """Frames of one set or clip that reached the network.

    Attributes:
        vectors: their embeddings, [frames, K].
        suspicion: of each frame, 0 where no region was found.
        malignant: 1, 0, or -1 where it is neither benign nor malignant.
        patients: of each frame.
        shown, judged: which may be shown to teach, and which are counted.
    """

    vectors: Vectors
    suspicion: Vectors
    malignant: Vectors
    patients: Vectors
    shown: Vectors
    judged: Vectors


def of_set(bundle: Bundle, analyser: Analyser, folder: Path) -> Rows:
    """A set of labelled frames; its training split is left out."""
    table = json.loads((folder / "frames.json").read_text())["frames"]
    kept = [row for row in table if row.get("split", "all") != "train"]
    return _rows(bundle, analyser, ((row, _picture(folder / row["image"])) for row in kept))


def of_clip(bundle: Bundle, analyser: Analyser, clip: Path) -> Rows:
    """Every frame of a clip."""
    with open_source(clip) as source:
        return _rows(bundle, analyser, (({}, frame) for frame in source))


def _picture(file: Path) -> Frame:
    pixels = cv2.imread(str(file), cv2.IMREAD_GRAYSCALE)
    assert pixels is not None, file
    return Frame(pixels=np.asarray(pixels, dtype=np.uint8))


def _rows(bundle: Bundle, analyser: Analyser, frames: Iterator[tuple[Any, Frame]]) -> Rows:
    progress, values, embedder = Progress(None), [], Embedder(bundle, analyser)
    for number, (row, frame) in enumerate(frames):
        result, vector = embedder(frame)
        if vector is not None:
            suspicion = (result.suspicion or 0.0) if isinstance(result, Analysed) else 0.0
            split, label = row.get("split") or "all", row.get("label")
            values.append(
                (
                    vector,
                    suspicion,
                    {"malignant": 1, "benign": 0}.get(str(label), -1),
                    str(row.get("patient") or row.get("group") or number),
                    split in ("val", "all"),
                    split in ("test", "all"),
                )
            )
        progress.show(number + 1)
    progress.clear()
    columns = [np.array(column) for column in zip(*values, strict=True)]
    names = ("vectors", "suspicion", "malignant", "patients", "shown", "judged")
    return Rows(**dict(zip(names, columns, strict=True)))


def scope_row(
    away: Rows, name: str, sets: dict[str, Rows], draws: int, rng: np.random.Generator
) -> dict[str, Any]:
    """What teaching by frames in scope of one set does, over the draws."""
    own = sets[name]
    refused, caught = 0, []
    stopped: dict[str, list[float]] = {each: [] for each in sets}
    for _ in range(draws):
        places = rng.permutation(len(away.vectors))
        shown = rng.permutation(np.flatnonzero(own.shown))[:IN_SCOPE]
        try:
            result = fit(away.vectors[places[:TAUGHT]], own.vectors[shown])
        except ScopeRefused:
            refused += 1
            continue

        def share(vectors: Vectors, made: Any = result) -> float:
            near = nearness(vectors, made.prototype, made.in_scope_mean)
            return float((near >= made.threshold).mean())

        caught.append(share(away.vectors[places[TAUGHT:]]))
        for each, rows in sets.items():
            left = np.setdiff1d(np.flatnonzero(rows.judged), shown if each == name else [])
            if len(left):
                stopped[each].append(share(rows.vectors[left]))
    return {
        "refused": refused,
        "caught": float(np.mean(caught)) if caught else None,
        "worst": min(caught, default=None),
        "stopped": {each: float(np.mean(v)) for each, v in stopped.items() if v},
    }


def grade_row(rows: Rows, draws: int, rng: np.random.Generator) -> dict[str, Any] | None:
    """AUROC of the network, of prototypes, and of both; None where patients are too few."""
    lesion = np.flatnonzero(rows.malignant >= 0)
    figures = []
    for _ in range(draws):
        support = [_one_each(rows, lesion[rows.malignant[lesion] == c], rng) for c in (0, 1)]
        if min(map(len, support)) < TAUGHT:
            return None
        used = set(rows.patients[np.concatenate(support)])
        query = np.array([i for i in lesion if rows.patients[i] not in used])
        benign, malignant = (rows.vectors[s].mean(axis=0) for s in support)
        near = nearness(rows.vectors[query], malignant, benign)
        own = np.log(np.clip(rows.suspicion[query], 1e-3, 1 - 1e-3))
        blended = OWN_SHARE * _standard(own) + TAUGHT * _standard(near)
        truth = rows.malignant[query]
        figures.append([_auroc(s, truth) for s in (own, near, blended)])
    network, alone, both = np.array(figures).T
    return {
        "network": float(network.mean()),
        "prototypes": float(alone.mean()),
        "both": float(both.mean()),
        "worse": float((both < network).mean()),
    }


def _one_each(rows: Rows, places: Vectors, rng: np.random.Generator) -> Vectors:
    """Frames of ten patients, one of each."""
    _, first = np.unique(rows.patients[mixed := rng.permutation(places)], return_index=True)
    chosen: Vectors = rng.permutation(mixed[first])[:TAUGHT]
    return chosen


def _standard(values: Vectors) -> Vectors:
    standard: Vectors = (values - values.mean()) / max(1e-9, float(values.std()))
    return standard


def _auroc(score: Vectors, truth: Vectors) -> float:
    positive, negative = score[truth == 1][:, None], score[truth == 0][None]
    return float(((positive > negative) + 0.5 * (positive == negative)).mean())


def main(argv: Sequence[str] | None = None) -> int:
    """Print both tables."""
    parser = argparse.ArgumentParser(prog="python -m studies.taught_scope")
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--sets", type=Path, nargs="+", required=True, metavar="FOLDER")
    parser.add_argument("--away", nargs="*", default=[], metavar="NAME=CLIP")
    parser.add_argument("--draws", type=int, default=50)
    args = parser.parse_args(argv)
    try:
        bundle = read_bundle(args.bundle)
        with sonoedge.open(args.bundle, tracking=False) as analyser:
            sets = {folder.name: of_set(bundle, analyser, folder) for folder in args.sets}
            pairs = [text.split("=", 1) for text in args.away]
            clips = {name: of_clip(bundle, analyser, Path(path)) for name, path in pairs}
    except SonoedgeError as error:
        print(f"{error.token}: {error}", file=sys.stderr)
        return error.exit_code
    rng = np.random.default_rng(0)
    print(f"{'taught':<9}{'with':<11}{'refused':>8}{'stopped':>9}{'worst':>8}  of frames in scope")
    for organ, away in clips.items():
        if len(away.vectors) < 2 * TAUGHT:
            print(f"{organ:<9}has {len(away.vectors)} frames that reach the network: too few")
            continue
        for name, own in sets.items():
            if own.shown.sum() >= IN_SCOPE:
                row = scope_row(away, name, sets, args.draws, rng)
                false = ", ".join(f"{each} {share:.1%}" for each, share in row["stopped"].items())
                figures = [row["refused"] / args.draws, row["caught"], row["worst"]]
                cells = ["-" if f is None else f"{f:.0%}" for f in figures]
                print(f"{organ:<9}{name:<11}{cells[0]:>8}{cells[1]:>9}{cells[2]:>8}  {false}")
    print(f"\n{'grades of':<12}{'network':>9}{'prototypes':>12}{'both':>8}{'both worse in':>15}")
    for name, rows in sets.items():
        grades = grade_row(rows, args.draws, rng)
        if grades is None:
            print(f"{name:<12} too few patients for {TAUGHT} of each")
            continue
        cells = [f"{grades[key]:.3f}" for key in ("network", "prototypes", "both")]
        print(f"{name:<12}{cells[0]:>9}{cells[1]:>12}{cells[2]:>8}{grades['worse']:>15.0%}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
