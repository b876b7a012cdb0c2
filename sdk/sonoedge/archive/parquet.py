"""The frames of all parts as one table, without contours (extra `parquet`)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from sonoedge.archive.job import digest
from sonoedge.archive.parts import Parts, damaged, read_manifest
from sonoedge.errors import InvalidData, MissingDependency, ScreeningStopped
from sonoedge.install import install_command

try:
    import pyarrow as pa
    from pyarrow import parquet
except ModuleNotFoundError as error:
    raise MissingDependency(
        f"--parquet needs {error.name}; run: {install_command('parquet')}"
    ) from error

TABLE: Final = "frames.parquet"
_ROWS: Final = 50_000
_COLUMNS: Final = (
    *(("item", pa.string()), ("frame", pa.int32()), ("recorded_ns", pa.int64())),
    *(("outcome", pa.string()), ("reasons", pa.string()), ("flagged", pa.bool_())),
    *(("temporal_flag", pa.bool_()), ("suspicion", pa.float64()), ("regions", pa.int32())),
)


def write_parquet(out: Path) -> Path:
    """Write frames.parquet into a screening's folder; returns its path.

    `item` is the part's name, `reasons` are joined by spaces, `regions` is their number: null
    where the frame was not analysed or the network does not localise.

    Raises:
        InvalidData: it holds no screening, or a part that is damaged.
        ScreeningStopped: it cannot be written.
    """
    identity = read_manifest(out)
    if identity is None:
        raise InvalidData(f"{out.name} holds no screening")
    draft, path = out / f".{TABLE}", out / TABLE
    schema = pa.schema(list(_COLUMNS))
    try:
        with parquet.ParquetWriter(draft, schema, compression="zstd") as writer:
            for rows in _batches(Parts(out, digest(identity))):
                writer.write_table(pa.Table.from_pylist(rows, schema=schema))
        draft.replace(path)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise ScreeningStopped(f"{path.name} cannot be written: {why}") from None
    finally:
        draft.unlink(missing_ok=True)
    return path


def _batches(parts: Parts) -> Iterator[list[dict[str, Any]]]:
    rows: list[dict[str, Any]] = []
    for item, _ in parts:
        with parts.path(item).open("rb") as part:
            for line in part:
                try:
                    values = json.loads(line)
                    if values["kind"] == "frame":
                        rows.append(_row(item, values))
                except (KeyError, TypeError, ValueError):
                    raise damaged(item) from None
                if len(rows) >= _ROWS:
                    yield rows
                    rows = []
    if rows:
        yield rows


def _row(item: str, values: dict[str, Any]) -> dict[str, Any]:
    regions = values["regions"]
    return {
        "item": item,
        **{name: values[name] for name in ("frame", "recorded_ns", "outcome", "flagged")},
        **{name: values[name] for name in ("temporal_flag", "suspicion")},
        "reasons": " ".join(values["reasons"]),
        "regions": None if regions is None else len(regions),
    }
