"""What we write, byte by byte; real readers are in tests/sdk/sinks/test_igtl_peers.py."""

from __future__ import annotations

import struct

import numpy as np

from sonoedge.igtl.outgoing import (
    message,
    polydata_content,
    status_content,
    string_content,
)


def test_version_1_has_no_extended_header_and_version_2_has() -> None:
    one, two = (message("STRING", "d", b"content", version, 3) for version in (1, 2))
    assert one[58:] == b"content"
    assert one[:2] == b"\0\1"
    assert two[58:] == struct.pack(">HHII", 12, 0, 0, 0) + b"content"
    assert two[:2] == b"\0\2"


def test_a_long_name_is_cut_before_its_end_mark() -> None:
    assert message("STRING", "x" * 30, b"", 1, 1)[14:34] == b"x" * 19 + b"\0"
    content = status_content(13, "CAPTURE_CLOCK_NOT_MONOTONIC", "why")
    assert content[:2] == b"\0\x0d"
    assert content[29:30] == b"\0"
    assert content.endswith(b"why\0")


def test_text_is_ascii_and_no_longer_than_its_length_can_say() -> None:
    assert string_content("é") == b"\0\3\0\1?"
    assert len(string_content("x" * 70_000)) == 4 + 65_535


def test_contours_are_closed_lines() -> None:
    contour = np.array([[1, 2, 0], [3, 4, 0]], np.float32)
    content = polydata_content([contour, contour])
    assert struct.unpack_from(">10I", content) == (4, 0, 0, 2, 32, 0, 0, 0, 0, 0)
    assert struct.unpack_from(">3f", content, 40) == (1.0, 2.0, 0.0)
    assert struct.unpack_from(">8I", content, 40 + 48) == (3, 0, 1, 0, 3, 2, 3, 2)
    assert polydata_content([]) == bytes(40)
