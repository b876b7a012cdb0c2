from __future__ import annotations

import pytest

from sonoedge.sbom.component import (
    UNKNOWN,
    Component,
    Licence,
    normalised,
    property_list,
    pypi_purl,
    without_version,
)


def test_what_nobody_told_is_said_to_be_unknown_and_never_left_blank() -> None:
    written = Component(kind="library", ref="a", name="a").cyclonedx()
    assert written["supplier"] == {"name": UNKNOWN}
    assert written["version"] == UNKNOWN
    assert written["licenses"] == [{"license": {"name": UNKNOWN}}]
    assert "" not in str(written).replace("''", "<blank>").split("<blank>")


def test_a_file_is_licensed_and_supplied_as_the_part_that_holds_it() -> None:
    part = Component(kind="file", ref="f", name="lib.so", sha256="ab" * 32)
    whole = Component(
        kind="library",
        ref="a",
        name="a",
        version="1",
        supplier="Somebody",
        licence=Licence(expression="MIT"),
        parts=(part,),
    ).cyclonedx()
    assert whole["components"] == [
        {
            "type": "file",
            "bom-ref": "f",
            "name": "lib.so",
            "hashes": [{"alg": "SHA-256", "content": "ab" * 32}],
        }
    ]
    assert whole["licenses"] == [{"expression": "MIT", "acknowledgement": "declared"}]


def test_a_licence_that_is_no_expression_keeps_its_name() -> None:
    assert Licence(names=("BSD", "3-Clause")).cyclonedx() == [
        {"license": {"name": "BSD", "acknowledgement": "declared"}},
        {"license": {"name": "3-Clause", "acknowledgement": "declared"}},
    ]


@pytest.mark.parametrize(
    ("name", "version", "purl"),
    [
        ("Foo_Bar.baz", "1.0", "pkg:pypi/foo-bar-baz@1.0"),
        ("torch", "2.13.0+cpu", "pkg:pypi/torch@2.13.0%2Bcpu"),
    ],
)
def test_a_package_url_is_normalised_and_escaped(name: str, version: str, purl: str) -> None:
    assert pypi_purl(name, version) == purl
    assert without_version(purl) == f"pkg:pypi/{normalised(name)}"
    assert without_version(None) is None


def test_a_list_gives_one_property_for_each_text() -> None:
    assert property_list({"a": "1", "b": ["2", "3"]}) == [
        {"name": "a", "value": "1"},
        {"name": "b", "value": "2"},
        {"name": "b", "value": "3"},
    ]
