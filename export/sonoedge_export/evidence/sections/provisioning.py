"""What a device's own engines answered, and how fast."""

from __future__ import annotations

from typing import Final

from sonoedge_export.evidence import forms
from sonoedge_export.evidence.cells import Mark, Row, Section, Table, facts
from sonoedge_export.evidence.inputs import Inputs

STATUS: Final[dict[str, Mark]] = {"passed": "pass", "failed": "fail", "unavailable": "undecided"}


def provision(inputs: Inputs) -> Section:
    """What the device's own engines answered."""
    tables = []
    for document in inputs.of("provision"):
        root = document.root / "provision"
        rows = []
        for row in (root / "results").rows():
            check, timing = row / "check", row / "timing"
            status = (row / "status").text()
            rows.append(
                Row(
                    cells=(
                        (row / "status").cell(forms.text),
                        (row / "variant").cell(forms.text),
                        (row / "runtime").cell(forms.text),
                        (check / "frames").cell(forms.integer),
                        (check / "flags_agree").cell(forms.percent),
                        (check / "dice").cell(forms.share),
                        (timing / "calls").cell(forms.integer),
                        (timing / "p50_ms").cell(forms.number),
                        (timing / "p90_ms").cell(forms.number),
                        (timing / "p99_ms").cell(forms.number),
                        (row / "why").cell(forms.remark),
                    ),
                    mark=STATUS.get(status, "fail"),
                )
            )
        box = root / "box"
        tables += [
            facts(
                "box",
                "Device",
                [
                    ("created, by the device's clock", (root / "created").cell(forms.text)),
                    ("processor", (box / "cpu").cell(forms.text)),
                    ("instructions", (box / "instructions").cell(forms.words)),
                    ("cores", (box / "cores").cell(forms.integer)),
                    ("packages", (box / "packages").cell(forms.words)),
                    ("conditions", (root / "conditions").cell(forms.words)),
                    ("waited for a processor", (root / "cpu_wait_share").cell(forms.percent)),
                    ("error", (document.root / "error" / "message").cell(forms.text)),
                ],
            ),
            Table(
                name="results",
                title="Engines on the golden frames",
                columns=("status", "variant", "engine", "frames", "flags agree", "overlap")
                + ("calls", "p50 ms", "p90 ms", "p99 ms", "why"),
                rows=tuple(rows),
            ),
        ]
    return Section(
        name="provision", title="Provisioning", tables=tuple(tables), absent="no --provision"
    )
