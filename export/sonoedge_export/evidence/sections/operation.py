"""Where flags are raised, who chose it on what, and whether suspicion is a probability."""

from __future__ import annotations

from sonoedge_export.evidence import forms
from sonoedge_export.evidence.cells import Cell, Row, Section, Table, facts
from sonoedge_export.evidence.document import Place
from sonoedge_export.evidence.inputs import Inputs


def operating_point(inputs: Inputs) -> Section:
    """Threshold, its choice, and what it gave on each set."""
    m = inputs.manifest
    point, post = m / "operating_point", m / "postprocess"
    sets = inputs.place("verification") / "operating_point"
    rows = [
        Row(
            cells=(
                (row / "name").cell(forms.text),
                (row / "frames").cell(forms.integer),
                (row / "independent_samples").cell(forms.integer),
                row.figure("sensitivity", forms.share, ci="sensitivity_ci95", n="positive_frames"),
                row.figure("specificity", forms.share, ci="specificity_ci95", n="negative_frames"),
            )
        )
        for row in sets.rows()
    ]
    probability = inputs.place("verification") / "calibration_error"
    costs = m / "card"
    return Section(
        name="operating-point",
        title="Operating point and calibration",
        tables=(
            facts(
                "point",
                "Operating point",
                [
                    ("flagged from suspicion", (point / "threshold").cell(forms.number)),
                    ("chosen on, as the recipe states", (point / "chosen_on").cell(forms.text)),
                    ("measured on", (point / "measured_on").cell(forms.text)),
                    (
                        "sensitivity",
                        point.figure("sensitivity", forms.share, ci="sensitivity_ci95"),
                    ),
                    (
                        "specificity",
                        point.figure("specificity", forms.share, ci="specificity_ci95"),
                    ),
                    ("cost of a missed lesion", (costs / "cost_of_a_miss").cell(forms.scalar)),
                    ("cost of a false flag", (costs / "cost_of_a_false_flag").cell(forms.scalar)),
                    ("map threshold of a region", (post / "lesion_threshold").cell(forms.number)),
                    ("smallest region, input px", (post / "min_area_input_px").cell(forms.number)),
                    ("most regions", (post / "max_regions").cell(forms.integer)),
                    ("out of scope from", (post / "scope_threshold").cell(forms.number)),
                ],
            ),
            Table(
                name="sets",
                title="What it gave, by set of frames",
                columns=("set", "frames", "independent", "sensitivity", "specificity"),
                rows=tuple(rows),
                note="Of the trained network. A threshold is at its best on frames that chose it.",
            ),
            facts(
                "tracking",
                "Temporal flag",
                _tracking(m / "tracking"),
                "derived: raise_threshold from the operating point, keep_threshold 0.8 times that. "
                "Without a row of evidence, votes are counted.",
            ),
            facts(
                "probability",
                "Suspicion as a probability",
                [
                    ("expected calibration error", (probability / "error").cell(forms.share)),
                    ("by chance alone", (probability / "perfect").cell(forms.share)),
                    ("regions", (probability / "regions").cell(forms.integer)),
                ],
            ),
        ),
    )  # fmt: skip


def _tracking(place: Place) -> list[tuple[str, Cell]]:
    """Its settings, and those of the evidence where that is gathered."""
    rows = [
        (name, setting.cell(forms.number, null="derived"))
        for name, setting in place.items()
        if name != "evidence"
    ]
    evidence = (place / "evidence").items()
    return [*rows, *((f"evidence.{name}", each.cell(forms.number)) for name, each in evidence)]
