"""What a report takes from the file that it is about, and what it refuses.

Importing this module needs pydicom. Only the attributes that stand in `TAGS` are read, so that
nothing else of a patient can leave.
"""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pydicom
from pydicom.valuerep import PersonName

from sonoedge.errors import InvalidSource, SonoedgeError, SourceError
from sonoedge.file_sha256 import file_sha256

IMAGE: Final = "1.2.840.10008.5.1.4.1.1.6.1"
MULTI_FRAME: Final = "1.2.840.10008.5.1.4.1.1.3.1"
_RETIRED: Final = {"1.2.840.10008.5.1.4.1.1.6", "1.2.840.10008.5.1.4.1.1.3"}

# Copied into what is made, so that it is filed with the patient and study of its source.
PATIENT: Final = (
    *("PatientName", "PatientID", "IssuerOfPatientID", "PatientBirthDate", "PatientSex"),
    *("StudyInstanceUID", "StudyID", "StudyDate", "StudyTime", "AccessionNumber"),
    "ReferringPhysicianName",
)
# Read, to refer to the picture.
_PICTURE: Final = (
    *("SOPClassUID", "SOPInstanceUID", "SeriesInstanceUID", "Rows", "Columns", "NumberOfFrames"),
    *("LossyImageCompression", "LossyImageCompressionRatio", "LossyImageCompressionMethod"),
)
TAGS: Final = ("SpecificCharacterSet", *PATIENT, *_PICTURE)

_UID: Final = re.compile(r"(0|[1-9]\d*)(\.(0|[1-9]\d*))+")
_DATE: Final = re.compile(r"\d{8}")
_TIME: Final = re.compile(r"\d{2}(\d{2}(\d{2}(\.\d{1,6})?)?)?")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SourceImage:
    """The file that is reported on.

    Attributes:
        name: of the file, without its folder.
        header: its attributes of `TAGS`, text decoded, absent ones of type 2 empty; a pydicom
            data set.
        frames: how many.
        sha256: of the file's bytes.
    """

    name: str
    header: Any
    frames: int
    sha256: str

    @property
    def multi_frame(self) -> bool:
        """Whether its frames have numbers."""
        return str(self.header.SOPClassUID) == MULTI_FRAME

    @property
    def reference(self) -> dict[str, str]:
        """Its class and instance, as other objects refer to it."""
        return {
            "ReferencedSOPClassUID": str(self.header.SOPClassUID),
            "ReferencedSOPInstanceUID": str(self.header.SOPInstanceUID),
        }


def read_source(path: Path) -> SourceImage:
    """Read what a report needs of a file.

    Raises:
        SourceError: it is not there, or cannot be read as DICOM.
        InvalidSource: it is of a class that nothing can refer to, has no picture, or lacks an
            identifier without which a report cannot be filed.
    """
    name = path.name
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # they quote a file's values
        try:
            if not path.is_file() and path.exists():  # a pipe would be waited for, and read once
                raise SourceError(f"{path} is no ordinary file; give an ultrasound image or cine")
            sha256 = file_sha256(path)
            with path.open("rb") as file:
                head = file.read(132)
                file.seek(0)
                header = pydicom.dcmread(
                    file,
                    stop_before_pixels=True,
                    specific_tags=list(TAGS),
                    force=head[128:] != b"DICM" and head[:2] in (b"\x02\x00", b"\x08\x00"),
                )
                header = _prepared(header)
        except (SonoedgeError, MemoryError):
            raise
        except Exception as error:  # noqa: BLE001  pydicom raises whatever it likes
            if isinstance(error, OSError) and error.strerror:  # the system's, and not pydicom's
                raise SourceError(f"{path} cannot be opened: {error.strerror}") from None
            raise SourceError(
                f"{name} cannot be read as DICOM; is it complete? ({type(error).__name__})"
            ) from None
    frames = _check(header, name)
    return SourceImage(name=name, header=header, frames=frames, sha256=sha256)


def _prepared(read: Any) -> Any:
    """The attributes as plain values: text in Unicode, what is not valid left empty."""
    read.decode()
    header = pydicom.Dataset()
    header.SpecificCharacterSet, header.Modality = "ISO_IR 192", "US"
    for name in TAGS[1:]:
        value = read.get(name)
        if name in _CHECKED and value is not None and not _CHECKED[name].fullmatch(str(value)):
            value = None
        if isinstance(value, PersonName):
            value = str(value)
        if value is not None or (name in PATIENT and name != "IssuerOfPatientID"):
            setattr(header, name, value)
    return header


# Values that a library would refuse to write again; a report has to be made all the same.
_CHECKED: Final = {
    "PatientBirthDate": _DATE,
    "StudyDate": _DATE,
    "StudyTime": _TIME,
    "PatientSex": re.compile("[MFO]"),
}


def _check(header: Any, name: str) -> int:
    kind = str(header.get("SOPClassUID") or "")
    if kind in _RETIRED:
        raise InvalidSource(
            f"{name} is of a retired ultrasound class ({kind}), which no report can refer to; "
            "have it exported anew as Ultrasound Image or Ultrasound Multi-frame Image"
        )
    if kind not in (IMAGE, MULTI_FRAME):
        raise InvalidSource(
            f"{name} is no Ultrasound Image and no Ultrasound Multi-frame Image; reports are made "
            "of these two classes"
        )
    if not header.get("Rows") or not header.get("Columns"):
        raise InvalidSource(f"{name} is a DICOM file without a picture; is it complete?")
    for uid in ("SOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID"):
        if not _UID.fullmatch(str(header.get(uid) or "")) or len(str(header.get(uid))) > 64:
            raise InvalidSource(
                f"{name} has no valid {uid}: a report on it could not be filed beside it"
            )
    frames = int(header.get("NumberOfFrames") or 1)
    if frames < 1 or (frames > 1 and kind == IMAGE):
        raise InvalidSource(f"{name} claims {frames} frames, which its class cannot have")
    return frames
