"""Every variant of a bundle against torch eager, bare calls in turns, in one process.

python benchmarks/peers/torch_eager.py examples/reference/recipe.toml BUNDLE
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

from sonoedge.bundle import read_bundle
from sonoedge.loading import load_variant
from sonoedge.preprocess import Preprocess
from sonoedge_export.graph import build_graph
from sonoedge_export.recipe import read_recipe


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("recipe", type=Path)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--calls", type=int, default=60)
    args = parser.parse_args()
    bundle = read_bundle(args.bundle)
    runtimes = {"torch eager": build_graph(read_recipe(args.recipe)).trained}
    runtimes |= {v.id: load_variant(bundle, v) for v in bundle.manifest.variants}
    scale = Preprocess(bundle.manifest.preprocess)
    tensors = [scale(p)[0].copy() for p in bundle.golden_frames()]
    samples: dict[str, list[float]] = {name: [] for name in runtimes}
    for call in range(args.calls + 5):
        for name, runtime in runtimes.items():
            given = {"frame": tensors[call % len(tensors)]}
            runtime.infer(given)  # the first call after another engine's is not counted
            began = time.monotonic_ns()
            runtime.infer(given)
            if call >= 5:
                samples[name].append((time.monotonic_ns() - began) / 1e6)
    slow = float(np.median(samples["torch eager"]))
    print(f"{'':<20}{'p50 ms':>9}{'p90 ms':>9}{'times as fast as torch eager':>30}")
    for name, values in samples.items():
        p50, p90 = np.percentile(values, [50, 90])
        print(f"{name:<20}{p50:>9.2f}{p90:>9.2f}{slow / p50:>30.1f}")


if __name__ == "__main__":
    main()
