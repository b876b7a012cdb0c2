"""Analyse a clip again, and say whether the answers are the same."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sonoedge.analyser import Analyser
from sonoedge.bundle import Bundle, read_bundle
from sonoedge.device.fingerprint import cpu_box, fingerprint_differences
from sonoedge.engines.open import open_bundle
from sonoedge.engines.options import EngineOptions
from sonoedge.frames import Frame
from sonoedge.recording.answer import answer_of
from sonoedge.recording.changes import ChangeCount, Changes
from sonoedge.recording.differences import Difference, beyond_tolerance, exact
from sonoedge.recording.reading import RecordedClip
from sonoedge.recording.rows import Row
from sonoedge.stream_memory import StreamState
from sonoedge.trust.policy import TrustPolicy

# How many processors there are decides no answer: the number of threads is the recording's.
_NOT_NUMERIC = ("cores", "quota_cores")


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameDifference:
    """A frame whose answer is another one; by its id."""

    frame: int
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What a clip gave when it was analysed again.

    Attributes:
        name: the clip's.
        bundle_id: of the bundle that analysed it again.
        same_bundle: it is the one that was recorded, by its digest.
        machine: what differs from the machine that was recorded: (name, recorded, here).
        frames: how many the clip has.
        answered: frames that an engine answered then: these were analysed again.
        identical: frames whose answers are the same to the last bit.
        differing: the others, where the bundle is the same: on the same machine all of them,
            on another one those beyond the golden tolerance.
        unanswered: frames without an answer then, by their outcome.
        asked_again: frames that an engine was given and did not answer: (frame, outcome then,
            outcome now). They count in nothing else.
        changes: against another bundle; None where it is the same.
        out_of_step: see `Document`.
    """

    name: str
    bundle_id: str
    same_bundle: bool
    machine: tuple[tuple[str, str, str], ...]
    frames: int
    answered: int
    identical: int
    differing: tuple[FrameDifference, ...]
    unanswered: Mapping[str, int]
    asked_again: tuple[tuple[int, str, str], ...]
    changes: Changes | None
    out_of_step: int

    @property
    def bit_identical(self) -> bool:
        """Every answer is the same to the last bit."""
        return self.same_bundle and self.identical == self.answered


def replay_clip(
    clip: RecordedClip,
    bundle: str | Path,
    *,
    trust: TrustPolicy | None = None,
    test_doubles: bool = False,
) -> Replay:
    """Analyse a clip's frames again, as its streams were when it began.

    With the bundle that was recorded, on the same variant, number of threads and settings:
    answers are compared to the last bit, on another machine within the golden tolerance. With
    another bundle, on its fastest variant and its own settings: what changed is counted.

    Args:
        trust, test_doubles: as `sonoedge.open`.

    Raises:
        InvalidRecording: a picture cannot be read.
        SonoedgeError: as `sonoedge.open`.
    """
    opened = read_bundle(bundle, test_doubles=test_doubles, trust=trust)
    engine, settings = clip.document.engine, clip.document.settings
    same_bundle = opened.manifest_sha256 == engine.manifest_sha256
    if same_bundle:
        options = EngineOptions(
            variant=engine.variant,
            runtime=engine.runtime,
            threads=engine.threads,
            frame_path="python",  # the only one that goes on from a stored state
            test_doubles=test_doubles,
        )
        analyser = open_bundle(
            opened,
            options,
            roi=settings.roi,
            guard=settings.guard,
            tracking=settings.tracking or False,
        )
    else:
        options = EngineOptions(
            threads=engine.threads, frame_path="python", test_doubles=test_doubles
        )
        analyser = open_bundle(opened, options, tracking=settings.tracking is not None)
    with analyser:
        return _Replaying(clip, opened, analyser, same_bundle).run()


class _Replaying:
    """One run over a clip."""

    def __init__(
        self, clip: RecordedClip, bundle: Bundle, analyser: Analyser, same_bundle: bool
    ) -> None:
        self._clip, self._bundle, self._analyser = clip, bundle, analyser
        self._same_bundle = same_bundle
        self._engine_number = clip.document.engine_number
        self._machine = _machine(clip, analyser)
        self._count = ChangeCount(
            bundle.manifest.tracking.memory_frames, bundle.manifest.tracking.memory_ms
        )
        self._identical = 0
        self._differing: list[FrameDifference] = []
        self._unanswered: dict[str, int] = {}
        self._asked_again: list[tuple[int, str, str]] = []

    def run(self) -> Replay:
        document = self._clip.document
        for start in document.streams:
            state = self._clip.start(start)
            if not self._same_bundle:  # another network's tracks are none of this one's
                state = StreamState(frozen=state.frozen, tracker=None)
            self._analyser.restore(state, start.stream)
        for row in self._clip.rows:
            if row.answered:
                self._again(row)
            else:
                self._without_answer(row)
        return Replay(
            name=self._clip.name,
            bundle_id=self._bundle.manifest.bundle_id,
            same_bundle=self._same_bundle,
            machine=self._machine,
            frames=len(self._clip.rows),
            answered=len(self._clip.answers),
            identical=self._identical,
            differing=tuple(self._differing),
            unanswered=dict(sorted(self._unanswered.items())),
            asked_again=tuple(self._asked_again),
            changes=None if self._same_bundle else self._count.changes(),
            out_of_step=document.out_of_step,
        )

    def _again(self, row: Row) -> None:
        """A frame that was answered."""
        if row.engine != self._engine_number:
            for stream in {other.stream for other in self._clip.rows}:
                self._analyser.forget(stream)  # as the engine that took over had
            self._engine_number = row.engine
        recorded = self._clip.answers[row.frame]
        now = answer_of(self._analyser.analyse(self._frame(row), stream=row.stream))
        found = exact(recorded, now)
        self._identical += not found
        if not self._same_bundle:
            self._count.add(row.frame, row.stream, recorded, now, row.captured_ns)
            return
        if found and self._machine:
            variant = self._bundle.variant(self._clip.document.engine.variant)
            found = beyond_tolerance(
                recorded,
                now,
                probs=variant.tolerance.probs,
                threshold=self._bundle.manifest.postprocess.flag_threshold,
            )
        if found:
            self._differing.append(FrameDifference(frame=row.frame, differences=found))

    def _without_answer(self, row: Row) -> None:
        """A frame that no engine answered: its stream's memory knows nothing of it."""
        self._unanswered[row.outcome] = self._unanswered.get(row.outcome, 0) + 1
        if row.picture is None:
            return
        aside = ("aside", row.frame)
        now = answer_of(self._analyser.analyse(self._frame(row), stream=aside))
        self._analyser.forget(aside)
        outcome = now.outcome if now.analysed else now.reasons[0]
        self._asked_again.append((row.frame, row.outcome, outcome))

    def _frame(self, row: Row) -> Frame:
        return row.to_frame(self._clip.pixels(row.picture or ""))


def _machine(clip: RecordedClip, analyser: Analyser) -> tuple[tuple[str, str, str], ...]:
    """In what this machine differs from the recorded one, as far as it decides an answer."""
    recorded, here = clip.document.engine, cpu_box()
    same = {name: getattr(here, name) for name in _NOT_NUMERIC}
    rows = fingerprint_differences(dataclasses.replace(recorded.machine, **same), here)
    built = analyser.origin.engine_sha256
    if recorded.engine_sha256 != built:  # one that was built on each device
        rows.append(("engine", recorded.engine_sha256[:12], built[:12]))
    return tuple(rows)
