"""Every variant of a network's two bundles, timed in turns."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import sonoedge
from sonoedge import EngineOptions
from sonoedge.bundle import read_bundle
from sonoedge_export.candidates.latency import interleaved_p50, timing_frames
from sonoedge_export.data.labelled import read_labelled
from sonoedge_export.recipe.recipe import read_recipe


def timed(folder: Path, *, rounds: int = 5, burst: int = 3) -> dict[str, Any]:
    """Median milliseconds of one engine call: by bundle ("unpruned", "pruned") and variant.

    What `auto` takes is the fastest of a bundle's variants, by these times.
    """
    spec = read_recipe(folder / "float.toml")
    data = read_labelled(spec.path("frames/frames.json"), "judged")
    bundles = [b for b in ("unpruned", "pruned") if (folder / b / "manifest.json").is_file()]
    with ExitStack() as opened:
        runtimes = {}
        for bundle in bundles:
            for variant in read_bundle(folder / bundle).manifest.variants:
                analyser = sonoedge.open(
                    folder / bundle, EngineOptions(variant=variant.id), tracking=False
                )
                opened.callback(analyser.close)
                runtimes[f"{bundle} {variant.id}"] = analyser.engine
        found = interleaved_p50(
            runtimes, timing_frames(data, spec.input), rounds=rounds, burst=burst
        )
    times: dict[str, Any] = {b: {} for b in bundles}
    for name, ms in found.items():
        bundle, _, variant = name.partition(" ")
        times[bundle][variant] = ms
    return {"p50_ms": times, "auto": {b: min(t, key=t.__getitem__) for b, t in times.items()}}
