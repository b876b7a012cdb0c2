"""Test doubles of engines: only code that says `test_doubles=True` can reach them."""

from collections.abc import Mapping
from typing import Final

from sonoedge.runtime import RuntimeEntry

TEST_DOUBLES: Final[Mapping[str, RuntimeEntry]] = {
    "null": RuntimeEntry(path="sonoedge_runtimes.testing.null:Null", precisions=("fp32",)),
    "faulty": RuntimeEntry(path="sonoedge_runtimes.testing.faulty:Faulty", precisions=("fp32",)),
}
