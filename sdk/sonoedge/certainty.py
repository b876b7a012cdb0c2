"""What a suspicion excludes, with a stated guarantee: class-conditional split conformal sets.

With two classes these sets are two thresholds (Vovk, Gammerman and Shafer, "Algorithmic Learning
in a Random World", 2005, section 4.5, "Mondrian"; Angelopoulos and Bates 2023,
doi 10.1561/2200000101). Of malignant frames like those calibrated on, at most a share `alpha` is
answered "benign only"; of benign ones at most as many "malignant only". The share is a mean over
calibration sets, for patients that are exchangeable: another scanner or another clinic is not.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from sonoedge.errors import InvalidSettings

Floats: TypeAlias = npt.NDArray[np.float64]
Answer: TypeAlias = Literal["benign only", "malignant only", "cannot say"]
LABELS: Final = ("benign", "malignant")
BREAKS: Final = (
    "The guarantee holds for frames like those it was calibrated on. Another scanner, preset or "
    "probe, and other patients than those of the calibration, break it; another share of "
    "malignant frames alone does not, but changes how often an answer is wrong."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibratedOn:
    """The frames that the thresholds come from; one frame per patient.

    Attributes:
        name: of the frames' sets.
        sha256: over their pictures and masks.
        patients, malignant, benign: how many; every patient counts once.
    """

    name: str
    sha256: str
    patients: int
    malignant: int
    benign: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What the thresholds did on frames that they were not chosen on.

    Attributes:
        name: of the frames.
        malignant, benign: how many frames.
        malignant_covered, benign_covered: share whose answer does not exclude its own class;
            None without such frames.
        malignant_ci95, benign_ci95: exact 95 % intervals of these shares.
        one_answer: share of all frames with one class only.
        wrong: share of those with one class only that name the other class; None without any.
    """

    name: str
    malignant: int
    benign: int
    malignant_covered: float | None
    malignant_ci95: tuple[float, float] | None
    benign_covered: float | None
    benign_ci95: tuple[float, float] | None
    one_answer: float
    wrong: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Certainty:
    """Two thresholds on a region's suspicion.

    Attributes:
        alpha: largest share of each class that may be excluded wrongly.
        benign_up_to: benign is not excluded up to this suspicion.
        malignant_from: malignant is not excluded from this suspicion on. Either is None where
            the frames were too few for `alpha`: then every answer is "cannot say".
        calibrated_on: where they come from.
        measured: what they did elsewhere, as an export measured it.
        devices: scanners of the calibration frames, as far as known.
    """

    alpha: float
    benign_up_to: float | None
    malignant_from: float | None
    calibrated_on: CalibratedOn
    measured: tuple[Coverage, ...] = ()
    devices: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_alpha(self.alpha)
        for name in ("benign_up_to", "malignant_from"):
            value = getattr(self, name)
            if value is not None and not 0 <= value <= 1:
                raise InvalidSettings(f"{name} must be 0 to 1, or left out where there is none")

    def answer(self, suspicion: float) -> Answer:
        """What a region's suspicion, 0 to 1, excludes; NaN excludes nothing."""
        if self.benign_up_to is None or self.malignant_from is None:
            return "cannot say"
        benign, malignant = suspicion <= self.benign_up_to, suspicion >= self.malignant_from
        if malignant and not benign:
            return "malignant only"
        return "benign only" if benign and not malignant else "cannot say"


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """`Certainty.benign_up_to` and `.malignant_from`."""

    benign_up_to: float | None
    malignant_from: float | None


def check_alpha(alpha: float) -> None:
    """Refuse a share of errors that is none.

    Raises:
        InvalidSettings: it is not above 0 and at most 0.5.
    """
    if not 0 < alpha <= 0.5:
        raise InvalidSettings(f"alpha must be above 0 and at most 0.5, not {alpha:g}")


def least_frames(alpha: float) -> int:
    """Fewest frames of each class for a threshold that is finite: 19 for 0.05."""
    return math.ceil(1 / alpha - 1e-9) - 1


def calibrate(suspicion: Floats, malignant: npt.NDArray[np.bool_], alpha: float) -> Thresholds:
    """The thresholds from frames of known class, one per patient.

    Args:
        suspicion: float64 (n,), each frame's highest, 0 where no region was found.
        malignant: bool (n,); the others are benign.
        alpha: as in `Certainty`.
    """
    return Thresholds(
        benign_up_to=_quantile(suspicion[~malignant], alpha),
        malignant_from=_from_top(_quantile(1 - suspicion[malignant], alpha)),
    )


def _from_top(value: float | None) -> float | None:
    # A threshold just below, as 1 - (1 - s) is not always s: the frame itself is to be covered.
    return None if value is None else max(0.0, float(np.nextafter(1 - value, 0)))


def _quantile(scores: Floats, alpha: float) -> float | None:
    """The ceil((n + 1)(1 - alpha))-th smallest; None where that is beyond the last."""
    rank = math.ceil((len(scores) + 1) * (1 - alpha) - 1e-9)
    return float(np.sort(scores)[rank - 1]) if rank <= len(scores) else None


def one_per_patient(
    patients: npt.NDArray[np.str_], malignant: npt.NDArray[np.bool_], seed: int = 0
) -> npt.NDArray[np.int64]:
    """Indices of one frame per patient and class, drawn by a seed; ascending.

    Patients, not frames, are exchangeable: ten frames of one patient are no ten observations.

    Args:
        patients: text (n,).
        malignant: bool (n,); a patient with both kinds of lesion counts in each class once.
    """
    order = np.random.default_rng(seed).permutation(len(patients))
    keys = [f"{int(m)}{p}" for p, m in zip(patients[order], malignant[order], strict=True)]
    _, first = np.unique(np.array(keys, dtype=np.str_), return_index=True)
    return np.sort(order[first])


def sentence(certainty: Certainty, answer: Answer) -> str:
    """An answer as a sentence that carries its guarantee and its limits."""
    share = f"{1 - certainty.alpha:.0%}"
    if answer == "cannot say":
        return f"Neither benign nor malignant is excluded at {share}."
    kept, excluded = _WORDS[answer]
    return (
        f"{kept} only: of {excluded} frames like those calibrated on, at most "
        f"{certainty.alpha:.0%} are answered so."
    )


_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "benign only": ("Benign", "malignant"),
    "malignant only": ("Malignant", "benign"),
}
