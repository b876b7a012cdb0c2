"""Accuracy figures as text, alike for every verb."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sonoedge.bundle import Manifest


def table(manifest: Manifest) -> str:
    """The variants, one line each; a pruned one agrees with its own network too."""
    lines = [f"{'variant':<24} {'p50 ms':>8} {'Dice':>7} {'AUROC':>7} {'flags agree':>12}"]
    for v in manifest.variants:
        m = v.metrics
        lines.append(
            f"{v.id:<24} {number(v.latency_ms_p50):>8} {number(m['dice_mean']):>7} "
            f"{number(m['malignancy_auroc']):>7} {percent(m['flag_agreement']):>12}"
            + (f"  (own {percent(m['own']['flag_agreement'])})" if "own" in m else "")
        )
    return "\n".join(lines)


def lines(metrics: Mapping[str, Any], indent: str = "  ") -> Iterator[str]:
    """One line for each figure, with its 95 % interval where there is one."""
    for name, value in metrics.items():
        if name.endswith("_ci95") or name in ("gates", "own"):
            continue
        text = percent(value) if name.endswith("agreement") else number(value)
        interval = metrics.get(f"{name.removesuffix('_mean')}_ci95")
        tail = "" if interval is None else f"  [{interval[0]:.3f}, {interval[1]:.3f}]"
        yield f"{indent}{name:<26} {text}{tail}"


def number(value: float | int | None) -> str:
    """Three decimals; counts as they are; "-" for None."""
    if value is None:
        return "-"
    return str(value) if isinstance(value, int) else f"{value:.3f}"


def percent(share: float | None) -> str:
    """A share, 0 to 1, in percent with one decimal, never rounded up to 100 %; "-" for None."""
    if share is None:
        return "-"
    return f"{min(share * 100, 99.9) if share < 1 else 100:.1f} %"
