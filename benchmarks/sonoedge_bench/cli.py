"""sonoedge bench"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

import sonoedge
from sonoedge.bundle import Bundle, read_bundle
from sonoedge.errors import InvalidSettings, MissingDependency, RuntimeUnavailable, VariantNotFound
from sonoedge.runtime import RUNTIMES
from sonoedge.sources import open_source
from sonoedge_bench.cold import cold, cold_table
from sonoedge_bench.machine import machine
from sonoedge_bench.measure import measure
from sonoedge_bench.report import report, table


def bench(argv: Sequence[str]) -> int:
    """sonoedge bench BUNDLE"""
    parser = argparse.ArgumentParser(
        prog="sonoedge bench",
        description="Bare engine calls and whole analyses on real frames, in turns.",
    )
    parser.add_argument("bundle", type=Path, metavar="BUNDLE")
    parser.add_argument("--runtime", choices=list(RUNTIMES), help="only this runtime's variants")
    parser.add_argument("--variant", metavar="ID", help="only this variant")
    parser.add_argument("--frames", type=int, default=200, metavar="N", help="per variant (200)")
    parser.add_argument("--threads", type=int, metavar="N", help="engine threads")
    parser.add_argument(
        "--source", metavar="SOURCE", help="frames; the bundle's golden ones if not"
    )
    parser.add_argument("--size", metavar="WxH", help="resize the frames first, such as 640x480")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write figures and raw samples")
    parser.add_argument(
        "--cold",
        type=int,
        metavar="N",
        help="instead: import, open and first frame in N fresh processes per variant",
    )
    args = parser.parse_args(argv)
    if args.frames < 1:
        raise InvalidSettings("--frames must be 1 or more")
    bundle = read_bundle(args.bundle)
    if args.cold is not None:
        return _cold(args, bundle)
    size = _size(args.size)
    pictures = _pictures(bundle, args.source, size)
    with contextlib.ExitStack() as stack:
        analysers = {}
        for v in bundle.manifest.variants:
            if args.runtime in (None, v.runtime) and args.variant in (None, v.id):
                try:
                    analyser = sonoedge.open(args.bundle, variant=v.id, threads=args.threads)
                except (MissingDependency, RuntimeUnavailable) as error:
                    print(f"{v.id}: left out: {error}", file=sys.stderr)
                    continue
                analysers[v.id] = stack.enter_context(analyser)
        if not analysers:
            have = ", ".join(v.id for v in bundle.manifest.variants)
            raise VariantNotFound(f"no such variant can run here; the bundle has {have}")
        spec = bundle.manifest.preprocess
        samples = measure(analysers, spec, pictures, frames=args.frames)
    data = report(bundle.manifest.bundle_id, size, samples)
    _write(args.json, data)
    print(table(data))
    return 0


def _cold(args: argparse.Namespace, bundle: Bundle) -> int:
    if args.cold < 1:
        raise InvalidSettings("--cold must be 1 or more")
    names = [
        v.id
        for v in bundle.manifest.variants
        if args.runtime in (None, v.runtime) and args.variant in (None, v.id)
    ]
    if not names:
        have = ", ".join(v.id for v in bundle.manifest.variants)
        raise VariantNotFound(f"the bundle has no such variant; it has {have}")
    data = cold(args.bundle, names, repeats=args.cold)
    head = {"schema": "sonoedge-bench-cold-1", "bundle_id": bundle.manifest.bundle_id}
    _write(args.json, head | {"machine": machine(), "variants": data})
    print(cold_table(data))
    return 0


def _write(file: Path | None, data: object) -> None:
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(data, allow_nan=False) + "\n")


def _size(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    width, _, height = text.partition("x")
    if not (width.isdigit() and height.isdigit() and int(width) and int(height)):
        raise InvalidSettings(f"--size is {text!r}; write it as 640x480")
    return int(width), int(height)


def _pictures(
    bundle: Bundle, source: str | None, size: tuple[int, int] | None
) -> list[npt.NDArray[np.uint8]]:
    if source is None:
        pictures = bundle.golden_frames()
    else:
        with open_source(source) as frames:
            pictures = [frame.pixels for frame in islice(frames, 64)]
    if size is not None:
        pictures = [
            np.asarray(cv2.resize(p, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
            for p in pictures
        ]
    if len(pictures) == 1:  # one picture alone would be a frozen one
        pictures.append(np.ascontiguousarray(pictures[0][:, ::-1]))
    return pictures
