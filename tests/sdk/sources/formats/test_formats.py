"""sources/formats/__init__.py: the table of formats."""

from __future__ import annotations

from pathlib import Path

import pytest

from sonoedge.sources.formats import DICOM, FORMATS, NOT_READ, Format, format_of, load


@pytest.mark.parametrize("format", FORMATS, ids=lambda format: format.title)
def test_every_reader_in_the_table_can_be_loaded(format: Format) -> None:
    if format is DICOM:
        pytest.importorskip("pydicom", reason="needs the extra dicom")
    assert callable(load(format.reader))


def test_no_ending_is_of_two_formats_or_refused_and_read() -> None:
    suffixes = [suffix for format in FORMATS for suffix in format.suffixes]
    assert len(suffixes) == len(set(suffixes))
    assert not set(suffixes) & set(NOT_READ)
    assert all(suffix == suffix.lower() and suffix.startswith(".") for suffix in suffixes)


def test_dicom_s_mark_goes_before_the_ending() -> None:
    assert format_of(Path("a.png"), bytes(128) + b"DICM") is DICOM
    assert format_of(Path("IM0001"), b"") is None
    assert format_of(Path("A.DCM"), b"") is DICOM
