from __future__ import annotations

import json
from pathlib import Path

from sonoedge.archive.ledger import LEDGER, STATUS, Ledger
from sonoedge.archive.outcome import Done, ItemOutcome


def done(outcome: str = "DONE", *, kept: bool = False) -> Done:
    return Done(item="ab12", name="Doe.dcm", outcome=ItemOutcome(outcome), kept=kept, frames=3)


def test_each_item_that_was_made_has_its_line_without_its_name(tmp_path: Path) -> None:
    seconds = iter(range(100))
    with Ledger(tmp_path, clock_s=lambda: float(next(seconds)), wall_s=lambda: 5.0) as ledger:
        ledger.add(done())
        ledger.add(done("CRASHED"))
        ledger.add(done(kept=True))
        status = ledger.status("ended")
    lines = [json.loads(line) for line in (tmp_path / LEDGER).read_text().splitlines()]
    assert [(line["item"], line["outcome"], line["at"]) for line in lines] == [
        ("ab12", "DONE", 5.0),
        ("ab12", "CRASHED", 5.0),
    ]
    assert "Doe" not in (tmp_path / LEDGER).read_text()
    assert (status["items"], status["kept"], status["frames"]) == (3, 1, 6)
    assert (ledger.items, ledger.failed) == (3, 1)
    assert json.loads((tmp_path / STATUS).read_text()) == status


def test_a_second_run_appends(tmp_path: Path) -> None:
    for _ in range(2):
        with Ledger(tmp_path) as ledger:
            ledger.add(done())
    assert len((tmp_path / LEDGER).read_text().splitlines()) == 2
