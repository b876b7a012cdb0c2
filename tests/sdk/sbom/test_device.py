from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sonoedge.sbom.device import Device, device_sbom
from sonoedge.sbom.distributions import Distribution, NativeFile
from sonoedge.sbom.owners import MappedLibrary, PythonItself, SystemItself
from sonoedge.sbom.soup import Soup, SoupPart, Vulnerability
from sonoedge.sbom.system import OperatingSystem, SystemPackage

NOW = "2026-11-29T02:00:00+00:00"
ENTRY = SoupPart(
    kind="pypi",
    name="numpy",
    versions=("1.0",),
    manufacturer="NumPy developers",
    needed_for="arrays",
    needs="glibc",
    level_of_support="actively maintained",
    end_of_support="unknown",
    anomalies="not looked at",
)
SSL = "pkg:rpm/almalinux/openssl-libs"
DRIVER = replace(ENTRY, kind="system", name="driver", files=("libcuda.so*",))
KNOWN = Vulnerability(
    id="CVE-1",
    source="NVD",
    part=SSL,
    versions=("1.1.1k",),
    state="in_triage",
    detail="?",
    judged="2026-11-29",
)


def distribution(name: str, *needs: str, **changes: Any) -> Distribution:
    values: dict[str, Any] = {
        "name": name,
        "version": "1.0",
        "licence": None,
        "author": None,
        "needs": needs,
        "native": (),
        "record_sha256": None,
        "sboms": (),
    }
    return Distribution(**(values | changes))


@pytest.fixture
def device(tmp_path: Path) -> Device:
    """sonoedge, numpy with a grafted library, and one of each other owner."""
    sbom = tmp_path / "a.cdx.json"
    part = {"name": "openssl-libs", "version": "1.1.1k", "purl": f"{SSL}@1.1.1k"}
    sbom.write_text(json.dumps({"bomFormat": "CycloneDX", "components": [part]}))
    native = tuple(
        NativeFile(path=Path(f"/v/{name}"), name=name, sha256="a" * 64)
        for name in ("core.so", "unused.so")
    )
    numpy = distribution("numpy", native=native, sboms=(sbom,), record_sha256="b" * 64)
    bare = distribution(
        "bare", native=(NativeFile(path=Path("/v/x.so"), name="x.so", sha256=None),)
    )
    owners = {
        "/v/core.so": numpy,
        "/usr/lib/libc.so.6": SystemPackage(name="libc6", version="2.36", architecture="amd64"),
        "/usr/lib/libcuda.so.1": DRIVER,
        "/usr/bin/python3": PythonItself(),
        "/lib/libm.so": SystemItself(),
    }
    return Device(
        distributions=[bare, numpy, distribution("sonoedge", "numpy", "absent")],
        libraries=[
            MappedLibrary(path=Path(path), sha256="c" * 64, owner=owner)
            for path, owner in owners.items()
        ],
        system=OperatingSystem(id="debian", name="Debian", version="12", kernel="6.1"),
        soup=Soup(parts=(ENTRY, DRIVER), vulnerabilities=(KNOWN,)),
        opened="nothing",
    )


def written(device: Device) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """The document, and its components by their refs."""
    document: dict[str, Any] = json.loads(device_sbom(device, NOW))
    return document, {each["bom-ref"]: each for each in document["components"]}


def values(component: dict[str, Any]) -> dict[str, str]:
    return {each["name"]: each["value"] for each in component["properties"]}


def test_a_frame_path_of_our_own_is_a_part_of_the_application(device: Device) -> None:
    file = NativeFile(
        path=Path("/v/frame_path.so"), name="sonoedge/native/frame_path.so", sha256=None
    )
    own = distribution("sonoedge", native=(file,))
    others = [d for d in device.distributions if d.name != "sonoedge"]
    mapped = MappedLibrary(path=file.path, sha256="c" * 64, owner=own)
    text = device_sbom(
        replace(device, distributions=[*others, own], libraries=[*device.libraries, mapped]), NOW
    )
    document = json.loads(text)
    (part,) = document["metadata"]["component"]["components"]
    assert part["name"] == "sonoedge/native/frame_path.so"
    assert part["hashes"][0]["content"] == "c" * 64
    unknown = [c for c in document["compositions"] if c["aggregate"] == "unknown"]
    assert all("sonoedge" not in c.get("assemblies", []) for c in unknown)


def test_a_part_tells_what_we_need_of_it_and_a_part_without_an_entry_says_so(
    device: Device,
) -> None:
    _, parts = written(device)
    assert parts["pypi:numpy"]["supplier"] == {"name": "NumPy developers"}
    assert values(parts["pypi:numpy"])["sonoedge:soup:needed_for"] == "arrays"
    assert values(parts["pypi:numpy"])["sonoedge:record_sha256"] == "b" * 64
    assert values(parts["pypi:bare"])["sonoedge:soup"] == "no entry in soup.toml"


def test_parts_within_a_distribution_are_told_and_which_of_them_run(device: Device) -> None:
    _, parts = written(device)
    within = {each["name"]: each for each in parts["pypi:numpy"]["components"]}
    assert set(within) == {"openssl-libs", "core.so", "unused.so"}
    assert values(within["core.so"])["sonoedge:mapped"] == "yes"
    assert within["core.so"]["hashes"][0]["content"] == "c" * 64
    assert values(within["unused.so"])["sonoedge:mapped"] == "no"


def test_every_mapped_library_stands_in_the_document_with_its_digest(device: Device) -> None:
    document, parts = written(device)
    mapped = [
        each["name"]
        for part in parts.values()
        for each in part.get("components", ())
        if {"name": "sonoedge:mapped", "value": "yes"} in each["properties"]
    ]
    assert len(mapped) == len(device.libraries)
    assert {"name": "sonoedge:mapped_libraries", "value": "5"} in document["properties"]
    for ref in ("deb:libc6:amd64", "declared:driver", "python", "operating-system"):
        assert parts[ref]["components"][0]["hashes"][0]["content"] == "c" * 64


def test_what_is_within_a_part_that_carries_no_list_is_said_to_be_unknown(device: Device) -> None:
    document, _ = written(device)
    assert document["compositions"] == [{"aggregate": "unknown", "assemblies": ["pypi:bare"]}]


def test_what_sonoedge_needs_is_told_from_what_else_is_installed(device: Device) -> None:
    document, parts = written(device)
    assert parts["pypi:numpy"]["scope"] == "required"
    assert parts["pypi:bare"]["scope"] == "optional"
    edges = {each["ref"]: each["dependsOn"] for each in document["dependencies"]}
    assert edges["sonoedge"] == ["pypi:numpy", "python"]


def test_a_vulnerability_points_at_the_part_within_the_part(device: Device) -> None:
    document, _ = written(device)
    (entry,) = document["vulnerabilities"]
    assert entry["affects"] == [{"ref": "numpy/grafted/0"}]


def test_every_ref_stands_once_and_every_edge_ends_at_one(device: Device) -> None:
    text = device_sbom(device, NOW)
    refs = [line.split('"')[3] for line in text.splitlines() if '"bom-ref"' in line]
    assert len(refs) == len(set(refs))
    document = json.loads(text)
    for edge in document["dependencies"]:
        assert {edge["ref"], *edge["dependsOn"]} <= set(refs)


def test_the_same_device_at_the_same_time_gives_the_same_bytes(device: Device) -> None:
    assert device_sbom(device, NOW) == device_sbom(device, NOW)
    other = device_sbom(replace(device, opened="a bundle"), NOW)
    assert json.loads(other)["serialNumber"] != json.loads(device_sbom(device, NOW))["serialNumber"]


@pytest.mark.parametrize("version", ["1.6", "1.7"])
def test_it_is_valid_against_the_strict_schema(device: Device, version: Any) -> None:
    pytest.importorskip("cyclonedx", reason="needs the extra export")
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    text = device_sbom(device, NOW, version)
    assert JsonStrictValidator(SchemaVersion.from_version(version)).validate_str(text) is None
