"""The validators that a hospital's engineer would run, where they are installed."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

_JARS = [Path("/usr/share/java") / name for name in ("pixelmed.jar", "commons-codec.jar")]
_LIMITS = [f"-Djdk.xml.xpath{name}=0" for name in ("TotalOpLimit", "ExprOpLimit", "ExprGrpLimit")]
# The source's own: an identifier that it lacks, or a name of one part.
_OF_SOURCE = ("DICOMDIR", "Retired Person Name form")


def dciodvfy(path: Path) -> list[str]:
    """Errors and warnings of dicom3tools, but for those that the source itself has.

    That Laterality is empty, which nobody knows, is the one warning left out of a picture.
    """
    if shutil.which("dciodvfy") is None:
        pytest.skip("needs dciodvfy (Debian: dicom3tools)")
    done = subprocess.run(["dciodvfy", str(path)], capture_output=True, timeout=60)
    lines = (done.stdout + done.stderr).decode(errors="replace").splitlines()
    found = [line for line in lines if re.match("Error|Warning", line)]
    known = (*_OF_SOURCE, "attribute <Laterality>")
    return [line for line in found if not any(words in line for words in known)]


def pixelmed(path: Path) -> list[str]:
    """Errors and warnings of PixelMed's validator of structured reports."""
    if shutil.which("java") is None or not all(jar.exists() for jar in _JARS):
        pytest.skip("needs PixelMed (Debian: libpixelmed-java, openjdk-17-jre-headless)")
    done = subprocess.run(
        [
            *("java", *_LIMITS, "-cp", ":".join(map(str, _JARS))),
            *("com.pixelmed.validate.DicomSRValidator", str(path)),
        ],
        capture_output=True,
        timeout=120,
    )
    text = (done.stdout + done.stderr).decode(errors="replace")
    assert "Root Template Validation Complete" in text, text
    assert "IOD validation complete" in text, text
    return [line for line in text.splitlines() if re.search("Error|Warning", line)]
