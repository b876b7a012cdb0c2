"""Evidence gathered along a track: log-odds that decay.

A frame in which the region is found adds the log-odds of its suspicion against those of the
threshold, so that a suspicion below it takes evidence away; a frame in which the region is not
found takes a fixed amount. Both count by the time since the frame before, as frames that follow
on each other show nearly the same picture, and by how well the region covers its place in that
frame. What was gathered is halved in each half-life. It is a cumulative sum with a floor at 0
(Page 1954, doi 10.1093/biomet/41.1-2.100) that forgets.

Only sums, products and quotients of doubles are used, in an order that stands here and in
sdk/c/core/frame/evidence.c: no logarithm and no power of a library, which round differently from
one to the next. So Python and C agree to the last bit on every machine.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from sonoedge.errors import InvalidSettings

LOOK_MS: Final = 100.0
_LEAST, _MOST = 0.002, 0.998  # suspicions beyond count as these: no frame is certain
_LN_2: Final = 0.6931471805599453
_HALVINGS: Final = 64  # after so many nothing is left
_ATANH_TERMS: Final = 17  # the last odd power; |z| is at most 1/5
_EXP_TERMS: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceSettings:
    """When gathered evidence flags a track.

    Log-odds are natural, per look of 100 ms: a frame that comes sooner after the one before
    counts by its share of a look, so that the flags of a stream do not hang on its frame rate.

    Attributes:
        raise_log_odds: a track is flagged at so much evidence. A look adds at most half of it: a
            flag takes two looks, and never fewer than three frames.
        keep_log_odds: a flagged track stays so down to this much.
        most_log_odds: more is not gathered, so that a flag falls in time.
        unseen_log_odds: a look at an analysed frame in which the region is not found takes so
            much away.
        half_life_ms: in so much capture time what was gathered is halved.

    Raises:
        InvalidSettings: one is out of range.
    """

    raise_log_odds: float = 2.0
    keep_log_odds: float = 0.2
    most_log_odds: float = 3.0
    unseen_log_odds: float = 1.0
    half_life_ms: float = 500.0

    def __post_init__(self) -> None:
        if not 0 < self.most_log_odds <= 1000:
            raise InvalidSettings("most_log_odds must be above 0 and at most 1000")
        if not 0 < self.raise_log_odds <= self.most_log_odds:
            raise InvalidSettings("raise_log_odds must be above 0 and at most most_log_odds")
        if not 0 < self.keep_log_odds <= self.raise_log_odds:
            raise InvalidSettings("keep_log_odds must be above 0 and at most raise_log_odds")
        if not 0 <= self.unseen_log_odds <= 1000:
            raise InvalidSettings("unseen_log_odds must be 0 to 1000")
        if not 1 <= self.half_life_ms <= 600_000:
            raise InvalidSettings("half_life_ms must be 1 to 600000")


class Gathering:
    """How one frame changes the evidence of tracks.

    Args:
        threshold: the suspicion that speaks neither for a flag nor against one.
    """

    def __init__(self, settings: EvidenceSettings, threshold: float) -> None:
        self._settings = settings
        self._neutral = log_odds(threshold)
        self._kept, self._share = 1.0, 0.0

    def begin(self, since_ns: int) -> None:
        """Take note of the capture time since the frame before, 0 or more; 0 where none was."""
        since_ms = since_ns / 1e6
        self._kept = kept_share(since_ms / self._settings.half_life_ms)
        self._share = min(since_ms / LOOK_MS, 1.0)

    def seen(self, evidence: float, suspicion: float, overlap: float) -> float:
        """The evidence after a frame in which the region is found.

        Args:
            overlap: of its box and that of its track (intersection over union); 0 for a new one.
        """
        odds = min(log_odds(suspicion) - self._neutral, 0.5 * self._settings.raise_log_odds)
        gained = self._share * overlap * odds
        return self._within(evidence * self._kept + gained)

    def unseen(self, evidence: float) -> float:
        """The evidence after an analysed frame in which it is not."""
        return self._within(evidence * self._kept - self._share * self._settings.unseen_log_odds)

    def _within(self, evidence: float) -> float:
        return min(max(evidence, 0.0), self._settings.most_log_odds)


def log_odds(probability: float) -> float:
    """ln(p / (1 - p)) of a probability, taken as 0.002 to 0.998.

    The odds are halved or doubled to lie about 1; the rest is 2 artanh((x - 1) / (x + 1)).
    """
    p = min(max(probability, _LEAST), _MOST)
    odds, halvings = p / (1.0 - p), 0
    while odds > 1.5:
        odds, halvings = odds * 0.5, halvings + 1
    while odds < 0.75:
        odds, halvings = odds * 2.0, halvings - 1
    z = (odds - 1.0) / (odds + 1.0)
    square, total = z * z, 0.0
    for power in range(_ATANH_TERMS, 0, -2):
        total = total * square + 1.0 / power
    return halvings * _LN_2 + 2.0 * z * total


def kept_share(half_lives: float) -> float:
    """2 to the power of minus so many half-lives, 0 or more; 0 after 64 of them.

    The whole ones halve; the rest is the series of the exponential function.
    """
    if half_lives >= _HALVINGS:
        return 0.0
    whole = math.floor(half_lives)
    y, share = (half_lives - whole) * _LN_2, 1.0
    for term in range(_EXP_TERMS, 0, -1):
        share = 1.0 - y * share / term
    for _ in range(whole):
        share *= 0.5
    return share
