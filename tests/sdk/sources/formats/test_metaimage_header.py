"""sources/formats/metaimage_header.py: headers that lie."""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonoedge.errors import SourceError
from sonoedge.sources.formats.metaimage_header import read_header

FIELDS = {
    "ObjectType": "Image",
    "NDims": "3",
    "DimSize": "6 5 4",
    "ElementSpacing": "0.3 0.2 1",
    "ElementType": "MET_UCHAR",
    "ElementDataFile": "LOCAL",
}


def write(path: Path, **changes: str | None) -> Path:
    # What is changed comes first: a header ends with ElementDataFile.
    last = changes.pop("ElementDataFile", FIELDS["ElementDataFile"])
    fields = FIELDS | changes | {"ElementDataFile": last}
    fields = {k: fields[k] for k in fields if k != "ElementDataFile"} | {"ElementDataFile": last}
    path.write_text("".join(f"{k} = {v}\n" for k, v in fields.items() if v is not None))
    return path


def test_a_header_says_size_spacing_and_where_the_pixels_begin(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mha")
    header = read_header(path)
    assert (header.width, header.height, header.count, header.channels) == (6, 5, 4, 1)
    assert header.spacing == (0.3, 0.2)
    assert (header.data_file, header.data_begin) == (path, path.stat().st_size)


def test_a_fourth_axis_of_one_is_no_other_picture(tmp_path: Path) -> None:
    assert read_header(write(tmp_path / "a.mha", NDims="4", DimSize="6 5 1 4")).count == 4


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"NDims": "-3"}, "NDims = '-3'"),
        ({"NDims": "2"}, "NDims = '2'"),
        ({"NDims": "many"}, "NDims = 'many'"),
        ({"NDims": None}, "no NDims"),
        ({"DimSize": "0 5 4"}, "DimSize = '0 5 4'"),
        ({"DimSize": "6 -5 4"}, "DimSize = '6 -5 4'"),
        ({"DimSize": "6 5 1e9"}, "DimSize = '6 5 1e9'"),
        ({"DimSize": "6 5 " + "9" * 3000}, f"DimSize = '6 5 {'9' * 56}'"),
        ({"DimSize": "9999999 5 4"}, "DimSize = '9999999 5 4'"),
        ({"DimSize": "6 5 2 2", "NDims": "4"}, "DimSize = '6 5 2 2'"),
        ({"DimSize": "1000000 1000000 1"}, "1000000 x 1000000 pixels"),
        ({"DimSize": "6"}, "NDims = '3'"),
        ({"DimSize": "6", "NDims": "1"}, "DimSize = '6'"),
        ({"DimSize": None, "NDims": "0"}, "no DimSize"),
        ({"ElementSpacing": "wide high"}, "ElementSpacing = 'wide high'"),
        ({"ElementType": "MET_SHORT"}, "ElementType = 'MET_SHORT'"),
        ({"ElementType": "MET_\x1b[2J"}, r"ElementType = 'MET_\x1b[2J'"),
        ({"ElementType": None}, "no ElementType"),
        ({"ElementNumberOfChannels": "2"}, "ElementNumberOfChannels = '2'"),
        ({"BinaryData": "False"}, "BinaryData = 'False'"),
        ({"HeaderSize": "9" * 30}, f"HeaderSize = '{'9' * 30}'"),
        ({"HeaderSize": "-2"}, "HeaderSize = '-2'"),
        ({"ElementDataFile": None}, "is no MetaImage file"),
    ],
)
def test_a_header_that_lies_is_refused_with_the_key_and_its_value(
    tmp_path: Path, changes: dict[str, str | None], words: str
) -> None:
    with pytest.raises(SourceError, match=rf"^a\.mha .*{re.escape(words)}"):
        read_header(write(tmp_path / "a.mha", **changes))


@pytest.mark.parametrize(
    "named", ["/etc/passwd", "../b.raw", "..", "a/b.raw", "a\\b.raw", "", "gone.raw", "pipe.raw"]
)
def test_pixels_are_read_from_an_ordinary_file_beside_the_header_only(
    tmp_path: Path, named: str
) -> None:
    os.mkfifo(tmp_path / "pipe.raw")
    (tmp_path.parent / "b.raw").write_bytes(bytes(200))
    with pytest.raises(SourceError, match=r"a\.mhd .*beside it"):
        read_header(write(tmp_path / "a.mhd", ElementDataFile=named))


@pytest.mark.parametrize("named", ["LIST", "slice%03d.raw 1 4 1"])
def test_a_file_per_picture_is_refused_with_what_to_do(tmp_path: Path, named: str) -> None:
    with pytest.raises(SourceError, match=r"save it as one \.mha file"):
        read_header(write(tmp_path / "a.mhd", ElementDataFile=named))


def test_a_line_without_end_is_no_header(tmp_path: Path) -> None:
    (tmp_path / "a.mha").write_bytes(b"ObjectType = " + b"I" * 10_000_000)
    with pytest.raises(SourceError, match="is no MetaImage file"):
        read_header(tmp_path / "a.mha")


@given(st.binary(max_size=300))
def test_any_bytes_are_a_header_or_a_typed_error(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = write(tmp_path_factory.mktemp("a") / "a.mha")
    path.write_bytes(path.read_bytes()[: -len(data) or None] + data)
    with contextlib.suppress(SourceError):
        assert read_header(path).count > 0
