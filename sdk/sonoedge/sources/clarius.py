"""Pictures from a Clarius probe by the vendor's Cast library, in a process of its own.

The library is native code whose clean-up has crashed programs (clariusdev/cast#227), so it is
loaded only in a child, as decoders are. It is the vendor's, is licensed by them, and is never
fetched: `?lib=DIR` says where it lies.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlsplit

from sonoedge.errors import InvalidSettings
from sonoedge.late_edges import LATE_EDGES
from sonoedge.sources.child.limits import Limits
from sonoedge.sources.child.process import Wording
from sonoedge.sources.child.reader import ChildReader
from sonoedge.sources.picture import Contents, Picture

PORT: Final = 5828  # where the app was told to use it; it shows its port
_FORM: Final = "clarius://IP[:PORT]?lib=DIR, DIR being the folder of pyclariuscast and libcast.so"
_READER: Final = LATE_EDGES["cast library"]
_WORDING: Final = Wording(
    failure="is lost",
    process="the process of the Cast library",
    remedy="is that library of the same version as the Clarius app?",
)
# The library keeps its keys in a file; a probe that is frozen for hours is no fault.
_LIMITS: Final = Limits(open_s=15.0, picture_s=4.5, file_mib=16)


@dataclass(frozen=True, slots=True, kw_only=True)
class CastAddress:
    """Where the Clarius app is.

    Attributes:
        ip, port: as the app shows them.
        library: the folder of the vendor's library.
    """

    ip: str
    port: int
    library: Path


def address_from(spec: str) -> CastAddress:
    """An address as people write it.

    Raises:
        InvalidSettings: it is none, or the library's folder is missing.
    """
    try:
        parts = urlsplit(spec)
        ip = str(ipaddress.IPv4Address(parts.hostname or ""))
        port = PORT if parts.port is None else parts.port
        options = parse_qs(parts.query, strict_parsing=bool(parts.query))
    except ValueError as error:
        raise InvalidSettings(f"{spec} is no address ({error}); give {_FORM}") from None
    folders = options.pop("lib", [])
    wrong = parts.username is not None or parts.fragment or parts.path not in ("", "/")
    if wrong or options or len(folders) != 1 or port == 0:
        raise InvalidSettings(f"{spec} is no address; give {_FORM}")
    library = Path(folders[0]).absolute()
    if not library.is_dir():
        raise InvalidSettings(f"lib={folders[0]} is no folder; give {_FORM}")
    return CastAddress(ip=ip, port=port, library=library)


def clarius(address: CastAddress, limits: Limits = _LIMITS) -> Contents:
    """The pictures of a probe, connected until it is closed.

    Raises:
        SourceCrashed: the library ended its process, or did not answer in time.
        MissingDependency: there is no such library, or it does not fit this Python.
        SourceError: it cannot connect; when read, the probe is lost.
    """
    child = ChildReader(limits, wording=_WORDING)
    try:
        # The child gets one path: the library's folder, and what it is to open "within".
        contents = child.open(_READER, address.library / f"{address.ip}:{address.port}")
    except BaseException:
        child.close()
        raise

    def pictures() -> Generator[Picture, None, None]:
        with child, closing(contents.pictures()) as read:
            yield from read

    return replace(contents, name="clarius", pictures=pictures)
