from __future__ import annotations

import csv
import io
from typing import Any

from sonoedge_bench.report.as_csv import csv_text


def test_csv_has_a_line_per_run_and_figure_and_nothing_where_nothing_is_known(
    a_document: Any, a_run: Any
) -> None:
    document = a_document("paced", a_run("paced"), a_run("paced", threads=1))
    lines = list(csv.DictReader(io.StringIO(csv_text(document))))
    assert len(lines) == 2 * len(document.runs[0].figures)
    (age,) = [e for e in lines if e["figure"] == "age_ms" and e["threads"] == "1"]
    summary = document.runs[1].figures["age_ms"]
    assert float(age["p50"]) == summary.p50.value
    assert float(age["p99_high"]) == summary.p99.high
    assert (age["n"], age["p999"]) == ("400", "")
