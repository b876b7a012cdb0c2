"""Write the figures into MODEL_CARD.md, between its two marks.

python card.py BUNDLE BUSI/frames.json BUSBRA/frames.json BREAST_USG/frames.json
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from sonoedge_export.stages import Stages
from sonoedge_export.verify import verify_bundle

CARD = Path(__file__).with_name("MODEL_CARD.md")
BEGIN, END = "<!-- figures: begin (made by card.py) -->", "<!-- figures: end -->"
HEAD = (
    "| frames | n | Dice | AUROC | lesions found | false regions per frame | sensitivity "
    "| specificity |\n|---|---|---|---|---|---|---|---|"
)


def cell(metrics: dict[str, Any], name: str) -> str:
    value, interval = metrics[name], metrics.get(f"{name.removesuffix('_mean')}_ci95")
    if value is None:
        return "-"
    tail = "" if interval is None else f" [{interval[0]:.3f}, {interval[1]:.3f}]"
    return f"{value:.3f}{tail}"


def row(name: str, metrics: dict[str, Any]) -> str:
    keys = ("dice_mean", "malignancy_auroc", "region_sensitivity", "false_regions_per_frame")
    cells = [cell(metrics, k) for k in (*keys, "sensitivity", "specificity")]
    return f"| {name} | {metrics['frames']} | {' | '.join(cells)} |"


def main(bundle: Path, files: list[Path]) -> None:
    lines, engines = (
        [HEAD],
        ["| frames | variant | Dice | AUROC | flags agree |", "|---|---|---|---|---|"],
    )
    name = ""
    for file, split in zip(files, ("test", "test", None), strict=True):
        report = verify_bundle(bundle, file, split, None, Stages())
        name = report["bundle_id"]
        title = report["data"] + (f" {split}" if split else ", all")
        first = report["variants"][0]
        lines.append(row(f"**{title}**", first["metrics"]))
        lines += [row(f"{title}: {part}", m) for part, m in first["subgroups"].items()]
        for v in report["variants"]:
            m = v["metrics"]
            figures = " | ".join(cell(m, k) for k in ("dice_mean", "malignancy_auroc"))
            engines.append(f"| {title} | {v['id']} | {figures} | {m['flag_agreement']:.1%} |")
    text = CARD.read_text()
    before, after = text.partition(BEGIN)[0], text.partition(END)[2]
    body = "\n".join(
        [
            f"Bundle `{name}`, variant onnxruntime-fp32:",
            "",
            *lines,
            "",
            "All variants:",
            "",
            *engines,
        ]
    )
    CARD.write_text(f"{before}{BEGIN}\n\n{body}\n\n{END}{after}")
    print(body)


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(a) for a in sys.argv[2:]])
