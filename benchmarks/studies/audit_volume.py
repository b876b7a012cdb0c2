"""What an audit log writes to a disk in an hour of use.

    python -m studies.audit_volume FOLDER [--hours N] [--flags-per-hour N]

A session's records of each minute, and flags, go through the log's own writing on a clock that
is ticked by hand: an hour takes a second. What reached the disk is read from the kernel's count
of the device that FOLDER lies on, so that it must be one on which nobody else writes, such as
an image on a loop device. Where the device has no such count (memory, an overlay), bytes and
syncs are printed alone.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from sonoedge.audit import create_log, first_key, verify_log
from sonoedge.audit.appending import Appender
from sonoedge.audit.inbox import Inbox
from sonoedge.audit.kinds import Value
from sonoedge.audit.record import Entry
from sonoedge.audit.writing import Writing

MINUTE_NS: Final = 60_000_000_000
SECTOR_BYTES: Final = 512
SESSION: Final = "0a1b2c3d"


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """Of the whole run.

    Attributes:
        hours: simulated.
        records, seals: written.
        log_bytes: appended to the log's files.
        syncs: how often the log waited for its records to reach the disk.
        disk_bytes: written to the device; None where it is not counted.
    """

    hours: float
    records: int
    seals: int
    log_bytes: int
    syncs: int
    disk_bytes: int | None


def measure(folder: Path, *, hours: float, flags_per_hour: int) -> Volume:
    """Write so many hours of records into a new log.

    Raises:
        OutputError, OSError: the folder cannot be written.
    """
    before = _written(folder)
    now_ns, syncs = MINUTE_NS, 0

    def sync(fd: int) -> None:
        nonlocal syncs
        syncs += 1
        os.fdatasync(fd)

    place = folder / "log"
    key, inbox = first_key(create_log(place, clock_ns=lambda: now_ns)), Inbox()
    minutes = round(hours * 60)
    with Appender(place, sync=sync) as appender:
        writing = Writing(inbox, appender, lambda: [_sample], now_ns)
        flags = 0
        for minute in range(minutes):
            now_ns += MINUTE_NS
            while flags * 60 < minute * flags_per_hour:
                flags += 1
                inbox.put(Entry(mono_ns=now_ns, kind="flag", values=_FLAG, urgent=True))
            writing.step(now_ns)
        writing.finish(now_ns)
    os.sync()
    verified, after = verify_log(place, key=key), _written(folder)
    return Volume(
        hours=hours,
        records=verified.last + 1,
        seals=verified.seals,
        log_bytes=sum(file.stat().st_size for file in place.glob("*.jsonl")),
        syncs=syncs,
        disk_bytes=None if before is None or after is None else after - before,
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("folder", type=Path, help="where the log is made; on a disk of its own")
    parser.add_argument("--hours", type=float, default=1.0)
    parser.add_argument("--flags-per-hour", type=int, default=6)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(argv)
    volume = measure(args.folder, hours=args.hours, flags_per_hour=args.flags_per_hour)
    if args.json:
        print(json.dumps(asdict(volume)))
        return 0
    print(f"{volume.hours:g} h: {volume.records} records, {volume.seals} seals")
    print(f"log     {volume.log_bytes / 1024 / volume.hours:.1f} KiB/h in {volume.syncs} syncs")
    if volume.disk_bytes is None:
        print("disk    not counted here")
    else:
        per_hour = volume.disk_bytes / 1024 / volume.hours
        print(f"disk    {per_hour:.1f} KiB/h, {per_hour * 24 / 1024:.2f} MiB a day")
    return 0


def _written(folder: Path) -> int | None:
    """Bytes that the device of a folder was written to so far; None where it is not counted."""
    device = folder.stat().st_dev
    stat = Path(f"/sys/dev/block/{os.major(device)}:{os.minor(device)}/stat")
    try:
        return int(stat.read_text().split()[6]) * SECTOR_BYTES
    except (OSError, IndexError):
        return None


_FLAG: Final[Mapping[str, Value]] = {
    "session": SESSION,
    "stream": 0,
    "frame": 123456,
    "track": 17,
    "regions": 1,
}


def _sample() -> Iterator[tuple[str, Mapping[str, Value]]]:
    yield "frames", {"session": SESSION, "submitted": 1800, "analysed": 1700, "flagged": 12}
    for reason in ("NO_CONTACT", "SUPERSEDED"):
        yield "drops", {"session": SESSION, "reason": reason, "count": 50}
    yield "golden", {"session": SESSION, "passed": 3}


if __name__ == "__main__":
    sys.exit(main())
