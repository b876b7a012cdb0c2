"""From rows to docs/explanation/networks.md."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from earlier_page import merged
from families import FAMILIES, VARIANTS

SHORT = {"onnxruntime": "ORT", "openvino": "OV"}


def write_table(rows: Path, file: Path) -> None:
    """Write the document of the rows that there are; it keeps the lines of other networks."""
    found = {
        key: json.loads((rows / f"{key}.json").read_text())
        for key in FAMILIES
        if (rows / f"{key}.json").is_file()
    }
    whole = {key: row for key, row in found.items() if "machine" in row}
    if not whole:
        return
    page = document(whole)
    if file.is_file() and len(whole) < len(FAMILIES):
        titles = [family.title for family in FAMILIES.values()]
        made = [FAMILIES[key].title for key in whole]
        page = merged(file.read_text(encoding="utf-8"), page, titles, made)
    file.write_text(page, encoding="utf-8")


def document(rows: dict[str, dict[str, Any]]) -> str:
    """The page."""
    box = next(iter(rows.values()))["machine"]
    packages = box["packages"]
    missing = [f.title for key, f in FAMILIES.items() if key not in rows]
    parts = [
        HEAD,
        f"Machine{_of(rows)}: {box['architecture']}, {box['cpu']}, {box['cores']} cores "
        f"({', '.join(box['instructions'])}), Python {box['python']}, "
        f"ONNX Runtime {packages['onnxruntime']}, OpenVINO {packages['openvino']}. Where other "
        "work runs on the machine, as it did for the rows kept here, only ratios within a row "
        "mean something: its variants were timed in turns.",
        f"Not run: {'; '.join(missing)}." if missing else "",
        "## Milliseconds per engine and precision (p50), and what `auto` takes",
        "A dash: the variant is not in the bundle; why, is below. `/` separates unpruned and "
        "pruned.",
        _speeds(rows),
        "## Size, parity, agreement",
        "Parity: the largest difference of an fp32 engine to torch, in levels of 255 of the map "
        "and in a frame's probability (U-Nets give none). Agreement: flags alike, over all "
        f"frames ({_frames(rows)} drawn ones) and over decided ones.",
        _sizes(rows),
        "## Pruning to 1.5 times the speed on ONNX Runtime",
        _prunings(rows),
        "## What was refused, and why",
        _refusals(rows),
        "",
    ]
    return "\n\n".join(p for p in parts if p) + "\n"


HEAD = """# Networks of the field

    make networks

Each network is exported, quantized, pruned to a 1.5 x speed-up, and exported and quantized
again. **Nobody trained these networks**: their weights are random but for the last layer, which is
set by drawn frames so that suspicions spread (`examples/networks/fit.py`). The gates know no
labels, so Dice, AUROC and sensitivity are undecided throughout, and nothing here says what
compression costs in accuracy. What is judged is whether an engine still answers like torch: parity
of fp32, and flags, by the gates' defaults ([gates.md](gates.md)); with so few frames a variant
whose flags all agree is undecided too, and reported. Layers are not rescued into float here. A
pruned network is compared with itself in torch, not with the unpruned one: recovery is
switched off, only the last layer is set again.

Classifiers take 224 x 224, U-Nets 256 x 256, one grey channel. Classifiers flag regions of their
activation map, which is part of every graph; VGG's, AlexNet's and MobileNetV3's needs their
linear layers a second time."""


def _speeds(rows: dict[str, dict[str, Any]]) -> str:
    lines = [["network", *(_short(v) for v in VARIANTS), "auto takes"]]
    for key, row in rows.items():
        timing = row.get("timing", {"p50_ms": {}, "auto": {}})
        cells = [FAMILIES[key].title]
        cells += [_both(timing["p50_ms"], variant) for variant in VARIANTS]
        auto = [_short(v) for v in timing["auto"].values()]
        cells.append(" / ".join(dict.fromkeys(auto)) if auto else "-")
        lines.append(cells)
    untimed = [FAMILIES[key].title for key, row in rows.items() if "timing" not in row]
    note = f"\n\nNot timed in this run: {'; '.join(untimed)}." if untimed else ""
    return _grid(lines) + note


def _of(rows: dict[str, dict[str, Any]]) -> str:
    """Whose machine it is, where other networks' rows may come from another."""
    if len(rows) == len(FAMILIES):
        return ""
    return f" of {', '.join(FAMILIES[key].title for key in rows)}"


def _both(times: dict[str, dict[str, float]], variant: str) -> str:
    cells = [times[b].get(variant) for b in ("unpruned", "pruned") if b in times]
    return " / ".join("-" if c is None else f"{c:.1f}" for c in cells) or "-"


def _sizes(rows: dict[str, dict[str, Any]]) -> str:
    lines = [
        ["network", "", "M parameters", "fp32 MB", "int8 MB (ORT, OV)", "parity", "agreement, int8"]
    ]
    for key, row in rows.items():
        for bundle in ("unpruned", "three", "pruned"):
            if not row.get(bundle, {}).get("variants"):
                continue
            made = row[bundle]
            variants = made["variants"]
            count = made["parameters"]
            lines.append(
                [
                    FAMILIES[key].title,
                    {"three": "3 classes"}.get(bundle, bundle),
                    "-" if count is None else f"{count / 1e6:.2f}",
                    _megabytes(variants, "onnxruntime-fp32"),
                    f"{_megabytes(variants, 'onnxruntime-int8')}, "
                    f"{_megabytes(variants, 'openvino-int8')}",
                    _parity(variants),
                    _agreement(variants),
                ]
            )
    return _grid(lines)


def _parity(variants: dict[str, Any]) -> str:
    exact = [v["metrics"] for name, v in variants.items() if name.endswith("fp32")]
    if not exact:
        return "-"
    levels = max(m["map_levels"] for m in exact)
    return f"{levels:.0f} level, {max(m['probs'] for m in exact):.1e}"


def _agreement(variants: dict[str, Any]) -> str:
    cells = []
    for name in ("onnxruntime-int8", "openvino-int8"):
        if name in variants:
            m = variants[name]["metrics"]
            decided = m["decided_agreement"]
            far = "-" if decided is None else f"{decided:.1%}"
            cells.append(f"{_short(name)} {m['flag_agreement']:.1%}, {far}")
    return "; ".join(cells) or "-"


def _prunings(rows: dict[str, dict[str, Any]]) -> str:
    lines = [["network", "M parameters", "GMAC", "ms, unpruned and pruned in turns", "speed-up"]]
    for key, row in rows.items():
        if "prune_refused" in row:
            lines.append([FAMILIES[key].title, "-", "-", f"refused: {row['prune_refused']}", "-"])
        if "prune" not in row:
            continue
        before, after = row["prune"]["parent"], row["prune"]["pruned"]
        (name,) = after["latency_ms"]
        lines.append(
            [
                FAMILIES[key].title,
                f"{before['parameters'] / 1e6:.2f} to {after['parameters'] / 1e6:.2f}",
                f"{before['macs'] / 1e9:.2f} to {after['macs'] / 1e9:.2f}",
                f"{after['parent_ms'][name]:.1f} to {after['latency_ms'][name]:.1f}",
                f"{after['speedup']:.2f}",
            ]
        )
    left = [FAMILIES[k].title for k, r in rows.items() if not {"prune", "prune_refused"} & set(r)]
    note = f"\n\nNot pruned in this run: {'; '.join(left)}." if left else ""
    return (_grid(lines) if len(lines) > 1 else "") + note


def _frames(rows: dict[str, dict[str, Any]]) -> str:
    found = {
        str(v["metrics"]["frames"])
        for row in rows.values()
        for v in row.get("unpruned", {}).get("variants", {}).values()
        if "frames" in v["metrics"]
    }
    return " or ".join(sorted(found)) or "some"


def _refusals(rows: dict[str, dict[str, Any]]) -> str:
    lines = []
    for key, row in rows.items():
        for bundle in ("unpruned", "three", "pruned"):
            for variant, why in row.get(bundle, {}).get("refused", {}).items():
                lines.append(f"- {FAMILIES[key].title}, {bundle}, {variant}: {why}")
    return "\n".join(lines) or "Nothing."


def _megabytes(variants: dict[str, Any], name: str) -> str:
    return f"{variants[name]['bytes'] / 1e6:.1f}" if name in variants else "-"


def _short(variant: str) -> str:
    runtime, _, precision = variant.partition("-")
    return f"{SHORT[runtime]} {precision}"


def _grid(lines: list[list[str]]) -> str:
    head, *rest = (f"| {' | '.join(cells)} |" for cells in lines)
    return "\n".join([head, f"|{'---|' * len(lines[0])}", *rest])
