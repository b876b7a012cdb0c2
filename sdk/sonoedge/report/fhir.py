"""A FHIR R4 bundle of what was found: written by hand, as it is a page of plain values.

A frame that was not analysed is an absent value with its reason, never a negative one. Codes are
DICOM's and UCUM's with words beside them; SNOMED CT, whose use in FHIR asks for a licence of the
reader's own, is left to whoever has one.
"""

from __future__ import annotations

import uuid
from typing import Any, Final

from sonoedge import __version__
from sonoedge.report import codes
from sonoedge.report.codes import Code
from sonoedge.report.findings import Finding, Findings
from sonoedge.report.source import SourceImage

_SYSTEMS: Final = {
    "DCM": "http://dicom.nema.org/resources/ontology/DCM",
    "UCUM": "http://unitsofmeasure.org",
    "LN": "http://loinc.org",
}
_CATEGORY: Final = "http://terminology.hl7.org/CodeSystem/observation-category"
_ABSENT: Final = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
_UID: Final = "urn:dicom:uid"

Resource = dict[str, Any]


def fhir_bundle(
    source: SourceImage, findings: Findings, *, issued: str, patient: bool = False
) -> Resource:
    """The bundle, of type collection, as plain values for JSON.

    Args:
        source: what is reported on.
        findings: of all its frames.
        issued: when it was made, ISO 8601 with its time zone.
        patient: name the patient by the identifier in the source; else nobody is named.
    """
    device, study = _reference(), _reference()
    subject = _subject(source, patient)
    common: Resource = {"status": "preliminary", "subject": subject}
    observation = {
        **common,
        "resourceType": "Observation",
        "category": [{"coding": [{"system": _CATEGORY, "code": "imaging"}]}],
        "device": {"reference": device},
        "derivedFrom": [{"reference": study}],
    }
    entries = [
        (device, _device(findings)),
        (study, _study(source, subject)),
    ]
    results = [(_reference(), observation | _summary(findings))]
    results += [
        (_reference(), observation | _finding(findings, finding)) for finding in findings.findings
    ]
    report = {
        **common,
        "resourceType": "DiagnosticReport",
        "code": _concept(codes.DIAGNOSTIC_IMAGING),
        "issued": issued,
        "imagingStudy": [{"reference": study}],
        "result": [{"reference": url} for url, _ in results],
    }
    entries = [*entries, *results, (_reference(), report)]
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": issued,
        "entry": [{"fullUrl": url, "resource": resource} for url, resource in entries],
    }


def _summary(findings: Findings) -> Resource:
    """How the run went. Nothing found is said only where every picture was analysed."""
    outcome = _concept(findings.summary)
    values: Resource = {
        "code": _concept(codes.SUMMARY),
        "note": [{"text": findings.comment}],
    }
    if not findings.not_analysed:
        return values | {"valueCodeableConcept": outcome}
    missing = {
        "code": {"text": "pictures that were not analysed"},
        "dataAbsentReason": _absent(),
    }
    if findings.findings:
        return values | {"valueCodeableConcept": outcome, "component": [missing]}
    counted = {
        "code": {"text": "pictures that were analysed"},
        "valueInteger": findings.analysed,
    }
    return values | {"dataAbsentReason": _absent(), "component": [missing, counted]}


def _finding(findings: Findings, finding: Finding) -> Resource:
    algorithm = findings.algorithm
    name = codes.PROBABILITY_OF_CANCER if algorithm.of_cancer else codes.CERTAINTY
    components = [{"code": {"text": "frame number"}, "valueInteger": finding.frame}]
    if finding.area_mm2 is not None:
        components.append(_length("area", finding.area_mm2, codes.SQUARE_MILLIMETRE))
    if finding.axes_mm is not None:
        for axis, length in zip(("long axis", "short axis"), finding.axes_mm, strict=True):
            components.append(_length(axis, length, codes.MILLIMETRE))
    values: Resource = {
        "identifier": [_uid(finding.tracking_uid)],
        "code": _concept(name),
        "valueQuantity": _quantity(100 * finding.suspicion, codes.PERCENT),
        "method": {"text": f"{algorithm.name} {algorithm.version}"},
        "note": [{"text": f"{finding.label}. {codes.NOTICE}."}],
        "component": components,
    }
    return values | ({"bodySite": {"text": "Breast"}} if algorithm.breast else {})


def _device(findings: Findings) -> Resource:
    algorithm = findings.algorithm
    versions = (f"sonoedge {__version__}", *algorithm.parameters)
    return {
        "resourceType": "Device",
        "type": _concept(codes.ARTIFICIAL_INTELLIGENCE),
        "manufacturer": "sonoedge",
        "deviceName": [{"name": algorithm.name, "type": "model-name"}],
        "version": [{"value": value} for value in (algorithm.version, *versions)],
        "note": [{"text": codes.NOTICE}],
    }


def _study(source: SourceImage, subject: Resource) -> Resource:
    header = source.header
    modality = {"system": _SYSTEMS["DCM"], "code": "US", "display": "Ultrasound"}
    instance = {
        "uid": str(header.SOPInstanceUID),
        "sopClass": {"system": "urn:ietf:rfc:3986", "code": f"urn:oid:{header.SOPClassUID}"},
    }
    return {
        "resourceType": "ImagingStudy",
        "identifier": [_uid(str(header.StudyInstanceUID))],
        "status": "available",
        "subject": subject,
        "modality": [modality],
        "series": [
            {
                "uid": str(header.SeriesInstanceUID),
                "modality": modality,
                "instance": [instance],
            }
        ],
    }


def _subject(source: SourceImage, patient: bool) -> Resource:
    identifier = str(source.header.get("PatientID") or "") if patient else ""
    if not identifier:
        return {"display": "not named here"}
    return {"type": "Patient", "identifier": {"value": identifier}}


def _concept(code: Code) -> Resource:
    coding = {"system": _SYSTEMS[code.scheme], "code": code.value, "display": code.meaning}
    return {"coding": [coding], "text": code.meaning}


def _length(name: str, value: float, unit: Code) -> Resource:
    return {"code": {"text": name}, "valueQuantity": _quantity(value, unit)}


def _quantity(value: float, unit: Code) -> Resource:
    return {
        "value": round(value, 2),
        "unit": unit.value,
        "system": _SYSTEMS["UCUM"],
        "code": unit.value,
    }


def _absent() -> Resource:
    return {
        "coding": [{"system": _ABSENT, "code": "error", "display": "Error"}],
        "text": "not analysed",
    }


def _uid(uid: str) -> Resource:
    return {"system": _UID, "value": f"urn:oid:{uid}"}


def _reference() -> str:
    return f"urn:uuid:{uuid.uuid4()}"
