"""`sonoedge bench BUNDLE`: measure, write, show, judge."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Sequence

from sonoedge.errors import GateFailed, SonoedgeError
from sonoedge.terminal.termination import termination
from sonoedge_bench.assemble import assemble
from sonoedge_bench.comparison.compare import compare, unlike
from sonoedge_bench.document import Document
from sonoedge_bench.document.document import Identity
from sonoedge_bench.document.files import read_document
from sonoedge_bench.document.machine import Machine
from sonoedge_bench.graph import graph_job
from sonoedge_bench.job import Job, bundle_job
from sonoedge_bench.machine import machine
from sonoedge_bench.machine.conditions import machine_state
from sonoedge_bench.machine.energy import Energy, energy
from sonoedge_bench.machine.other_work import account, other_work
from sonoedge_bench.modes.tape import Recording
from sonoedge_bench.options import Options
from sonoedge_bench.report.write import show, write
from sonoedge_bench.targets.judge import judge, with_target
from sonoedge_bench.targets.recognise import differences
from sonoedge_bench.targets.target import Target, load_target


def run(options: Options) -> int:
    """Measure and report; what was measured is written and shown however the run ends.

    Raises:
        SonoedgeError: an argument, the model, the frames or an engine cannot be used.
        GateFailed: a target's budget, a baseline or a soak's limit is not kept.
    """
    target = None if options.target is None else load_target(options.target)
    if target is not None:
        options = with_target(options, target)
    baseline = None if options.baseline is None else read_document(options.baseline)
    this_machine = machine()
    mismatch = () if target is None else _mismatch(target, this_machine)
    sensor = energy()
    try:
        job = (graph_job if options.is_graph else bundle_job)(options, sensor)
        if baseline is not None:  # refused now, and not after an hour
            unlike(baseline.identity, _identity(options, job, this_machine), force=options.force)
        document, error = _measure(options, job, this_machine, sensor)
    finally:
        if sensor is not None:
            sensor.close()
    failures = _growth_failures(document)
    if target is not None:
        result = judge(document, target, mismatch)
        document = dataclasses.replace(document, target=result)
        failures += result.failures
    if baseline is not None:
        try:
            comparison = compare(
                baseline, document, fail_over=options.fail_over, force=options.force
            )
            document = dataclasses.replace(document, comparison=comparison)
            failures += comparison.failures
        except SonoedgeError as refusal:
            error = error or refusal
    write(document, options.outputs)
    show(document)
    if error is not None:
        raise error
    if failures:
        raise GateFailed("; ".join(failures))
    return 0


def _measure(
    options: Options, job: Job, this_machine: Machine, sensor: Energy | None
) -> tuple[Document, BaseException | None]:
    """The document, and what ended the measurement early.

    Raises:
        SonoedgeError: nothing at all was measured.
    """
    recording = Recording()
    before, start = machine_state(), account()
    error: BaseException | None = None
    try:
        with termination():
            job.measure(recording)
    except BaseException as stop:  # noqa: BLE001 - raised again when all is written
        error, recording.stop_reason = stop, _stop_reason(stop)
    if not recording.tapes:
        raise error or next(iter(recording.skipped.values()))
    document = assemble(
        options,
        job,
        recording,
        machine=this_machine,
        energy_sensor=None if sensor is None else sensor.name,
        before=before,
        after=machine_state(),
        other_work=other_work(start, account()),
    )
    return document, error


def _mismatch(target: Target, this_machine: Machine) -> Sequence[str]:
    """How this machine differs from the target; printed too."""
    result = differences(target, this_machine)
    if result:
        print(
            f"this machine is not {target.name}: {'; '.join(result)}; its budget is not judged",
            file=sys.stderr,
        )
    return result


def _identity(options: Options, job: Job, this_machine: Machine) -> Identity:
    """Of the document that is going to be made."""
    return Identity(
        mode=options.mode,
        model_id=job.model.id,
        machine=this_machine,
        frames_sha256=job.frames.sha256,
    )


def _growth_failures(document: Document) -> list[str]:
    """A soak's limits that are not kept."""
    return [
        f"{run_.variant}: memory of the {process} grows by "
        f"{growth.mib_per_h:.1f} MiB per hour, allowed {growth.limit_mib_per_h:g}"
        for run_ in document.runs
        for process, growth in run_.growth.items()
        if growth.verdict == "exceeded"
    ]


def _stop_reason(error: BaseException) -> str:
    """Why a run ended early, in a word and a sentence."""
    if isinstance(error, KeyboardInterrupt):
        return "interrupted"
    token = getattr(error, "token", type(error).__name__)
    return f"{token}: {error}"
