"""From a DICOM recording to a folder of reports: all of them, or none."""

from __future__ import annotations

import io
import json
import logging
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Final

import cv2

from sonoedge.analysis import Analysis, Origin
from sonoedge.bundle import read_bundle
from sonoedge.bundle.manifest import Manifest
from sonoedge.engines import open as opening
from sonoedge.errors import BundleError, InvalidSource, MissingDependency, SonoedgeError
from sonoedge.file_sha256 import file_sha256
from sonoedge.frames import Frame
from sonoedge.install import install_command
from sonoedge.report.cine import Cine
from sonoedge.report.collection import Collection
from sonoedge.report.findings import Algorithm, Findings
from sonoedge.report.folder import check_free, write_folder
from sonoedge.report.lines import read_lines
from sonoedge.report.request import Request

try:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from sonoedge.report import seg as segmentations
        from sonoedge.report.capture import Capture
        from sonoedge.report.fhir import fhir_bundle
        from sonoedge.report.source import SourceImage, read_source
        from sonoedge.report.sr import structured_report
except ModuleNotFoundError as error:
    if (error.name or "sonoedge").startswith("sonoedge"):
        raise
    raise MissingDependency(
        f"reports need {error.name}; run: {install_command('report')}"
    ) from error

logging.getLogger("highdicom").addHandler(logging.NullHandler())
logging.getLogger("highdicom").propagate = False  # its log quotes values

SR: Final = "sr.dcm"
SEG: Final = "seg.dcm"
OVERLAY: Final = "overlay.dcm"
FHIR: Final = "report.fhir.json"
_CANCER: Final = ("malign", "cancer", "carcinoma")


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What was made.

    Attributes:
        findings: what it says.
        files: name within the folder, and SOP Instance UID; None of one that is not DICOM.
        notes: what a person should know of it besides, in sentences.
        choice: which engine was taken, and why.
    """

    findings: Findings
    files: tuple[tuple[str, str | None], ...]
    notes: tuple[str, ...]
    choice: str


def make_report(
    request: Request, progress: Callable[[int, int], None] = lambda done, count: None
) -> Made:
    """Analyse a recording and write what was asked for.

    Args:
        progress: told after each picture how many of how many are done.

    Raises:
        SourceError: the file cannot be read, or changed meanwhile.
        InvalidSource: no report can be made of it.
        SonoedgeError: the bundle cannot be used, or the folder not be written. Nothing is
            left behind.
    """
    check_free(request.out)
    source = read_source(request.source)
    with ExitStack() as stack:
        cine = stack.enter_context(Cine(request.source, frames=source.frames, fps=request.fps))
        pictures = source.frames * cine.passes
        cv2.setNumThreads(1)  # pictures are small: OpenCV's pool would only disturb the engine's
        results = _results(request, source, cine, stack)
        collection = Collection(
            results.algorithm,
            frames=source.frames,
            passes=cine.passes,
            followed=results.followed,
            localised=results.localised,
        )
        capture = None
        if request.overlay:
            maker = results.algorithm.maker
            capture = Capture(frames=source.frames, maker=maker, blank=request.blank)
        for done, (number, frame, analysis) in enumerate(results.analyses, 1):
            collection.add(number, analysis, frame.spacing_mm)
            if capture is not None:
                capture.add(number, frame, analysis)
            progress(done, pictures)
        fps = cine.fps
    _check_unchanged(request.source, source)
    findings = collection.findings()
    with _quietly(source.name):
        files, notes = _files(request, source, findings, capture, fps)
    write_folder(request.out, {name: data for name, data, _ in files})
    return Made(
        findings=findings,
        files=tuple((name, uid) for name, _, uid in files),
        notes=notes,
        choice=results.choice,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Results:
    """Every picture with its analysis, and what analysed.

    Attributes are as in `Collection` and `Made`.
    """

    analyses: Iterable[tuple[int, Frame, Analysis]]
    algorithm: Algorithm
    followed: bool
    localised: bool
    choice: str


def _results(request: Request, source: SourceImage, cine: Cine, stack: ExitStack) -> _Results:
    """By an engine, or from a run that was made before; the bundle is vouched for either way."""
    if request.jsonl is None:
        analyser = stack.enter_context(
            opening.open(request.bundle, request.engine, tracking=cine.followed)
        )
        manifest = read_bundle(request.bundle).manifest
        if manifest.bundle_id != analyser.origin.bundle_id:
            raise BundleError("the bundle was replaced while it was opened; make the report anew")
        return _Results(
            analyses=cine.analysed(analyser),
            algorithm=algorithm_of(manifest, analyser.origin),
            followed=cine.followed,
            localised=analyser.localises,
            choice=f"variant {analyser.choice}",
        )
    bundle = read_bundle(request.bundle)
    bundle.check()
    lines = read_lines(
        request.jsonl,
        bundle,
        sha256=source.sha256,
        pictures=source.frames * cine.passes,
        hw=(int(source.header.Rows), int(source.header.Columns)),
    )
    analyses = zip(cine, lines.analyses, strict=True)
    return _Results(
        analyses=((number, frame, analysis) for (number, frame), analysis in analyses),
        algorithm=algorithm_of(bundle.manifest, lines.origin),
        followed=lines.followed,
        localised=any(spec.name == "lesion_map" for spec in bundle.manifest.outputs),
        choice=f"results of {request.jsonl.name}, variant {lines.origin.variant}",
    )


def algorithm_of(manifest: Manifest, origin: Origin) -> Algorithm:
    """What reports say of the bundle that analysed."""
    postprocess = manifest.postprocess
    return Algorithm(
        name=manifest.name,
        version=manifest.version,
        origin=origin,
        threshold=postprocess.flag_threshold,
        of_cancer=all(any(w in label.lower() for w in _CANCER) for label in postprocess.positive),
        breast="breast" in manifest.intended_use.lower(),
    )


def _check_unchanged(path: Path, source: SourceImage) -> None:
    """What was decoded must be what the digest was taken of."""
    try:
        same = file_sha256(path) == source.sha256
    except OSError:
        same = False
    if not same:
        raise InvalidSource(f"{source.name} changed while it was read; make the report anew")


File = tuple[str, bytes, str | None]


def _files(
    request: Request,
    source: SourceImage,
    findings: Findings,
    capture: Capture | None,
    fps: float | None,
) -> tuple[list[File], tuple[str, ...]]:
    files: list[File] = []
    notes = []
    if request.sr != "none":
        files.append(_dicom(SR, structured_report(source, findings, request.sr)))
    if request.seg:
        rows, columns = int(source.header.Rows), int(source.header.Columns)
        masks = segmentations.masks_of(findings, rows=rows, columns=columns)
        if masks.kept:
            files.append(_dicom(SEG, segmentations.segmentation(source, findings, masks)))
        else:
            notes.append(f"no {SEG}: {findings.no_region}")
        if masks.left_out:
            notes.append(f"{masks.left_out} masks are left out of {SEG}: no room")
    if capture is not None:
        files.append(_dicom(OVERLAY, capture.instance(source, findings, fps)))
    if request.fhir:
        issued = datetime.now(timezone.utc).isoformat(timespec="seconds")
        bundle = fhir_bundle(source, findings, issued=issued, patient=request.patient)
        text = json.dumps(bundle, indent=1, ensure_ascii=False, allow_nan=False)
        files.append((FHIR, text.encode() + b"\n", None))
    return files, tuple(notes)


def _dicom(name: str, instance: Any) -> File:
    file = io.BytesIO()
    instance.save_as(file, enforce_file_format=True)
    return name, file.getvalue(), str(instance.SOPInstanceUID)


@contextmanager
def _quietly(name: str) -> Iterator[None]:
    """Without a warning or an error of a library's: they quote what the file holds."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except (SonoedgeError, MemoryError):
            raise
        except Exception as error:  # noqa: BLE001  whatever a header's values make it raise
            raise InvalidSource(
                f"{name} has attributes of which no report can be made ({type(error).__name__})"
            ) from None
