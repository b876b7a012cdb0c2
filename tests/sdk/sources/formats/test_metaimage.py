"""sources/formats/metaimage.py"""

from __future__ import annotations

import functools
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sonoedge import sources
from sonoedge.errors import SourceError

# In this process: what a reader gives does not hang on where it runs.
open_source = functools.partial(sources.open_source, isolation="none")

STACK = np.arange(4 * 5 * 6, dtype=np.uint8).reshape(4, 5, 6)  # frames, rows, columns


def write(
    path: Path,
    pixels: np.ndarray = STACK,
    *,
    colour: bool = False,
    spacing: str = "0.3 0.2 1",
    extra: dict[str, Any] | None = None,
    compressed: bool = False,
) -> Path:
    """A .mha file, written by hand as the format's description has it."""
    shape = pixels.shape[:-1] if colour else pixels.shape
    kinds = {"uint8": "MET_UCHAR", "uint16": "MET_USHORT"}
    data = pixels.tobytes()
    fields: dict[str, Any] = {
        "ObjectType": "Image",
        "NDims": len(shape),
        "BinaryData": "True",
        "CompressedData": compressed,
        "DimSize": " ".join(str(n) for n in reversed(shape)),
        "ElementSpacing": " ".join(spacing.split()[: len(shape)]),
    }
    if compressed:
        data = zlib.compress(data)
        fields["CompressedDataSize"] = len(data)
    if colour:
        fields["ElementNumberOfChannels"] = 3
    fields |= {"ElementType": kinds[pixels.dtype.name]} | (extra or {})
    fields["ElementDataFile"] = "LOCAL"
    path.write_bytes("".join(f"{k} = {v}\n" for k, v in fields.items()).encode() + data)
    return path


def stamps(*times: float | None) -> dict[str, float]:
    return {f"Seq_Frame{i:04d}_Timestamp": t for i, t in enumerate(times) if t is not None}


def media_times(path: Path) -> list[float | None]:
    from sonoedge.sources.formats.metaimage import metaimage

    return [picture.time_s for picture in metaimage(path).pictures()]


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("block", [1, 60, 1 << 20])
def test_a_sequence_is_read_bit_for_bit_however_it_is_fetched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compressed: bool, block: int
) -> None:
    from sonoedge.sources.formats import metaimage

    monkeypatch.setattr(metaimage, "_PIECE", block)
    with open_source(write(tmp_path / "a.mha", compressed=compressed)) as source:
        frames = list(source)
        assert source.count == 4
    assert [f.pixels.shape for f in frames] == [(5, 6)] * 4
    assert np.array_equal(np.stack([f.pixels for f in frames]), STACK)


def test_spacing_is_rows_then_columns(tmp_path: Path) -> None:
    frames = list(open_source(write(tmp_path / "a.mha", spacing="0.3 0.2 1")))
    assert [f.spacing_mm for f in frames] == [pytest.approx((0.2, 0.3))] * 4


def test_a_spacing_of_one_is_what_those_write_who_have_none(tmp_path: Path) -> None:
    frames = list(open_source(write(tmp_path / "a.mha", spacing="1 1 1")))
    assert [f.spacing_mm for f in frames] == [None] * 4


def test_a_single_picture_is_one_frame(tmp_path: Path) -> None:
    (frame,) = open_source(write(tmp_path / "a.mha", STACK[0]))
    assert np.array_equal(frame.pixels, STACK[0])


def test_colour_comes_as_bgr(tmp_path: Path) -> None:
    rgb = np.stack([STACK, STACK + 1, STACK + 2], axis=-1)
    frames = list(open_source(write(tmp_path / "a.mha", rgb, colour=True)))
    assert np.array_equal(np.stack([f.pixels for f in frames]), rgb[..., ::-1])


@pytest.mark.parametrize(("orientation", "flipped"), [("MF", False), ("UNA", True)])
def test_the_near_side_is_up(tmp_path: Path, orientation: str, flipped: bool) -> None:
    extra = {"UltrasoundImageOrientation": orientation}
    (frame, *_) = open_source(write(tmp_path / "a.mha", extra=extra))
    assert np.array_equal(frame.pixels, STACK[0, ::-1] if flipped else STACK[0])


def test_lines_that_are_not_scan_converted_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mha", extra={"UltrasoundImageOrientation": "FM"})
    with pytest.raises(SourceError, match="stored line by line"):
        open_source(path)


def test_frames_carry_their_time_stamps(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mha", extra=stamps(7.0, 7.5, 7.6, 8.5))
    assert media_times(path) == [7.0, 7.5, 7.6, 8.5]
    assert open_source(path).fps == pytest.approx(2.0)


def test_a_frame_without_a_stamp_lies_between_its_neighbours(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mha", extra=stamps(1.0, None, 2.0, 2.5))
    assert media_times(path) == [1.0, 1.5, 2.0, 2.5]


@pytest.mark.parametrize(
    "times",
    [(), (1.0,), (1.0, 2.0, 3.0), (None, 1.0, 2.0, 3.0), (3, 2, 1, 0), (0, 1, float("nan"), 3)],
)
def test_times_that_would_have_to_be_invented_are_none(tmp_path: Path, times: Any) -> None:
    assert media_times(write(tmp_path / "a.mha", extra=stamps(*times))) == [None] * 4


def test_text_in_another_encoding_does_not_matter(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mha", extra={"Operator": "XX"} | stamps(0, 1, 2, 3))
    path.write_bytes(path.read_bytes().replace(b"Operator = XX", b"Op\xe9rateur = \xe9"))
    assert media_times(path) == [0, 1, 2, 3]


@pytest.mark.req("R38")
def test_sixteen_bits_are_refused_and_not_cut(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mha", STACK.astype(np.uint16))
    with pytest.raises(SourceError, match="does not hold 8-bit pixels"):
        open_source(path)


def test_a_file_that_is_none_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "a.mha").write_bytes(b"not a MetaImage")
    with pytest.raises(SourceError, match=r"^a\.mha is no MetaImage file"):
        open_source(tmp_path / "a.mha")


@pytest.mark.parametrize("compressed", [False, True])
def test_a_file_cut_short_is_an_error(tmp_path: Path, compressed: bool) -> None:
    path = write(tmp_path / "a.mha", compressed=compressed)
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(SourceError, match=r"the pixels of a\.mha cannot be read"):
        list(open_source(path))


def test_a_header_without_its_pixels_is_an_error(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mha")
    header = path.read_bytes()[: -STACK.size].replace(b"LOCAL", b"gone.raw")
    (tmp_path / "a.mhd").write_bytes(header)
    with pytest.raises(SourceError, match="the file of pixels that it names beside it"):
        list(open_source(tmp_path / "a.mhd"))


@pytest.mark.parametrize(
    ("name", "shape", "fps", "spacing"),
    [
        ("BoneUltrasound_L14.igs.mha", (21, 616, 820), 11.634, None),
        ("Prostate10_video.igs.mhd", (10, 480, 640), 2.25, (0.3, 0.3)),
        ("UltrasonixCurvilinearScanConvertedData.igs.mha", (5, 616, 820), 3.846, None),
    ],
)
def test_real_sequences_are_read(
    development_data: Path, name: str, shape: tuple[int, ...], fps: float, spacing: Any
) -> None:
    with open_source(development_data / "clips" / "plus" / name) as source:
        pixels = np.stack([frame.pixels for frame in source])
        assert source.fps == pytest.approx(fps, abs=1e-3)
        assert {frame.spacing_mm for frame in source} == {spacing}
    assert pixels.shape == shape
    raw = development_data / "clips" / "plus" / name.replace(".igs.mhd", ".raw")
    if raw.suffix == ".raw":
        assert pixels.tobytes() == raw.read_bytes()


@pytest.mark.parametrize("compressed", [False, True])
def test_more_pictures_than_the_header_says_are_not_left_out_silently(
    tmp_path: Path, compressed: bool
) -> None:
    path = write(tmp_path / "a.mha", compressed=compressed)
    path.write_bytes(path.read_bytes().replace(b"DimSize = 6 5 4", b"DimSize = 6 5 3"))
    frames = iter(open_source(path))
    for expected in STACK[:3]:
        assert np.array_equal(next(frames).pixels, expected)
    with pytest.raises(SourceError, match="holds more pictures than the 3 of its header"):
        next(frames)


def test_frames_that_the_recorder_marked_say_so(tmp_path: Path) -> None:
    states = {"0000": "OK", "0001": "INVALID", "0003": "OK"}
    extra = {f"Seq_Frame{index}_ImageStatus": state for index, state in states.items()}
    frames = list(open_source(write(tmp_path / "a.mha", extra=extra)))
    assert [f.meta.invalid for f in frames] == [
        *(None, "the recorder marked it as invalid", None, None)
    ]
    assert np.array_equal(frames[1].pixels, STACK[1])  # it keeps its place


def test_pixels_may_be_the_last_bytes_of_their_file(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mha", extra={"HeaderSize": -1})
    header, pixels = path.read_bytes()[: -STACK.size], STACK.tobytes()
    (tmp_path / "a.raw").write_bytes(b"a header of another program" + pixels)
    (tmp_path / "a.mhd").write_bytes(header.replace(b"LOCAL", b"a.raw"))
    frames = list(open_source(tmp_path / "a.mhd"))
    assert np.array_equal(np.stack([f.pixels for f in frames]), STACK)


def test_a_stream_that_unpacks_without_end_costs_no_memory(tmp_path: Path) -> None:
    bomb = zlib.compress(bytes(1 << 24), 9)
    path = write(tmp_path / "a.mha", compressed=True)
    header = path.read_bytes().partition(b"LOCAL\n")[0] + b"LOCAL\n"
    path.write_bytes(header + bomb)
    with pytest.raises(SourceError, match="holds more pictures"):
        list(open_source(path))


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("colour", [False, True])
def test_what_itk_writes_is_read_as_itk_reads_it(
    tmp_path: Path, compressed: bool, colour: bool
) -> None:
    itk = pytest.importorskip("SimpleITK", reason="needs SimpleITK, the other reader")
    rng = np.random.default_rng(5)
    shape = (3, 7, 9, 3) if colour else (3, 7, 9)
    image = itk.GetImageFromArray(rng.integers(0, 255, shape, dtype=np.uint8), isVector=colour)
    image.SetSpacing((0.2, 0.3, 1.0))
    itk.WriteImage(image, str(tmp_path / "a.mha"), compressed)
    frames = list(open_source(tmp_path / "a.mha"))
    expected = itk.GetArrayFromImage(itk.ReadImage(str(tmp_path / "a.mha")))
    pixels = np.stack([f.pixels for f in frames])
    assert np.array_equal(pixels, expected[..., ::-1] if colour else expected)
    assert frames[0].spacing_mm == pytest.approx((0.3, 0.2))
