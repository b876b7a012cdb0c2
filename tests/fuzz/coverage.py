"""atheris (libFuzzer) in a process of its own: python -m fuzz.coverage NAME REPORT [libFuzzer's]

It must see our modules as they are imported, and it ends its process: so it has one. What it
finds is attacked again as any other input is, and counts only if it does the same there.
"""

from __future__ import annotations

import mmap
import os
import random
import resource
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from fuzz import guarded
from fuzz.budget import Budget
from fuzz.entry_point import EntryPoint
from fuzz.tally import Tally

_COUNTS: Final = struct.Struct("<qqd")  # inputs, peak_kib, slowest_s
_MOST_FINDS: Final = 1_000
_LONGEST: Final = 1 << 14


def run_coverage(name: str, point: EntryPoint, budget: Budget, seed: int) -> Tally:
    """Run atheris until the budget is used up, again where an input ends it."""
    tally, begin_s, deadline_s = Tally(), time.monotonic(), budget.deadline_s()
    with tempfile.TemporaryDirectory() as text:
        report, corpus = Path(text) / "report", Path(text) / "corpus"
        (report / "finds").mkdir(parents=True)
        corpus.mkdir()
        for number, data in enumerate(point.seeds):
            (corpus / f"seed{number}").write_bytes(data)
        rng = random.Random(seed)
        while time.monotonic() < deadline_s and tally.inputs < (budget.inputs or sys.maxsize):
            command = [sys.executable, "-m", "fuzz.coverage", name, str(report), str(corpus)]
            command += [f"-seed={rng.randrange(1, 1 << 31)}", f"-max_len={_LONGEST}"]
            command += ["-timeout=60", "-rss_limit_mb=2048", f"-artifact_prefix={report}/finds/"]
            if budget.inputs is not None:
                command.append(f"-runs={budget.inputs - tally.inputs}")
            if budget.seconds is not None:
                command.append(f"-max_total_time={max(1, round(deadline_s - time.monotonic()))}")
            (report / "counts").write_bytes(bytes(_COUNTS.size))
            ended = subprocess.run(command, capture_output=True, check=False)
            counts = _COUNTS.unpack((report / "counts").read_bytes())
            if not counts[0]:
                raise RuntimeError(f"atheris did not start:\n{ended.stderr.decode()[-2000:]}")
            tally.inputs += counts[0]
            tally.peak_kib = max(tally.peak_kib, counts[1])
            tally.slowest_s = max(tally.slowest_s, counts[2])
        tally.seconds = time.monotonic() - begin_s
        finds = [f.read_bytes() for f in sorted((report / "finds").iterdir())]
        again = guarded.run_guarded(
            point, finds.__getitem__, Budget(inputs=len(finds), seconds=None)
        )
        again.inputs, again.peak_kib, again.seconds = 0, 0, 0.0
        tally.merge(again)
    return tally


def main(name: str, report: Path, arguments: list[str]) -> None:
    """The process's whole life; `Fuzz` does not return."""
    import atheris

    with atheris.instrument_imports(include=["sonoedge", "sonoedge_export", "sonoedge_bench"]):
        from fuzz.table import load

        point = load(name)
    with (report / "counts").open("r+b") as file:
        counts = mmap.mmap(file.fileno(), _COUNTS.size)
    inputs, slowest_s, places = 0, 0.0, set[str]()

    def attack(data: bytes) -> None:
        nonlocal inputs, slowest_s
        inputs += 1
        begin_s = time.process_time()
        try:
            point.attack(data)
        except point.tolerated:
            pass
        except Exception as error:  # noqa: BLE001 - kept; the search goes on
            where = guarded.where_of(error)
            if where not in places and len(places) < _MOST_FINDS:
                places.add(where)
                (report / "finds" / where).write_bytes(data)
        slowest_s = max(slowest_s, time.process_time() - begin_s)
        peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        _COUNTS.pack_into(counts, 0, inputs, peak_kib, slowest_s)

    atheris.Setup([sys.argv[0], *arguments], attack)
    atheris.Fuzz()


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
