"""`sonoedge bench BUNDLE`: measure, write, show, judge."""

from __future__ import annotations

import sys
from typing import Any

from sonoedge.bundle import read_bundle
from sonoedge.errors import GateFailed, SonoedgeError
from sonoedge.terminal.termination import termination
from sonoedge_bench.comparison.compare import compared, unlike
from sonoedge_bench.document.build import document
from sonoedge_bench.document.files import read_document
from sonoedge_bench.frame_set import frame_set
from sonoedge_bench.machine import machine
from sonoedge_bench.machine.conditions import conditions
from sonoedge_bench.machine.energy import energy
from sonoedge_bench.machine.other_work import account, other_work
from sonoedge_bench.modes.names import MODES
from sonoedge_bench.modes.plan import Plan, select_variants
from sonoedge_bench.modes.tape import Recording
from sonoedge_bench.options import Options
from sonoedge_bench.report.write import show, write
from sonoedge_bench.targets.judge import judge, with_target
from sonoedge_bench.targets.recognise import differences
from sonoedge_bench.targets.target import Target, target


def run(options: Options) -> int:
    """Measure and report; what was measured is written and shown however the run ends.

    Raises:
        SonoedgeError: an argument, the bundle, the frames or an engine cannot be used.
        GateFailed: a target's budget, a baseline or a soak's limit is not kept.
    """
    wanted = None if options.target is None else target(options.target)
    if wanted is not None:
        options = with_target(options, wanted)
    baseline = None if options.baseline is None else read_document(options.baseline)
    bundle = read_bundle(options.bundle)
    variants = select_variants(bundle, options)
    here = machine()
    apart = [] if wanted is None else differences(wanted, here)
    if wanted is not None and apart:
        told = "; ".join(apart)
        print(
            f"this machine is no {wanted.name}: {told}; its budget is not judged", file=sys.stderr
        )
    plan = Plan(
        options=options,
        bundle=bundle,
        frame_set=frame_set(bundle, options.source, options.size),
        variants=variants,
        energy=energy(),
    )
    if baseline is not None:  # refused now, and not after an hour
        to_be = {"mode": options.mode, "bundle": {"id": bundle.manifest.bundle_id}}
        to_be |= {"machine": here, "shown": {"sha256": plan.frame_set.sha256}}
        unlike(baseline, to_be, force=options.force)
    recording = Recording()
    before, began = conditions(), account()
    stopped: BaseException | None = None
    try:
        with termination():
            MODES[options.mode](plan, recording)
    except BaseException as error:  # noqa: BLE001 - raised again when all is written
        stopped, recording.ended = error, _ended(error)
    finally:
        if plan.energy is not None:
            plan.energy.close()
    if not recording.tapes:
        raise stopped or next(iter(recording.skipped.values()))
    meanwhile = other_work(began, account())
    data = document(
        plan, recording, machine=here, before=before, after=conditions(), meanwhile=meanwhile
    )
    failures = _judge(data, wanted, apart)
    try:
        if baseline is not None:
            result = compared(baseline, data, fail_over=options.fail_over, force=options.force)
            data["comparison"] = result
            failures += result["failures"]
    except SonoedgeError as error:
        stopped = stopped or error
    write(data, options.outputs)
    show(data)
    if stopped is not None:
        raise stopped
    if failures:
        raise GateFailed("; ".join(failures))
    return 0


def _judge(data: dict[str, Any], wanted: Target | None, apart: list[str]) -> list[str]:
    """Adds the target to the document; returns what is not kept, a soak's limits too."""
    failures = []
    if wanted is not None:
        data["target"] = judge(data, wanted, apart)
        failures += data["target"]["failures"]
    for run_ in data["runs"]:
        for process, growth in run_["facts"].get("growth", {}).items():
            if growth["verdict"] == "exceeded":
                failures.append(
                    f"{run_['variant']}: memory of the {process} grows by "
                    f"{growth['mib_per_h']:.1f} MiB per hour, allowed {growth['limit_mib_per_h']:g}"
                )
    return failures


def _ended(error: BaseException) -> str:
    """Why a run ended early, in a word and a sentence."""
    if isinstance(error, KeyboardInterrupt):
        return "interrupted"
    token = getattr(error, "token", type(error).__name__)
    return f"{token}: {error}"
