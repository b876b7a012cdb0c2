"""sonoedge inspect: what a bundle holds, every digest checked."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sonoedge.bundle import Bundle, Gates, read_bundle
from sonoedge.bundle.names import printable
from sonoedge.comparison import Comparison, compare, words
from sonoedge.device.describe import describe_provision
from sonoedge.device.store import find_provision
from sonoedge.errors import TrustError
from sonoedge.processing.tracking import TrackingSettings
from sonoedge.settings import plain
from sonoedge.trust.policy import TrustPolicy, read_policy
from sonoedge.verbs.inspect_trust import (
    refusal_lines,
    refusal_summary,
    trust_lines,
    trust_summary,
)


def inspect(argv: Sequence[str]) -> int:
    """sonoedge inspect BUNDLE [--against OLD] [--json]"""
    parser = argparse.ArgumentParser(
        prog="sonoedge inspect",
        description="Show what a bundle holds, who signed it, and whether this device would run "
        "it, after checking every file's digest. A bundle that the device's trust policy refuses "
        "ends with exit code 5; its signatures are shown, its contents are not.",
    )
    parser.add_argument("bundle", type=Path, metavar="BUNDLE", help="the bundle's folder")
    parser.add_argument(
        "--against", type=Path, metavar="OLD", help="show what differs from this bundle instead"
    )
    parser.add_argument("--json", action="store_true", help="print JSON to standard output")
    args = parser.parse_args(argv)
    policy = read_policy()
    try:
        bundle = read_bundle(args.bundle, trust=policy)
    except TrustError as refusal:
        if args.json:
            print(json.dumps(refusal_summary(args.bundle, refusal, policy), indent=1))
        else:
            print(_text(refusal_lines(args.bundle, policy)))
        raise
    bundle.check()
    if args.against is not None:
        _print_comparison(_comparison(bundle, args.against), as_json=args.json)
    elif args.json:
        print(json.dumps(_summary(bundle, policy), indent=1))
    else:
        print(_text(_lines(bundle, policy)))
        print("\n".join(f"  {line}" for line in describe_provision(find_provision(bundle), bundle)))
    return 0


def _comparison(bundle: Bundle, older: Path) -> Comparison:
    old = read_bundle(older)
    old.check()
    return compare(old.manifest, bundle.manifest)


def _print_comparison(comparison: Comparison, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(words.as_json(comparison), indent=1))
    else:
        print("\n".join(printable(line) for line in words.lines(comparison)))


def _summary(bundle: Bundle, policy: TrustPolicy) -> dict[str, Any]:
    data: dict[str, Any] = plain(bundle.manifest)
    data["bytes"] = sum(d.bytes for d in bundle.manifest.files.values())
    data["digests_checked"] = len(bundle.manifest.files)
    data["manifest_sha256"] = bundle.manifest_sha256
    data |= trust_summary(bundle, policy)
    provision = find_provision(bundle)
    data["provision"] = {"state": type(provision).__name__.lower(), **plain(provision)}
    data["provision"].pop("folder", None)
    return data


def _text(lines: Sequence[str]) -> str:
    """Lines, each free of what a terminal would act on."""
    return "\n".join(printable(line) for line in lines)


def _lines(bundle: Bundle, policy: TrustPolicy) -> list[str]:
    m = bundle.manifest
    point, network = m.operating_point, m.lineage
    total = sum(d.bytes for d in m.files.values())
    lines = [
        f"{m.bundle_id}",
        f"  intended use    {m.intended_use}",
        f"  task            {m.task}; labels {', '.join(m.postprocess.labels)}",
        f"  created         {m.created or 'not recorded'}",
        f"  input           {m.preprocess.width} x {m.preprocess.height} grey, "
        f"{m.preprocess.resize}",
        f"  outputs         {', '.join(f'{o.name} {o.dtype} {list(o.shape)}' for o in m.outputs)}",
        f"  flag threshold  suspicion {m.postprocess.flag_threshold:g}",
        # The recipe's own words may hold figures: nobody may read them as measured.
        f'    chosen        as the recipe states, not checked: "{point.chosen_on}"',
        f"    measured      on {point.measured_on}: sensitivity "
        f"{_with_interval(point.sensitivity, point.sensitivity_ci95)}"
        f", specificity {_with_interval(point.specificity, point.specificity_ci95)}",
        f"  temporal flag   {_rule(m.tracking)}",
        *_gates(m.gates),
        f"  network         {network.get('network')}, "
        f"{_count(network.get('parameters'))} parameters",
        f"  files           {len(m.files)}, {total / 1e6:.1f} MB; every SHA-256 checked",
        f"  manifest        sha256 {bundle.manifest_sha256}",
        *trust_lines(bundle, policy),
        "",
        f"  {'variant':<26}{'MB':>6}{'p50 ms':>9}{'Dice':>8}{'AUROC':>8}{'flags agree':>13}",
    ]
    for v in m.variants:
        size = sum(m.files[path].bytes for path in v.model_files) / 1e6
        lines.append(
            f"  {v.id:<26}{size:>6.1f}{_ms(v.latency_ms_p50):>9}"
            f"{_number(v.metrics.get('dice_mean')):>8}"
            f"{_number(v.metrics.get('malignancy_auroc')):>8}"
            f"{_percent(v.metrics.get('flag_agreement')):>13}"
        )
    lines.append("  p50: one engine call on the machine that built the bundle.")
    return lines


def _rule(tracking: TrackingSettings) -> str:
    """What raises the flag over frames, and what keeps it up."""
    if (rule := tracking.evidence) is None:
        return (
            f"{tracking.raise_frames} votes in {tracking.window_frames} frames, kept by "
            f"{tracking.keep_frames}"
        )
    return (
        f"evidence of {rule.raise_log_odds:g} log-odds, kept down to {rule.keep_log_odds:g}, "
        f"halved in {rule.half_life_ms:g} ms"
    )


def _gates(gates: Gates) -> list[str]:
    """The limits, three to a line."""
    limits = [f"{name} {value}" for name, value in plain(gates).items()]
    lines = [", ".join(limits[i : i + 3]) for i in range(0, len(limits), 3)]
    return [f"  {'gates' if line is lines[0] else '':<16}{line}" for line in lines]


def _ms(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _number(value: object) -> str:
    """A metric; a manifest may hold anything there."""
    return f"{value:.3f}" if isinstance(value, float | int) else "-"


def _percent(value: object) -> str:
    return f"{value:.1%}" if isinstance(value, float | int) else "-"


def _with_interval(value: float | None, interval: tuple[float, float] | None) -> str:
    tail = "" if interval is None else f" [{interval[0]:.3f}, {interval[1]:.3f}]"
    return _number(value) + tail


def _count(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else "an unknown number of"
