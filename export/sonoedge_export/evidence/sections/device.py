"""What was measured on devices: latency by target, reliability, provisioning, guard, log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from sonoedge_export.evidence import forms
from sonoedge_export.evidence.cells import (
    Cell,
    Mark,
    NotProvided,
    Row,
    Section,
    Source,
    Table,
    Value,
    facts,
    label,
)
from sonoedge_export.evidence.document import Document, Place
from sonoedge_export.evidence.inputs import Inputs

# mode: the figure that a user of it waits for
MAIN_FIGURE: Final = {
    "closed": "analyse_ms",
    "paced": "age_ms",
    "soak": "age_ms",
    "sweep": "age_ms",
    "cold": "open_ms",
}
QUANTILES: Final = ("p50", "p90", "p99", "p999")


def latency(inputs: Inputs) -> Section:
    """Each benchmark: its machine, its runs, its target's budget."""
    tables: list[Table] = []
    for number, document in enumerate(inputs.of("bench"), 1):
        tables += _bench(document, number)
    return Section(
        name="latency", title="Latency by target", tables=tuple(tables), absent="no --bench"
    )


def reliability(inputs: Inputs) -> Section:
    """What a live session survived."""
    tables = []
    for document in inputs.of("reliability"):
        root = document.root
        rows = [
            Row(
                cells=(
                    _met(figure / "met"),
                    label(part, figures.source),
                    (figure / "name").cell(forms.text),
                    (figure / "value").cell(forms.number),
                    (figure / "unit").cell(forms.remark),
                    (figure / "limit").cell(forms.number, null="none"),
                ),
                mark=_mark(figure / "met"),
            )
            for part, figures in (root / "parts").items()
            for figure in figures.rows()
        ]
        tables += [
            facts(
                "machine",
                "Machine",
                [
                    ("quick run, which claims nothing", (root / "quick").cell(forms.yes_no)),
                    *_machine(root / "machine"),
                ],
            ),
            Table(
                name="figures",
                title="Figures",
                columns=("limit kept", "part", "figure", "value", "unit", "limit"),
                rows=_failed_first(rows),
            ),
        ]
    return Section(
        name="reliability", title="Reliability", tables=tuple(tables), absent="no --reliability"
    )


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
                    mark=_STATUS.get(status, "fail"),
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


def guard(inputs: Inputs) -> Section:
    """How often the guard stopped what, and by which settings."""
    settings = inputs.manifest / "guard"
    tables = [
        facts(
            "settings",
            "Settings of the bundle",
            [(name, place.cell(forms.scalar, null="off")) for name, place in settings.items()],
        )
    ]
    for document in inputs.of("guard"):
        root = document.root
        tables += [
            facts("measured", "Settings that were measured", _guard_settings(root, settings)),
            Table(
                name="rates",
                title="Rates",
                columns=("limit kept", "pictures", "number", "stopped", "least", "most", "reasons"),
                rows=_failed_first(_rate(row) for row in (root / "rates").rows()),
            ),
        ]
    return Section(name="guard", title="Guard", tables=tuple(tables))


def audit(inputs: Inputs) -> Section:
    """What the check of a device's log told."""
    tables = [
        facts(
            "verified",
            "Audit log",
            [(name, place.cell(forms.scalar, null="none")) for name, place in d.root.items()],
        )
        for d in inputs.of("audit")
    ]
    return Section(name="audit", title="Audit log", tables=tuple(tables), absent="no --audit")


_STATUS: Final[dict[str, Mark]] = {"passed": "pass", "failed": "fail", "unavailable": "undecided"}


def _bench(document: Document, number: int) -> Iterator[Table]:
    root = document.root
    mode = (root / "mode").text()
    figure = MAIN_FIGURE.get(mode, "analyse_ms")
    yield facts(
        f"{number}-conditions",
        f"{document.name}: machine and conditions",
        [
            ("mode", (root / "mode").cell(forms.text)),
            ("complete", (root / "complete").cell(forms.yes_no)),
            ("target", (root / "target" / "name").cell(forms.text)),
            ("this machine is the target", (root / "target" / "matches").cell(forms.yes_no)),
            *_machine(root / "machine"),
            ("frames", (root / "frames" / "name").cell(forms.text)),
            ("frames, SHA-256", (root / "frames" / "sha256").cell(forms.digest)),
            ("signs of throttling", (root / "conditions" / "throttling").cell(forms.words)),
            ("cores taken by other work",
             (root / "conditions" / "other_work" / "other_cores").cell(forms.number)),
        ],
    )  # fmt: skip
    yield Table(
        name=f"{number}-runs",
        title=f"{document.name}: {figure.removesuffix('_ms')}, ms",
        columns=("variant", "threads", "fps", "deadline ms", *QUANTILES, "max", "submitted")
        + ("analysed", "late", "lost", "counts add up"),
        rows=tuple(_run(row, figure) for row in (root / "runs").rows()),
        note="Quantiles with their 95 % intervals; one that the sample is too small for is not "
        "provided.",
    )
    limits = root / "target" / "limits"
    yield Table(
        name=f"{number}-budget",
        title=f"{document.name}: budget of the target",
        columns=("limit kept", "variant", "limit", "value", "most", "reason"),
        rows=_failed_first(
            Row(
                cells=(
                    _met(row / "met"),
                    (row / "variant").cell(forms.text),
                    (row / "name").cell(forms.text),
                    (row / "value").cell(forms.number),
                    (row / "limit").cell(forms.number),
                    (row / "reason").cell(forms.remark),
                ),
                mark=_mark(row / "met"),
            )
            for row in limits.rows()
        ),
    )


def _run(row: Place, figure: str) -> Row:
    summary, outcomes = row / "figures" / figure, row / "outcomes"
    balanced = (outcomes / "balanced").cell(forms.yes_no)
    return Row(
        cells=(
            (row / "variant").cell(forms.text),
            (row / "threads").cell(forms.integer),
            (row / "fps").cell(forms.number, null="back to back"),
            (row / "deadline_ms").cell(forms.number, null="none"),
            *(_quantile(summary / name) for name in QUANTILES),
            (summary / "max").cell(forms.number),
            (outcomes / "submitted").cell(forms.integer),
            (outcomes / "analysed").cell(forms.integer),
            (outcomes / "late").cell(forms.integer, null="no deadline"),
            (outcomes / "lost").cell(forms.integer, null="no deadline"),
            balanced,
        ),
        mark="fail" if (outcomes / "balanced").value is False else "",
    )


def _quantile(place: Place) -> Cell:
    cell = (place / "value").cell(forms.number)
    if isinstance(cell, NotProvided):
        return cell
    keys = tuple((place / key).key for key in ("value", "low", "high"))
    low, high = ((place / end).cell(forms.number).text for end in ("low", "high"))
    return Value(
        text=cell.text,
        value=place.value["value"],
        source=Source(file=place.document.name, keys=keys),
        detail=f"{low} to {high}",
    )


def _machine(place: Place) -> list[tuple[str, Cell]]:
    return [
        ("processor", (place / "cpu").cell(forms.text)),
        ("cores", (place / "cores").cell(forms.integer)),
        ("instructions", (place / "instructions").cell(forms.words)),
        ("GPU", (place / "gpu").cell(forms.text)),
        ("kernel", (place / "kernel").cell(forms.text)),
        ("packages", (place / "packages").cell(forms.words)),
    ]


def _failed_first(rows: Iterable[Row]) -> tuple[Row, ...]:
    return tuple(sorted(rows, key=lambda row: row.mark != "fail"))


def _met(place: Place) -> Cell:
    """ "kept", "NOT KEPT", or that nobody can say."""
    value = place.value
    if value is None and not place.is_null:
        return NotProvided(source=place.source)
    if value is not None and not isinstance(value, bool):
        place.cell(forms.yes_no)  # refuses it
    words = {True: "kept", False: "NOT KEPT", None: "not judged"}
    return Value(text=words[value], value=value, source=place.source)


def _mark(place: Place) -> Mark:
    return {True: "pass", False: "fail"}.get(place.value, "")  # type: ignore[return-value]


def _rate(row: Place) -> Row:
    limited = (row / "minimum").value is not None or (row / "maximum").value is not None
    return Row(
        cells=(
            _met(row / "met") if limited else Value(
                text="not judged", value=None, source=(row / "minimum").source
            ),
            (row / "name").cell(forms.text),
            (row / "frames").cell(forms.integer),
            row.figure("share", forms.percent, n="frames"),
            (row / "minimum").cell(forms.percent, null="none"),
            (row / "maximum").cell(forms.percent, null="none"),
            (row / "reasons").cell(forms.words),
        ),
        mark=_mark(row / "met") if limited else "",
    )  # fmt: skip


def _guard_settings(root: Place, bundle: Place) -> list[tuple[str, Cell]]:
    """The settings of a measurement that the bundle does not have; `frozen_after_ms` judges no
    single picture."""
    rows: list[tuple[str, Cell]] = []
    for name, place in (root / "settings").items():
        if name != "frozen_after_ms" and place.value != (bundle / name).value:
            rows.append((f"{name}, other than the bundle's", place.cell(forms.scalar, null="off")))
    if not rows:
        source = (root / "settings").source
        rows.append(("settings", Value(text="those of the bundle", value=True, source=source)))
    return rows
