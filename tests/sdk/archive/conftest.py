from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("pydicom", reason="needs the extra dicom")
pytest.importorskip("gdcm", reason="needs the extra dicom's decoders")
pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")

from archive_samples import request, write_archive
from once import made_once
from sonoedge.archive.run import screen


@pytest.fixture(scope="session")
def archive() -> Path:
    """An archive with a bit of everything; nobody writes into it."""
    return made_once("archive", lambda folder: write_archive(folder / "archive")) / "archive"


@pytest.fixture(scope="session")
def screened(archive: Path) -> Path:
    """That archive's screening by one process; nobody writes into it."""
    return made_once("screened", lambda folder: screen(request(archive, folder / "out"))) / "out"
