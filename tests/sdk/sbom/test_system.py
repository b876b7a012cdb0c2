from __future__ import annotations

from pathlib import Path

import pytest

from sonoedge.sbom.system import SystemPackage, operating_system, owning_packages

STATUS = """\
Package: libc6
Status: install ok installed
Architecture: amd64
Version: 2.36-9+deb12u14
Description: x

Package: zlib1g
Architecture: arm64
Version: 1:1.2.13.dfsg-1

Package: broken
"""


@pytest.fixture
def database(tmp_path: Path) -> Path:
    info = tmp_path / "dpkg" / "info"
    info.mkdir(parents=True)
    (info / "libc6:amd64.list").write_text("/.\n/lib/x86_64-linux-gnu/libc.so.6\n")
    (info / "zlib1g:arm64.list").write_text("/usr/lib/libz.so.1.2.13\n")
    (info / "broken.list").write_text("/usr/lib/libbroken.so\n")
    (tmp_path / "dpkg" / "status").write_text(STATUS)
    return tmp_path / "dpkg"


def test_a_file_is_found_by_either_of_its_names(database: Path) -> None:
    libc = Path("/usr/lib/x86_64-linux-gnu/libc.so.6")
    libz, other = Path("/usr/lib/libz.so.1.2.13"), Path("/usr/lib/libother.so")
    assert owning_packages([libc, libz, other], database) == {
        libc: SystemPackage(name="libc6", version="2.36-9+deb12u14", architecture="amd64"),
        libz: SystemPackage(name="zlib1g", version="1:1.2.13.dfsg-1", architecture="arm64"),
    }


def test_a_package_that_the_database_tells_nothing_of_owns_nothing(database: Path) -> None:
    assert owning_packages([Path("/usr/lib/libbroken.so")], database) == {}


def test_without_a_database_nothing_is_owned(tmp_path: Path) -> None:
    assert owning_packages([Path("/usr/lib/libz.so")], tmp_path) == {}


def test_a_packages_url_holds_its_epoch() -> None:
    package = SystemPackage(name="zlib1g", version="1:1.2.13", architecture="arm64")
    assert package.purl("ubuntu") == "pkg:deb/ubuntu/zlib1g@1%3A1.2.13?arch=arm64"


def test_the_system_tells_its_name_or_nothing(tmp_path: Path) -> None:
    file = tmp_path / "os-release"
    file.write_text("NAME=\"Debian GNU/Linux\"\nID=debian\nVERSION_ID='12'\n# a comment\n\n")
    system = operating_system(file)
    assert (system.id, system.name, system.version) == ("debian", "Debian GNU/Linux", "12")
    assert system.kernel
    assert operating_system(tmp_path / "absent").name is None
