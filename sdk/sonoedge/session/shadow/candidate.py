"""From a caller's `Shadow` to the thread that runs the candidate."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

from sonoedge.session.engine import Engine
from sonoedge.session.exchange import Exchange
from sonoedge.session.opening import Opening
from sonoedge.session.session_bundle import SessionBundle
from sonoedge.session.shadow.mailbox import ShadowMailbox
from sonoedge.session.shadow.settings import Shadow
from sonoedge.session.shadow.supervisor import ShadowSupervisor
from sonoedge.session.shadow.tally import ShadowTally
from sonoedge.session.worker.process import ProcessWorker
from sonoedge.session.worker.setup import Setup
from sonoedge.session.worker.shared_memory import FrameMemory


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Candidate:
    """A candidate whose manifest has been read.

    Attributes:
        memory: where frames cross to its worker: its own, so that it sees none but those that
            it is shown.
    """

    settings: Shadow
    bundle: SessionBundle
    bundle_id: str
    manifest_sha256: str
    memory: FrameMemory

    def start(self, exchange: Exchange, clock_ns: Callable[[], int]) -> ShadowSupervisor:
        """What runs it beside a session; its `run` is for a thread of its own."""
        tally = ShadowTally(self.bundle_id)
        mailbox = ShadowMailbox(
            self.settings.every,
            tally,
            is_calm=exchange.is_calm,
            give_back=exchange.buffers.give_back,
        )
        return ShadowSupervisor(
            self.settings,
            tally,
            mailbox,
            make=self.bundle.make,
            release=self._release,
            clock_ns=clock_ns,
        )

    def _release(self) -> None:
        self.memory.close()
        self.bundle.release()


def read_candidate(settings: Shadow, opening: Opening, python: str) -> Candidate:
    """Read a candidate's manifest, and ask who vouches for it.

    It is opened as the session's bundle is, but for what its settings say, and without
    tracking: it sees too few of the frames to follow anything.

    Args:
        python: the interpreter that its worker runs on.

    Raises:
        BundleError, MissingDependency: as `sonoedge.bundle.read_bundle`.
    """
    memory = FrameMemory(room=0)

    def start(setup: Setup) -> Engine:
        return ProcessWorker(setup, memory, python)

    own = dataclasses.replace(
        opening,
        start=start,
        certainty=None,  # thresholds are of one bundle, and nothing of a candidate's is described
        engine=settings.engine,
        trust=opening.trust if settings.trust is None else settings.trust,
        tracking=False,
        explain=False,
    )
    try:
        admitted = own.read(settings.bundle)
    except BaseException:
        memory.close()
        raise
    return Candidate(
        settings=settings,
        bundle=admitted.bundle,
        bundle_id=admitted.bundle_id,
        manifest_sha256=admitted.opened.manifest_sha256,
        memory=memory,
    )
