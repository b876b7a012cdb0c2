"""`sonoedge send`: store the reports of a folder in an archive."""

from __future__ import annotations

import argparse
import math
import ssl
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sonoedge.bounded_read import read_regular
from sonoedge.bundle.names import printable
from sonoedge.errors import InvalidSettings, MissingDependency, NotDelivered
from sonoedge.install import install_command
from sonoedge.send.delivery import Delivery
from sonoedge.send.peer import check_title, parse_peer, parse_url

if TYPE_CHECKING:
    from sonoedge.send.instances import Instance

_MOST_SECRET: Final = 8192


def send(argv: Sequence[str]) -> int:
    """Run the verb; returns the exit code.

    Raises:
        NotDelivered: not every instance was stored.
        SonoedgeError: an argument or a file cannot be used; nothing was sent.
    """
    args = _parser().parse_args(argv)
    _check(args)
    try:
        from sonoedge.send.instances import instances  # late: it needs the extra `send`
    except ModuleNotFoundError as error:
        if error.name != "pydicom":
            raise
        raise MissingDependency(
            f"DICOM files need pydicom; run: {install_command('send')}"
        ) from error
    files = instances(args.folder)
    stored = 0
    for delivery in _deliveries(args, files):
        print(printable(f"{delivery}  {delivery.uid}"), flush=True)
        stored += delivery.stored
    if stored < len(files):
        raise NotDelivered(
            f"{len(files) - stored} of {len(files)} instances are not known to be stored; the "
            "same command again is safe"
        )
    return 0


def _deliveries(args: argparse.Namespace, files: tuple[Instance, ...]) -> Iterator[Delivery]:
    if args.to is not None:
        from sonoedge.send import cstore

        tls = _tls(args.ca) if args.tls else None
        return cstore.store(
            files, parse_peer(args.to), calling=args.calling, timeout_s=args.timeout, tls=tls
        )
    from sonoedge.send import stow

    secret = None if args.authorization is None else _secret(args.authorization)
    url = parse_url(args.stow, tls=args.tls, authorized=secret is not None)
    tls = _tls(args.ca) if url.startswith("https:") else None
    return stow.store(files, url, timeout_s=args.timeout, tls=tls, authorization=secret)


def _check(args: argparse.Namespace) -> None:
    if (args.to is None) == (args.stow is None):
        raise InvalidSettings("give --to AE@HOST:PORT, or --stow URL")
    if not (math.isfinite(args.timeout) and 0.1 <= args.timeout <= 3600):
        raise InvalidSettings("--timeout must be 0.1 to 3600 seconds")
    if args.to is not None:
        parse_peer(args.to)
        check_title(args.calling, "--calling")
        if args.authorization is not None:
            raise InvalidSettings("--authorization goes with --stow")
        if args.ca is not None and not args.tls:
            raise InvalidSettings("--ca goes with --tls")
    else:
        parse_url(args.stow, tls=args.tls, authorized=args.authorization is not None)


def _tls(ca: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=None if ca is None else str(ca))
    except (OSError, ssl.SSLError):
        raise InvalidSettings(f"--ca {ca} holds no certificates in PEM form") from None


def _secret(file: Path) -> str:
    try:
        text = read_regular(file, _MOST_SECRET).decode("ascii").strip()
    except (OSError, UnicodeDecodeError):
        text = ""
    if not text or len(text) > _MOST_SECRET or not text.isprintable():
        raise InvalidSettings(
            f"--authorization {file} must hold one line, as 'Bearer TOKEN'; it cannot be used"
        )
    return text


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sonoedge send",
        description="Store the .dcm files of a folder in an archive, one line for each. Safe to "
        "repeat: what is there already stays as it is. Exit code 7 unless all are stored.",
    )
    add = parser.add_argument
    add("folder", metavar="DIR", type=Path, help="a folder of sonoedge report")
    add("--to", metavar="AE@HOST:PORT", help="a DICOM archive (C-STORE)")
    add("--stow", metavar="URL", help="a DICOMweb service (STOW-RS)")
    add("--tls", action="store_true", help="secure the connection, and check the peer's name")
    add("--ca", metavar="FILE", type=Path, help="certificates to trust in place of the system's")
    add(
        "--authorization",
        metavar="FILE",
        type=Path,
        help="with --stow: a file whose one line is sent as the header Authorization",
    )
    add("--calling", metavar="AE", default="SONOEDGE", help="our own AE title; SONOEDGE")
    add(
        "--timeout",
        metavar="SECONDS",
        type=float,
        default=10.0,
        help="for the connection and for each answer; 10",
    )
    return parser
