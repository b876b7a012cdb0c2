from __future__ import annotations

import base64
import hashlib
import sys
from pathlib import Path

import pytest

from sonoedge.sbom import distributions
from sonoedge.sbom.component import Licence
from sonoedge.sbom.distributions import Distribution, installed_distributions

METADATA = """Metadata-Version: 2.4
Name: Some_Thing
Version: 1.2
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder that distributions are looked for in."""
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    return tmp_path


def install(site: Path, fields: str = "", files: dict[str, bytes] | None = None) -> Distribution:
    """Install Some_Thing 1.2 with these fields and files; what is found of it."""
    info = site / "some_thing-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(METADATA + fields)
    record = "some_thing-1.2.dist-info/RECORD,,\n"
    for name, data in (files or {}).items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_bytes(data)
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        record += f"{name},sha256={digest},{len(data)}\n"
    (info / "RECORD").write_text(record)
    (found,) = installed_distributions()
    return found


@pytest.mark.parametrize(
    ("fields", "licence"),
    [
        ("License-Expression: MIT AND Zlib\nLicense: other\n", Licence(expression="MIT AND Zlib")),
        ("License: Apache 2.0\n", Licence(names=("Apache 2.0",))),
        ("License: UNKNOWN\n", None),
        (
            "License: UNKNOWN\nClassifier: License :: OSI Approved :: BSD License\n",
            Licence(names=("BSD License",)),
        ),
        (f"License: {'long text ' * 20}\n", None),
        ("", None),
    ],
)
def test_a_licence_is_the_one_declared_or_none(
    site: Path, fields: str, licence: Licence | None
) -> None:
    assert install(site, fields).licence == licence


@pytest.mark.parametrize(
    ("fields", "author"),
    [
        ("Author: A. Person\nAuthor-email: a@b.c\n", "A. Person"),
        ("Author-email: A. Person <a@b.c>, B <b@b.c>\n", "A. Person, B"),
        ("Maintainer-email: <a@b.c>\n", "<a@b.c>"),
        ("Author: UNKNOWN\nMaintainer: The Team\n", "The Team"),
        ("", None),
    ],
)
def test_an_author_is_named_without_the_address_where_there_is_a_name(
    site: Path, fields: str, author: str | None
) -> None:
    assert install(site, fields).author == author


def test_libraries_are_found_by_any_version_behind_their_name(site: Path) -> None:
    files = {
        "some_thing/core.cpython-311-x86_64-linux-gnu.so": b"a",
        "some_thing.libs/libcrypto-5409cd36.so.1.1.1k": b"b",
        "some_thing.libs/libz.so.1": b"c",
        "some_thing/core.so.txt.py": b"d",
        "some_thing/__init__.py": b"e",
    }
    found = install(site, files=files)
    assert {file.name for file in found.native} == set(list(files)[:3])
    for file in found.native:
        assert file.sha256 == hashlib.sha256(files[file.name]).hexdigest()
        assert file.path == (site / file.name).resolve()


def test_the_frame_path_that_was_built_here_is_our_own(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = site / "frame_path.so"
    monkeypatch.setattr(distributions, "FILE", built)
    info = site / "sonoedge-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.4\nName: sonoedge\nVersion: 0.1.0\n")
    (info / "RECORD").write_text("")
    assert installed_distributions()[0].native == ()
    built.write_bytes(b"code")
    (file,) = installed_distributions()[0].native
    assert (file.path, file.sha256) == (built.resolve(), None)


def test_its_record_is_told_by_its_digest_and_its_own_lists_are_found(site: Path) -> None:
    found = install(site, files={"some_thing-1.2.dist-info/sboms/a.cdx.json": b"{}"})
    record = (site / "some_thing-1.2.dist-info/RECORD").read_bytes()
    assert found.record_sha256 == hashlib.sha256(record).hexdigest()
    assert [path.name for path in found.sboms] == ["a.cdx.json"]


def test_what_it_needs_leaves_extras_out(site: Path) -> None:
    fields = (
        "Requires-Dist: Numpy>=2\nRequires-Dist: other-thing ; python_version < '3'\n"
        "Requires-Dist: extra-thing ; extra == 'all'\n"
    )
    found = install(site, fields)
    assert (found.name, found.version) == ("some-thing", "1.2")
    assert found.needs == ("numpy", "other-thing")


def test_metadata_that_are_damaged_stop_no_list(site: Path) -> None:
    install(site)
    for number, text in enumerate(("", "Name: other\n", "Version: 1\n", "\x00\xff")):
        info = site / f"broken{number}-1.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(text)
    (site / "empty-1.dist-info").mkdir()
    found = {each.name: each.version for each in installed_distributions()}
    assert found == {"some-thing": "1.2", "other": "NOASSERTION"}


@pytest.fixture
def backport() -> None:
    """importlib_metadata, loaded: it takes over for the standard library's."""
    pytest.importorskip("importlib_metadata", reason="needs importlib_metadata, which dask brings")


def test_a_program_that_has_loaded_the_backport_has_a_list_as_well(
    backport: None, site: Path
) -> None:
    """It raises for a folder without metadata, where the standard library's is silent."""
    install(site)
    (site / "empty-1.dist-info").mkdir()
    assert "some-thing" in {each.name for each in installed_distributions()}


def test_a_digest_that_is_none_is_not_taken_for_one(site: Path) -> None:
    install(site, files={"some_thing/a.so": b"a"})
    record = site / "some_thing-1.2.dist-info/RECORD"
    for value in ("sha256=!!!", "md5=AAAA", "sha256=AAAA", ""):
        record.write_text(f"some_thing/a.so,{value},1\n")
        (found,) = installed_distributions()
        assert found.native[0].sha256 is None, value
