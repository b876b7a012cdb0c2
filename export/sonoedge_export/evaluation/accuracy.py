"""From outcomes to the figures that `verify` prints and the manifest keeps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from sonoedge_export.evaluation.metrics import Interval, auroc, auroc_interval, mean_interval
from sonoedge_export.evaluation.outcomes import Outcome

# A frame is decided where its suspicion is farther than this from the operating threshold.
DECIDED_MARGIN: Final = 0.05


def figures(
    outcomes: Sequence[Outcome],
    reference: Sequence[Outcome],
    *,
    positive: Sequence[str],
    threshold: float | None = None,
    intervals: bool = True,
) -> dict[str, Any]:
    """Accuracy of one variant.

    Dice and AUROC are over analysed and stopped frames with a lesion alike (a stopped
    frame scores 0): what the device does not see counts against it. AUROC ranks the
    frames with a lesion by their most suspicious region, positive labels against
    others. Intervals are 95 % bootstrap intervals, by patient where patients are known
    (`INTERVALS` says so in a report); `independent_samples` counts what is resampled, and
    `positive_frames` and `negative_frames` are what sensitivity and specificity are shares of.

    Args:
        reference: the outcomes, in the same order, whose flags are agreed with.
        positive: labels that should be flagged.
        threshold: the operating point; with it `decided_agreement` is told, the agreement
            over frames whose reference suspicion is more than 0.05 away from it.
        intervals: leave them out to save time.
    """
    patients = grouped(outcomes)
    flagged = np.array([o.flagged for o in outcomes], dtype=bool)
    lesion = np.array([o.has_lesion for o in outcomes], dtype=bool)
    labelled = np.array([o.label is not None for o in outcomes], dtype=bool)
    positives = np.array([o.label in positive for o in outcomes], dtype=bool)
    graded = lesion & labelled
    scores = np.array([o.suspicion for o in outcomes], dtype=np.float64)
    dices = np.array([o.dice for o in outcomes], dtype=np.float64)
    same = flagged == np.array([o.flagged for o in reference], dtype=bool)
    with_lesion = [o for o in outcomes if o.has_lesion]
    out: dict[str, Any] = {
        "frames": len(outcomes),
        "frames_with_lesion": int(lesion.sum()),
        "positive_frames": int((labelled & positives).sum()),
        "negative_frames": int((labelled & ~positives).sum()),
        "independent_samples": len(set(patients.tolist())),
        "repeated_frames": repeated(outcomes),
        "not_analysed": sum(not o.analysed for o in outcomes),
        "dice_mean": _mean(dices[lesion]),
        "dice_ci95": None,
        "malignancy_auroc": auroc(scores[graded], positives[graded]),
        "malignancy_auroc_ci95": None,
        "region_sensitivity": _ratio(
            sum(o.lesions_found for o in with_lesion), sum(o.lesions for o in with_lesion)
        ),
        "false_regions_per_frame": _ratio(sum(o.false_regions for o in outcomes), len(outcomes)),
        "flag_agreement": _mean(same),
    }
    if threshold is not None:
        suspicion = np.array([o.suspicion for o in reference], dtype=np.float64)
        decided = same[np.abs(suspicion - threshold) > DECIDED_MARGIN]
        out |= {"decided_frames": len(decided), "decided_agreement": _mean(decided)}
    rates = {
        "sensitivity": (flagged, labelled & positives),
        "specificity": (~flagged, labelled & ~positives),
    }
    for name, (correct, some) in rates.items():
        out |= {name: _mean(correct[some]), f"{name}_ci95": None}
    if intervals:
        out["dice_ci95"] = mean_interval(dices[lesion], patients[lesion])
        out["malignancy_auroc_ci95"] = auroc_interval(
            scores[graded], positives[graded], patients[graded]
        )
        for name, (correct, some) in rates.items():
            out[f"{name}_ci95"] = mean_interval(correct[some], patients[some])
    return {k: _rounded(v) for k, v in out.items()}


def grouped(outcomes: Sequence[Outcome]) -> npt.NDArray[np.str_]:
    """Names of independent samples, shape (N,): what is resampled as one has one name.

    Frames of one patient are one sample, and so are copies of one picture, whatever patient
    they are listed under. A frame of an unknown patient, seen once, is a sample of its own.
    """
    sample = list(range(len(outcomes)))

    def root(n: int) -> int:
        while sample[n] != n:
            n = sample[n]
        return n

    first: dict[tuple[str, str], int] = {}
    for n, outcome in enumerate(outcomes):
        for key in (("patient", outcome.patient), ("pixels", outcome.pixels_sha256 or None)):
            if key[1] is not None:
                sample[root(n)] = root(first.setdefault((key[0], key[1]), n))
    return np.array([f"sample {root(n)}" for n in range(len(outcomes))], dtype=np.str_)


def repeated(outcomes: Sequence[Outcome]) -> int:
    """How many frames have the same pixels as one before them."""
    digests = [o.pixels_sha256 for o in outcomes if o.pixels_sha256]
    return len(digests) - len(set(digests))


def subgroups(outcomes: Sequence[Outcome]) -> dict[str, list[int]]:
    """Indices of the frames with and without overlay flags, per scanner, and per label."""
    groups: dict[str, list[int]] = {"no overlay flags": [], "overlay flags": []}
    for i, o in enumerate(outcomes):
        groups["overlay flags" if o.flags else "no overlay flags"].append(i)
        if o.device:
            groups.setdefault(f"device {o.device}", []).append(i)
        if o.label:
            groups.setdefault(f"label {o.label}", []).append(i)
    return {name: members for name, members in groups.items() if members}


def _mean(values: npt.NDArray[np.float64] | npt.NDArray[np.bool_]) -> float | None:
    return float(np.mean(values)) if len(values) else None


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _rounded(value: float | int | Interval | None) -> Any:
    """Six digits are more than any set of frames supports, and the same on every machine."""
    if isinstance(value, float):
        return round(value, 6)
    return [round(v, 6) for v in value] if isinstance(value, tuple) else value
