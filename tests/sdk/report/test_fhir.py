from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pydicom", reason="needs the extra dicom")

from dicom_samples import discs, write_dicom
from report_samples import analysed, collection, refused, region_at
from sonoedge.report.fhir import fhir_bundle
from sonoedge.report.findings import Findings
from sonoedge.report.source import read_source

ISSUED = "2026-01-01T00:00:00+00:00"
CASES = ("with", "without", "partly with", "partly without", "none")
NPM = """
const {Fhir} = require('fhir');
const bundle = JSON.parse(require('fs').readFileSync(0));
const found = new Fhir().validate(bundle, {errorOnUnexpected: true});
console.log(JSON.stringify(found));
"""


def found(case: str) -> Findings:
    taken = collection(2)
    region = (region_at(60, 60, 0.9),) if case.endswith("with") else ()
    taken.add(1, refused() if "partly" in case or case == "none" else analysed())
    taken.add(2, refused() if case == "none" else analysed(*region), (0.2, 0.2))
    return taken.findings()


def bundle(tmp_path: Path, case: str, **changes: Any) -> dict[str, Any]:
    source = read_source(write_dicom(tmp_path / "a.dcm", discs(2)))
    made = fhir_bundle(source, found(case), issued=ISSUED, **changes)
    return json.loads(json.dumps(made, allow_nan=False))


def of_kind(made: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    resources = (entry["resource"] for entry in made["entry"])
    return [r for r in resources if r["resourceType"] == kind]


def observations(value: Any) -> Iterator[dict[str, Any]]:
    """Every observation, and every component of one."""
    for observation in of_kind(value, "Observation"):
        yield observation
        yield from observation.get("component", ())


@pytest.mark.parametrize("case", CASES)
def test_the_models_of_r4_take_it(tmp_path: Path, case: str) -> None:
    resources = pytest.importorskip("fhir.resources.R4B.bundle", reason="needs fhir.resources")
    read = resources.Bundle.model_validate(bundle(tmp_path, case))
    assert len(read.entry) == 4 + case.endswith("with")


@pytest.mark.parametrize("case", CASES)
def test_the_validator_of_npm_finds_no_error(tmp_path: Path, case: str) -> None:
    if shutil.which("node") is None:
        pytest.skip("needs node")
    made = json.dumps(bundle(tmp_path, case)).encode()
    done = subprocess.run(["node", "-e", NPM], input=made, capture_output=True, timeout=60)
    if b"Cannot find module 'fhir'" in done.stderr:
        pytest.skip("needs the npm package fhir 4.12.0, and NODE_PATH where it lies")
    result = json.loads(done.stdout)
    assert result["valid"] is True
    assert [m for m in result["messages"] if m["severity"] == "error"] == []


@pytest.mark.req("R54")
@pytest.mark.parametrize("case", CASES)
def test_a_value_and_the_reason_for_its_absence_exclude_each_other(
    tmp_path: Path, case: str
) -> None:
    for item in observations(bundle(tmp_path, case)):
        values = [key for key in item if key.startswith("value")]
        assert len(values) + ("dataAbsentReason" in item) == 1


@pytest.mark.req("R54")
@pytest.mark.parametrize(
    ("case", "value"),
    [
        ("with", "111242"),
        ("without", "111241"),
        ("partly with", "111244"),
        ("partly without", None),
        ("none", None),
    ],
)
def test_not_analysed_is_an_absent_value(tmp_path: Path, case: str, value: str | None) -> None:
    made = bundle(tmp_path, case)
    summary = of_kind(made, "Observation")[0]
    assert summary["code"]["coding"][0]["code"] == "111017"
    if value is None:
        assert summary["dataAbsentReason"]["coding"][0]["code"] == "error"
        assert "111241" not in json.dumps(made)
    else:
        assert summary["valueCodeableConcept"]["coding"][0]["code"] == value
    assert ("not analysed: NO_CONTACT" in summary["note"][0]["text"]) == (case not in CASES[:2])
    assert {r["status"] for r in of_kind(made, "Observation")} == {"preliminary"}


def test_a_finding_has_its_probability_its_frame_and_its_size(tmp_path: Path) -> None:
    finding = of_kind(bundle(tmp_path, "with"), "Observation")[1]
    assert finding["valueQuantity"] == {
        "value": 90.0,
        "unit": "%",
        "system": "http://unitsofmeasure.org",
        "code": "%",
    }
    components = {c["code"]["text"]: c for c in finding["component"]}
    assert components["frame number"]["valueInteger"] == 2
    assert components["area"]["valueQuantity"]["value"] == 28.0
    assert finding["identifier"][0]["value"].startswith("urn:oid:2.25.")


@pytest.mark.req("R55")
def test_the_patient_is_named_only_on_request(tmp_path: Path) -> None:
    assert "PATIENT-4711" not in json.dumps(bundle(tmp_path, "with"))
    assert "Doe" not in json.dumps(bundle(tmp_path, "with", patient=True))
    report = of_kind(bundle(tmp_path, "with", patient=True), "DiagnosticReport")[0]
    assert report["subject"]["identifier"]["value"] == "PATIENT-4711"
    assert report["status"] == "preliminary"
