from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import pytest

from sonoedge.errors import UnlistedLibrary
from sonoedge.sbom import owners
from sonoedge.sbom.distributions import Distribution, NativeFile
from sonoedge.sbom.mapped import MappedFiles
from sonoedge.sbom.owners import PythonItself, SystemItself, find_owners
from sonoedge.sbom.soup import Soup, SoupPart

NOTHING = Soup()
DRIVER = SoupPart(
    kind="system",
    name="driver",
    versions=(),
    manufacturer="m",
    needed_for="n",
    needs="n",
    level_of_support="unknown",
    end_of_support="unknown",
    anomalies="not looked at",
    files=("libcuda.so*",),
)


def distribution(*files: tuple[Path, str | None]) -> Distribution:
    return Distribution(
        name="some-thing",
        version="1",
        licence=None,
        author=None,
        needs=(),
        native=tuple(NativeFile(path=path, name=path.name, sha256=sha) for path, sha in files),
        record_sha256=None,
        sboms=(),
    )


@pytest.fixture
def library(tmp_path: Path) -> Path:
    (tmp_path / "lib.so").write_bytes(b"code")
    return tmp_path / "lib.so"


def mapped(*paths: Path, removed: tuple[str, ...] = ()) -> MappedFiles:
    return MappedFiles(paths=paths, removed=removed)


def test_a_distributions_library_is_its_own_with_the_digest_of_what_lies_there(
    library: Path, tmp_path: Path
) -> None:
    sha256 = hashlib.sha256(b"code").hexdigest()
    owner = distribution((library, sha256))
    (found,) = find_owners(mapped(library), [owner], NOTHING, tmp_path)
    assert (found.owner, found.sha256) == (owner, sha256)


def test_a_library_of_nobody_is_an_error_that_names_it(library: Path, tmp_path: Path) -> None:
    with pytest.raises(UnlistedLibrary, match=r"lib\.so belongs to no part"):
        find_owners(mapped(library), [], NOTHING, tmp_path)


def test_a_library_that_was_changed_since_it_was_installed_is_an_error(
    library: Path, tmp_path: Path
) -> None:
    owner = distribution((library, "0" * 64))
    with pytest.raises(UnlistedLibrary, match="was changed since"):
        find_owners(mapped(library), [owner], NOTHING, tmp_path)


def test_a_library_that_was_replaced_while_it_runs_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UnlistedLibrary, match=r"/opt/x\.so was replaced or removed"):
        find_owners(mapped(removed=("/opt/x.so",)), [], NOTHING, tmp_path)


def test_many_are_counted_and_not_all_named(tmp_path: Path) -> None:
    gone = tuple(f"/opt/{n}.so" for n in range(13))
    with pytest.raises(UnlistedLibrary, match="and 3 more"):
        find_owners(mapped(removed=gone), [], NOTHING, tmp_path)


def test_the_interpreter_is_pythons(tmp_path: Path) -> None:
    (found,) = find_owners(mapped(Path(sys.executable).resolve()), [], NOTHING, tmp_path)
    assert isinstance(found.owner, PythonItself)


def test_a_stray_library_beside_the_distributions_is_nobodys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stray = tmp_path / "site-packages" / "stray.so"
    stray.parent.mkdir()
    stray.write_bytes(b"x")
    monkeypatch.setattr("sysconfig.get_path", lambda key: str(tmp_path))
    with pytest.raises(UnlistedLibrary):
        find_owners(mapped(stray), [], NOTHING, tmp_path)
    own = tmp_path / "lib-dynload" / "_json.so"
    own.parent.mkdir()
    own.write_bytes(b"x")
    (found,) = find_owners(mapped(own), [], NOTHING, tmp_path)
    assert isinstance(found.owner, PythonItself)


def test_without_a_database_the_systems_folders_are_the_systems(
    library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(owners, "SYSTEM_FOLDERS", (f"{tmp_path}/",))
    (found,) = find_owners(mapped(library), [], NOTHING, tmp_path)
    assert isinstance(found.owner, SystemItself)
    (tmp_path / "status").write_text("")  # with one, whatever it does not own is nobody's
    with pytest.raises(UnlistedLibrary):
        find_owners(mapped(library), [], NOTHING, tmp_path)


def test_a_driver_is_known_by_name_in_the_systems_folders_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "status").write_text("")
    driver = tmp_path / "libcuda.so.1"
    driver.write_bytes(b"x")
    soup = Soup(parts=(DRIVER,))
    with pytest.raises(UnlistedLibrary):
        find_owners(mapped(driver), [], soup, tmp_path)
    monkeypatch.setattr(owners, "SYSTEM_FOLDERS", (f"{tmp_path}/",))
    (found,) = find_owners(mapped(driver), [], soup, tmp_path)
    assert found.owner == DRIVER
