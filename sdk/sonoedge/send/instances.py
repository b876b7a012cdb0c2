"""The DICOM files of a folder that are to be sent.

Importing this module needs pydicom.
"""

from __future__ import annotations

import stat
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pydicom

from sonoedge.errors import InvalidSettings, SonoedgeError, SourceError

MOST: Final = 1000
_TAGS: Final = ("SOPClassUID", "SOPInstanceUID")


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """A DICOM file.

    Attributes:
        path: of the file.
        sop_class, uid, syntax: its class, instance and transfer syntax.
    """

    path: Path
    sop_class: str
    uid: str
    syntax: str

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name

    def data_set(self) -> Any:
        """The whole file, a pydicom data set.

        Raises:
            SourceError: it cannot be read.
        """
        return _read(self.path, None)


def instances(folder: Path) -> tuple[Instance, ...]:
    """The files of a folder that end in .dcm, by name.

    Raises:
        InvalidSettings: there is none, or there are more than are sent at once.
        SourceError: the folder or a file cannot be read.
    """
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix == ".dcm")
    except OSError as error:
        raise SourceError(f"{folder} cannot be read: {error.strerror}") from None
    if not paths:
        raise InvalidSettings(f"{folder} holds no .dcm file; give a folder of sonoedge report")
    if len(paths) > MOST:
        raise InvalidSettings(f"{folder} holds {len(paths)} files; at most {MOST} are sent at once")
    return tuple(_instance(path) for path in paths)


def _instance(path: Path) -> Instance:
    header = _read(path, list(_TAGS))
    syntax = header.file_meta.get("TransferSyntaxUID")
    values = [str(header.get(name) or "") for name in _TAGS]
    if not syntax or not all(values):
        raise SourceError(f"{path.name} names no class, instance or transfer syntax")
    return Instance(path=path, sop_class=values[0], uid=values[1], syntax=str(syntax))


def _read(path: Path, tags: list[Any] | None) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # they quote a file's values
        try:
            if not stat.S_ISREG(path.stat().st_mode):  # a pipe would be waited for
                raise SourceError(f"{path.name} is no ordinary file; take it out of the folder")
            return pydicom.dcmread(path, specific_tags=tags, stop_before_pixels=tags is not None)
        except SonoedgeError:
            raise
        except OSError as error:
            raise SourceError(f"{path.name} cannot be read: {error.strerror}") from None
        except Exception as error:  # noqa: BLE001  pydicom raises whatever it likes
            raise SourceError(
                f"{path.name} cannot be read as DICOM ({type(error).__name__})"
            ) from None
