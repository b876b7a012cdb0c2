"""The bundle against an older one, as a plan of predetermined changes asks for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from sonoedge.bundle.names import printable
from sonoedge.comparison import Change, Comparison, FigureChange
from sonoedge.comparison.areas import AREAS
from sonoedge.comparison.compare import ABSENT
from sonoedge.comparison.words import SAME_FRAMES, gate_words, grouped, value_words
from sonoedge.errors import InvalidData
from sonoedge_export.evidence.cells import (
    Cell,
    NotProvided,
    Row,
    Section,
    Source,
    Table,
    Value,
)
from sonoedge_export.evidence.document import Place
from sonoedge_export.evidence.inputs import OLDER, Inputs
from sonoedge_export.evidence.sections.performance import gate_row, open_first

NEW: Final = "manifest.json"
BOTH: Final = f"{OLDER}; {NEW}"


def against(inputs: Inputs) -> Section:
    """Modification, protocol, impact; then every value that differs, and every figure."""
    comparison = inputs.comparison
    tables: tuple[Table, ...] = ()
    if comparison is not None:
        tables = (
            _plan(comparison),
            _paired(inputs, comparison),
            _changes(comparison),
            _figures(comparison),
        )
    return Section(
        name="against",
        title="Changes against an older bundle",
        tables=tables,
        absent="no --against",
    )


def _plan(comparison: Comparison) -> Table:
    protocol = Value(
        text=f"gates of the new bundle: {gate_words(comparison)}",
        value=dict(comparison.gate_answers),
        source=Source(file=NEW, keys=("variants.metrics.gates",)),
        detail=SAME_FRAMES[comparison.same_frames],
    )
    impact = _impact(comparison)
    rows = []
    for area in AREAS:
        changes = comparison.of(area)
        if area == "results" or (area == "other" and not changes):
            continue
        keys = tuple(c.key for c in changes)
        source = Source(file=BOTH, keys=keys)
        words = [f"{key}: {text}" for key, text in grouped(changes).items()]
        changed = Value(
            text="\n".join(words) if words else "unchanged", value=list(keys), source=source
        )
        absent: Cell = Value(text="unchanged", value=None, source=source)
        name = Value(text=area, value=area, source=source)
        cells = (name, changed, protocol, impact) if words else (name, changed, absent, absent)
        rows.append(Row(cells=cells))
    return Table(
        name="plan",
        title=f"{comparison.new_id} against {comparison.old_id}",
        columns=("part", "modification", "protocol", "impact"),
        rows=tuple(rows),
        note="Where several parts are modified, protocol and impact are of all of them together.",
    )


def _impact(comparison: Comparison) -> Cell:
    """The reference figures of the first variant that both have."""
    words, keys = [], []
    for figure in comparison.figures:
        if figure.variant == comparison.figures[0].variant and figure.difference is not None:
            words.append(f"{figure.figure} {figure.difference:+.4f}")
            keys.append(_key(figure))
    source = Source(file=NEW, keys=tuple(keys))
    if not words:
        return NotProvided(source=source)
    text = f"{comparison.figures[0].variant}: {', '.join(words)}"
    return Value(text=text, value=words, source=source, detail="new minus old")


def _paired(inputs: Inputs, comparison: Comparison) -> Table:
    """What `sonoedge verify --against` measured of these two bundles, the open answers first."""
    rows = [
        gate_row(place / "figures", gate, root / "data")
        for root in (document.root for document in inputs.of("verify"))
        if (place := root / "against").value is not None
        and _is_of(place / "bundle_id", comparison.old_id)
        for gate, _ in (place / "figures").items()
    ]
    return Table(
        name="paired",
        title="What was lost, on the same frames",
        columns=("answer", "frames", "gate", "measured", "limit", "why"),
        rows=open_first(rows),
        note="Of the reference variants, by the new bundle's limits, with paired intervals; "
        "sonoedge verify --against measures it.",
    )


def _is_of(place: Place, bundle_id: str) -> bool:
    """Refuse figures against a third bundle: they would be read as those against this one."""
    if place.text() != bundle_id:
        raise InvalidData(
            f"{place.document.name} compares with {printable(place.text())[:120]}, not with "
            f"{bundle_id}: sonoedge verify --against makes one of these two bundles"
        )
    return True


def _changes(comparison: Comparison) -> Table:
    return Table(
        name="changes",
        title="Every value that differs",
        columns=("part", "key", "old", "new"),
        rows=tuple(row for area in AREAS for row in _of_area(comparison.of(area))),
        note="A row of a list that was added or removed is one line; sonoedge inspect --against "
        "--json has each of its keys.",
    )


def _of_area(changes: Sequence[Change]) -> Iterator[Row]:
    single = {change.key: change for change in changes}
    for key, text in grouped(changes).items():
        if key in single:
            yield _change(single[key])
            continue
        added = text.startswith("added")
        file = NEW if added else OLDER
        source = Source(file=file, keys=(key,))
        texts = (changes[0].area, key, *(("no such row", text) if added else (text, "no such row")))
        yield Row(cells=tuple(Value(text=t, value=t, source=source) for t in texts))


def _change(change: Change) -> Row:
    here = Source(file=OLDER if change.new is ABSENT else NEW, keys=(change.key,))
    cells = [Value(text=t, value=t, source=here) for t in (change.area, change.key)]
    for file, value in ((OLDER, change.old), (NEW, change.new)):
        source = Source(file=file, keys=(change.key,))
        text = "no such key" if value is ABSENT else value_words(value)
        cells.append(Value(text=text, value=None if value is ABSENT else value, source=source))
    return Row(cells=tuple(cells))


def _figures(comparison: Comparison) -> Table:
    return Table(
        name="figures",
        title="Figures of the variants that both have",
        columns=("variant", "figure", "old", "new", "difference"),
        rows=tuple(
            Row(cells=tuple(_figure(figure)))
            for figure in comparison.figures
            if figure.old is not None or figure.new is not None
        ),
        note=f"Frames: {SAME_FRAMES[comparison.same_frames]}. Whether two intervals overlap says "
        "little of a difference.",
    )


def _figure(figure: FigureChange) -> Iterator[Cell]:
    key = _key(figure)
    both = Source(file=BOTH, keys=(key,))
    here = Source(file=NEW, keys=(key,))
    yield Value(text=figure.variant, value=figure.variant, source=here)
    yield Value(text=figure.figure, value=figure.figure, source=here)
    old = (OLDER, figure.old, figure.old_ci95)
    for file, value, ci in (old, (NEW, figure.new, figure.new_ci95)):
        source = Source(file=file, keys=(key,))
        if value is None:
            yield NotProvided(source=source)
        else:
            detail = "" if ci is None else f"{ci[0]:.3f} to {ci[1]:.3f}"
            yield Value(text=f"{value:.4g}", value=value, source=source, detail=detail)
    if figure.difference is None:
        yield NotProvided(source=both)
    else:
        difference = round(figure.difference, 6)
        yield Value(text=f"{difference:+.4f}", value=difference, source=both)


def _key(figure: FigureChange) -> str:
    place = "latency_ms_p50" if figure.figure == "latency_ms_p50" else f"metrics.{figure.figure}"
    return f"variants[{figure.variant}].{place}"
