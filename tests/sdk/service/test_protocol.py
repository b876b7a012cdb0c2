from __future__ import annotations

import re
from pathlib import Path

import pytest

from protocol_tables import markdown
from sonoedge.service import protocol
from sonoedge.service.protocol import FROM_CLIENT, FROM_SERVICE


def test_the_reference_page_is_the_table(repository: Path) -> None:
    page = (repository / "docs/reference/protocol.md").read_text()
    assert page.endswith("\n" + markdown())


@pytest.mark.parametrize("name", ["SIDE", "REGIONS", "POINTS", "LABELS", "REASONS"])
def test_the_headers_bounds_are_the_tables(repository: Path, name: str) -> None:
    header = (repository / "sdk/c/sonoedge.h").read_text()
    found = re.search(rf"#define SONOEDGE_MAX_{name} (\d+)", header)
    assert found is not None
    assert int(found[1]) == getattr(protocol, f"MAX_{name}")


def test_the_headers_longest_text_has_room_for_its_end(repository: Path) -> None:
    header = (repository / "sdk/c/sonoedge.h").read_text()
    assert f"#define SONOEDGE_MAX_TEXT {protocol.MAX_TEXT + 1} " in header


def test_no_message_has_a_kind_of_another_and_numbers_lie_aligned() -> None:
    layouts = [*FROM_CLIENT, *FROM_SERVICE]
    kinds = [layout.kind for layout in layouts if layout.kind]
    assert len(set(kinds)) == len(kinds) == len(layouts) - 1
    for layout in layouts:
        for field in layout.fields:
            width = {"Q": 8, "q": 8, "d": 8, "I": 4, "H": 2, "i": 4}[field.code[-1]]
            assert layout.offsets[field.name] % width == 0, (layout.name, field.name)
