"""The demo's page: both videos, what each variant keeps of the network, and how fast it is."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

TEMPLATE = Path(__file__).with_name("demo.html")


def write_page(out: Path, *, breast: str, lung: str) -> None:
    """Write index.html into the demo's folder.

    Args:
        out: holds bundle/manifest.json, latency.json and the videos.
        breast, lung: one sentence on each video.
    """
    manifest = json.loads((out / "bundle/manifest.json").read_text())
    latency = json.loads((out / "latency.json").read_text())
    values = {
        "breast": html.escape(breast),
        "lung": html.escape(lung),
        "bundle": html.escape(manifest["bundle_id"]),
        "frames": str(manifest["variants"][0]["metrics"]["frames"]),
        "variants": "".join(variant_rows(manifest["variants"])),
        "left_out": "".join(left_out_items(manifest["lineage"]["left_out"])) or "<li>none</li>",
        "rows": "".join(latency_row(run["variant"], run["figures"]) for run in latency["runs"]),
    }
    page = TEMPLATE.read_text()
    for name, value in values.items():
        page = page.replace("{" + name + "}", value)
    (out / "index.html").write_text(page)


def variant_rows(variants: Iterable[dict[str, Any]]) -> Iterable[str]:
    """What each variant keeps of the trained network, the fastest first."""
    for variant in sorted(variants, key=lambda v: v["latency_ms_p50"]):
        metrics = variant["metrics"]
        cells = (
            f"{variant['latency_ms_p50']:.2f}",
            f"{metrics['dice_mean']:.3f}",
            f"{metrics['malignancy_auroc']:.3f}",
            f"{metrics['flag_agreement']:.1%}",
        )
        shown = "".join(f"<td>{cell}</td>" for cell in cells)
        yield f"<tr><td>{html.escape(variant['id'])}</td>{shown}</tr>"


def left_out_items(left_out: dict[str, str]) -> Iterable[str]:
    """Variants that are not in the bundle, each with its reason."""
    for name, reason in left_out.items():
        yield f"<li>{html.escape(name)}: {html.escape(reason)}</li>"


def latency_row(variant: str, figures: dict[str, Any]) -> str:
    """A variant's latencies: bare engine calls, entire analyses, the difference of the two."""
    bare, analyse = figures["bare_ms"], figures["analyse_ms"]
    ms = [v for f in (bare, analyse) for v in (f["p50"]["value"], f["p90"]["value"], f["max"])]
    cells = "".join(f"<td>{v:.2f}</td>" for v in ms)
    above = figures["overhead_ms"]["p50"]["value"]
    return f"<tr><td>{html.escape(variant)}</td>{cells}<td>{above:.3f}</td></tr>"
