from __future__ import annotations

import re
from pathlib import Path

from sonoedge.analysis import Reason
from sonoedge.reason_numbers import REASONS

HEADER = Path(__file__).parents[2] / "sdk/c/common/reasons.h"


def test_each_reason_has_a_number_of_its_own_which_is_that_of_c() -> None:
    assert set(REASONS) == set(Reason)
    numbers = {r.value: n for r, n in REASONS.items()}
    found = re.findall(r"SO_REASON_(\w+)\s*=?\s*(\d+)", HEADER.read_text())
    assert {name: int(number) for name, number in found if name not in ("NONE", "COUNT")} == numbers
