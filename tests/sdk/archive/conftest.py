from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("pydicom", reason="needs the extra dicom")
pytest.importorskip("gdcm", reason="needs the extra dicom's decoders")
pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")

from archive_samples import request, write_archive
from sonoedge.archive.run import screen


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with a bit of everything; nobody writes into it."""
    return write_archive(tmp_path_factory.mktemp("archive") / "archive")


@pytest.fixture(scope="session")
def screened(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """That archive's screening by one process; nobody writes into it."""
    out = tmp_path_factory.mktemp("screened") / "out"
    screen(request(archive, out))
    return out
