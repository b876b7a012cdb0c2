"""`sonoedge doctor`: what this machine offers, what is missing, and how to install it.

It reads and reports; it loads no engine, changes nothing, and never fails because
something is missing. The GPU's driver is asked in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from sonoedge.device import cpu, jetson
from sonoedge.settings import plain
from sonoedge.verbs.nvidia import Nvidia, nvidia
from sonoedge.verbs.nvidia import rows as about_nvidia
from sonoedge.verbs.parts import ENGINES, EXTRAS, Part, engine, extra
from sonoedge.verbs.placements import Placements, placement_rows, placements


@dataclass(frozen=True, slots=True, kw_only=True)
class Processor:
    """The CPU, and how much of it is ours.

    Attributes:
        model: its name; None where the system does not say.
        instructions: those that matter here, as the Linux kernel spells them.
        good_for: the same in plain words.
        cores: cores that this process may run on.
        quota_cores: cores' worth of time that the control group allows; None for no limit.
        threads: threads that an engine will use.
    """

    model: str | None
    instructions: tuple[str, ...]
    good_for: str
    cores: int
    quota_cores: float | None
    threads: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """Everything that `sonoedge doctor` reports; versions as text.

    Attributes:
        provision: how the threads of a bundle's engines are placed; None where none is named.
    """

    sonoedge: str
    python: str
    system: str
    numpy: str
    opencv: str
    cpu: Processor
    engines: tuple[Part, ...]
    extras: tuple[Part, ...]
    nvidia: Nvidia
    provision: Placements | None = None


def doctor(argv: Sequence[str]) -> int:
    """The verb; 0.

    Raises:
        BundleError, TrustError: the bundle that is named cannot be used.
    """
    parser = argparse.ArgumentParser(
        prog="sonoedge doctor",
        description="Show what this machine offers, what is missing, and how to install it. "
        "Loads no engine, changes nothing, and never fails because something is missing.",
    )
    parser.add_argument(
        "bundle",
        nargs="?",
        type=Path,
        metavar="BUNDLE",
        help="also how the threads of this bundle's engines are placed here, and why",
    )
    parser.add_argument("--json", action="store_true", help="as JSON on standard output")
    args = parser.parse_args(argv)
    findings = examine()
    if args.bundle is not None:
        findings = replace(findings, provision=placements(args.bundle))
    print(json.dumps(plain(findings), indent=2) if args.json else "\n".join(_lines(findings)))
    return 0


def examine(tegra_release: Path = jetson.RELEASE) -> Findings:
    """Look at this machine."""
    from sonoedge import __version__

    instructions = cpu.instructions()
    return Findings(
        sonoedge=__version__,
        python=platform.python_version(),
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        numpy=np.__version__,
        opencv=cv2.__version__,
        cpu=Processor(
            model=cpu.cpu_model(),
            instructions=instructions,
            good_for=good_for(instructions),
            cores=cpu.affinity(),
            quota_cores=cpu.quota(),
            threads=cpu.usable_threads(),
        ),
        engines=tuple(engine(name) for name in ENGINES),
        extras=tuple(extra(name) for name in EXTRAS),
        nvidia=nvidia(tegra_release),
    )


def good_for(instructions: Sequence[str]) -> str:
    """One plain sentence about int8 and bf16 on a processor with these instructions."""
    int8 = [name for flag, name in cpu.INT8.items() if flag in instructions]
    bf16 = [name for flag, name in cpu.BF16.items() if flag in instructions]
    if not instructions:
        return "the system does not say what this processor can do; measure each variant"
    first = (
        f"int8 runs in hardware ({', '.join(int8)})"
        if int8
        else "no int8 instructions, so int8 may be no faster than float32: measure it"
    )
    second = f"bf16 runs in hardware ({', '.join(bf16)})" if bf16 else "no bf16 in hardware"
    return f"{first}; {second}"


def _lines(findings: Findings) -> Iterator[str]:
    """Text for a person, in two aligned columns."""
    limit = (
        "no limit" if findings.cpu.quota_cores is None else f"{findings.cpu.quota_cores:g} cores"
    )
    rows = [
        ("sonoedge", f"{findings.sonoedge}, Python {findings.python}, {findings.system}"),
        ("libraries", f"NumPy {findings.numpy}, OpenCV {findings.opencv}"),
        ("", ""),
        ("cpu", findings.cpu.model or "unknown"),
        ("", findings.cpu.good_for),
        ("", f"instructions: {' '.join(findings.cpu.instructions) or 'unknown'}"),
        ("cores", f"{findings.cpu.cores} by affinity, {limit} by quota"),
        ("threads", f"{findings.cpu.threads} for an engine"),
        *about_nvidia(findings.nvidia),
    ]
    for title, parts in (("engines", findings.engines), ("extras", findings.extras)):
        rows += [("", ""), (title, "")]
        for part in parts:
            rows += _part(part)
    if findings.provision is not None:
        rows += placement_rows(findings.provision)
    yield from (f"{label:13} {value}".rstrip() for label, value in rows)


def _part(part: Part) -> Iterator[tuple[str, str]]:
    versions = ", ".join(f"{name} {number}" for name, number in part.installed.items())
    yield (
        f"  {part.name}",
        part.purpose if part.purpose != "runtime" else versions or "not installed",
    )
    if versions and part.purpose != "runtime":
        yield "", versions
    if part.install is not None:
        yield "", f"missing {', '.join(part.missing)}: {part.install}"
