"""Clarius probes, by stand-ins of the vendor's module in three releases, in their process."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from sonoedge.errors import InvalidSettings, MissingDependency, SourceCrashed, SourceError
from sonoedge.sources.child.limits import Limits
from sonoedge.sources.clarius import CastAddress, address_from, clarius
from sonoedge.sources.picture import Picture

# What differs between releases: how many functions are taken, and what an image call carries.
RELEASES = {
    "10": ("i, raw, spectrum, freeze, buttons", "(None,)"),
    "11": ("i, raw, spectrum, imu, freeze, buttons", "(None,)"),
    "12": ("i, raw, spectrum, imu, freeze, buttons", "(0.0, None)"),
}
MODULE = """
import os, signal, threading, time
class Caster:
    def __init__(self, {arguments}):
        self.image, self.freeze = i, freeze
    def init(self, path, width, height):
        return True
    def connect(self, ip, port, certificate):
        threading.Thread(target=self.stream, daemon=True).start()
        return {connects}
    def isConnected(self):
        return True
    def give(self, level, width=6, height=4, depth=4, microns=200.0):
        data = bytes([level, level + 1, level + 2, 255][:depth]) * (width * height)
        self.image(data, width, height, len(data), microns, 1, *{rest})
    def stream(self):
        {stream}
"""
STREAM = "time.sleep(0.2); [(self.give(n), time.sleep(0.05)) for n in range(1, 100)]"
LIMITS = Limits(open_s=30, picture_s=4.5, file_mib=16)


@pytest.fixture
def cast(tmp_path: Path) -> Callable[..., CastAddress]:
    def make(stream: str = STREAM, release: str = "12", connects: str = "True") -> CastAddress:
        arguments, rest = RELEASES[release]
        text = MODULE.format(arguments=arguments, rest=rest, stream=stream, connects=connects)
        (tmp_path / "pyclariuscast.py").write_text(text)
        return CastAddress(ip="10.0.0.7", port=5828, library=tmp_path)

    return make


def taken(address: CastAddress, count: int) -> list[Picture]:
    read = []
    with closing(clarius(address, LIMITS)) as contents, closing(contents.pictures()) as pictures:
        for picture in pictures:
            read.append(picture)
            if len(read) == count:
                break
    return read


def test_an_address_says_where_the_library_is(tmp_path: Path) -> None:
    address = address_from(f"clarius://10.0.0.7?lib={tmp_path}")
    assert (address.ip, address.port, address.library) == ("10.0.0.7", 5828, tmp_path)
    assert address_from(f"clarius://10.0.0.7:41000?lib={tmp_path}").port == 41000
    for spec in ("clarius://10.0.0.7", "clarius://probe?lib=/tmp", "clarius://10.0.0.7?lib=/none"):
        with pytest.raises(InvalidSettings):
            address_from(spec)


@pytest.mark.req("R61")
@pytest.mark.parametrize("release", sorted(RELEASES))
def test_every_release_gives_its_pictures(cast: Callable[..., CastAddress], release: str) -> None:
    read = taken(cast(release=release), 3)
    for picture in read:
        assert picture.pixels.shape == (4, 6, 3)
        assert picture.spacing_mm == (0.2, 0.2)
        assert np.all(np.diff(picture.pixels[0, 0].astype(int)) == 1)  # B, G, R as given
    levels = [int(picture.pixels[0, 0, 0]) for picture in read]
    assert levels == sorted(set(levels))


def test_grey_and_changing_sizes_and_spacings_are_taken_as_they_come(
    cast: Callable[..., CastAddress],
) -> None:
    stream = (
        "time.sleep(0.3); self.give(1, depth=1); time.sleep(0.2); "
        "self.give(2, 8, 5, microns=150.0); time.sleep(0.2); self.give(3, microns=0.0); "
        "time.sleep(9)"
    )
    grey, larger, unknown = taken(cast(stream), 3)
    assert grey.pixels.shape == (4, 6)
    assert larger.pixels.shape == (5, 8, 3)
    assert larger.spacing_mm == (0.15, 0.15)
    assert unknown.spacing_mm is None


@pytest.mark.req("R61")
def test_a_frozen_probe_is_frozen_and_not_lost(cast: Callable[..., CastAddress]) -> None:
    stream = "time.sleep(0.2); self.give(7); time.sleep(0.1); self.freeze(1); time.sleep(60)"
    read = taken(cast(stream), 7)  # 5 a second: longer than a silent probe would be waited for
    assert [picture.meta.frozen for picture in read] == [False] + [True] * 6
    assert all(picture.pixels[0, 0, 0] == 7 for picture in read)


def test_a_probe_that_goes_silent_is_an_error(cast: Callable[..., CastAddress]) -> None:
    with pytest.raises(SourceError, match="gives no picture; it is connected"):
        taken(cast("time.sleep(0.2); self.give(7); time.sleep(60)"), 2)


def test_a_refused_connection_says_what_to_look_at(cast: Callable[..., CastAddress]) -> None:
    with pytest.raises(SourceError, match="update the Cast library to the app's version"):
        clarius(cast(connects="False"), LIMITS)


@pytest.mark.req("R61")
def test_a_library_that_crashes_ends_its_process_alone(cast: Callable[..., CastAddress]) -> None:
    stream = "time.sleep(0.2); self.give(7); time.sleep(0.1); os.kill(os.getpid(), 11)"
    with pytest.raises(SourceCrashed, match="process of the Cast library was ended by SIGSEGV"):
        taken(cast(stream), 2)


@pytest.mark.parametrize("connects", ["1 / 0", "os.environ['A patient']"])
def test_a_library_that_raises_is_named_and_not_quoted(
    cast: Callable[..., CastAddress], connects: str
) -> None:
    with pytest.raises(SourceError, match=r"the Cast library failed \((Zero|Key)\w+\)") as caught:
        clarius(cast(connects=connects), LIMITS)
    assert "patient" not in str(caught.value)
    assert "decode" not in str(caught.value)


def test_a_library_that_raises_while_it_is_read_is_named(cast: Callable[..., CastAddress]) -> None:
    address = cast("time.sleep(0.2); self.give(7); time.sleep(0.1); self.freeze(1)")
    module = address.library / "pyclariuscast.py"
    connected = "        return True\n    def give"
    text = module.read_text()
    assert connected in text
    module.write_text(text.replace(connected, "        raise OSError\n    def give"))
    with pytest.raises(SourceError, match=r"the Cast library failed \(OSError\)"):
        taken(address, 3)


def test_a_compressed_picture_is_refused(cast: Callable[..., CastAddress]) -> None:
    with pytest.raises(SourceError, match="compressed"):
        taken(cast("time.sleep(0.2); self.give(7, depth=3); time.sleep(60)"), 1)


def test_a_folder_without_the_library_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(MissingDependency, match="pyclariuscast and libcast"):
        clarius(CastAddress(ip="10.0.0.7", port=5828, library=tmp_path), LIMITS)
