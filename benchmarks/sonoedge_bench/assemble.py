"""A recording as a document."""

from __future__ import annotations

from sonoedge_bench.document import SCHEMA, Document
from sonoedge_bench.document.document import Settings
from sonoedge_bench.document.machine import Conditions, Machine, MachineState, OtherWork
from sonoedge_bench.job import Job
from sonoedge_bench.machine.conditions import throttling
from sonoedge_bench.modes.tape import Recording
from sonoedge_bench.options import Options
from sonoedge_bench.summarise import summarise


def assemble(
    options: Options,
    job: Job,
    recording: Recording,
    *,
    machine: Machine,
    energy_sensor: str | None,
    before: MachineState,
    after: MachineState,
    other_work: OtherWork,
) -> Document:
    """The document without target and comparison, which are added by whoever makes them."""
    active = [r for t in recording.tapes if t.monitor is not None for r in t.monitor.throttled_by]
    return Document(
        schema=SCHEMA,
        mode=options.mode,
        complete=not recording.stop_reason,
        stop_reason=recording.stop_reason,
        model=job.model,
        settings=Settings(
            fps=options.fps,
            duration_s=options.duration_s or None,
            frames=options.frames,
            repeats=options.repeats if options.mode == "cold" else None,
            threads=options.threads,
            isolation=options.isolation,
            size=options.size,
        ),
        frames=job.frames,
        machine=machine,
        energy_sensor=energy_sensor,
        conditions=Conditions(
            before=before,
            after=after,
            throttling=throttling(before, after, active),
            other_work=other_work,
        ),
        skipped={name: str(error) for name, error in recording.skipped.items()},
        target=None,
        comparison=None,
        runs=tuple(summarise(tape) for tape in recording.tapes),
    )
