"""sonoedge sbom: the bill of materials of a bundle, or of the device."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import datetime, timezone
from pathlib import Path

from sonoedge.engines.options import EngineOptions
from sonoedge.errors import InvalidSettings
from sonoedge.outputs.place import check_output
from sonoedge.outputs.whole_file import write_whole
from sonoedge.runtime import RUNTIMES
from sonoedge.sbom.document import SPEC_VERSIONS, SpecVersion


def sbom(argv: Sequence[str]) -> int:
    """sonoedge sbom BUNDLE | --device [--bundle BUNDLE]"""
    args = _parser().parse_args(argv)
    if args.device == (args.path is not None):
        raise InvalidSettings("give a BUNDLE, or --device")
    if not args.device and (args.bundle is not None or args.soup is not None or args.cyclonedx):
        raise InvalidSettings("--bundle, --soup and --cyclonedx go with --device")
    if args.bundle is None and (args.runtime, args.variant) != ("auto", None):
        raise InvalidSettings("--runtime and --variant go with --bundle")
    check_output("--out", args.out, args.path, args.bundle, args.soup)
    if args.device:
        version = args.cyclonedx or SPEC_VERSIONS[0]
        engine = EngineOptions(runtime=args.runtime, variant=args.variant)
        data = _of_device(args.bundle, engine, args.soup, version).encode()
    else:
        data = _of_bundle(args.path)
    if args.out is None:
        sys.stdout.write(data.decode())
    else:
        write_whole("the bill of materials", args.out, data)
    return 0


def _of_bundle(folder: Path) -> bytes:
    from sonoedge.bundle import read_bundle
    from sonoedge.sbom.of_bundle import read_sbom

    return read_sbom(read_bundle(folder))


def _of_device(
    folder: Path | None, engine: EngineOptions, soup_file: Path | None, version: SpecVersion
) -> str:
    """Open the bundle, then look: engines load most of their libraries while they open one."""
    from sonoedge.bundle import read_bundle
    from sonoedge.engines.open import open_bundle
    from sonoedge.sbom.device import Device, device_sbom
    from sonoedge.sbom.distributions import installed_distributions
    from sonoedge.sbom.mapped import mapped_files
    from sonoedge.sbom.of_bundle import bundle_component
    from sonoedge.sbom.owners import find_owners
    from sonoedge.sbom.soup import joined, read_soup
    from sonoedge.sbom.system import operating_system

    soup = read_soup()
    if soup_file is not None:
        soup = joined(read_soup(soup_file), soup)
    distributions = installed_distributions()
    model, opened = None, "no bundle: the libraries of no engine are among those that are mapped"
    if folder is None:
        mapped = mapped_files()
    else:
        bundle = read_bundle(folder)
        model = bundle_component(bundle)
        with open_bundle(bundle, engine) as analyser:
            opened = f"{bundle.manifest.bundle_id}, {analyser.origin.variant} on "
            opened += analyser.origin.runtime
            mapped = mapped_files()
    device = Device(
        distributions=distributions,
        libraries=find_owners(mapped, distributions, soup),
        system=operating_system(),
        soup=soup,
        opened=opened,
        model=model,
    )
    return device_sbom(device, _now(), version)


def _now() -> str:
    """The device's clock, to the second; SOURCE_DATE_EPOCH where it is set."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    try:
        now = datetime.fromtimestamp(int(epoch), timezone.utc) if epoch else None
    except (ValueError, OverflowError, OSError):
        raise InvalidSettings("SOURCE_DATE_EPOCH must be seconds since 1970") from None
    return (now or datetime.now(timezone.utc)).isoformat(timespec="seconds")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sonoedge sbom",
        usage="sonoedge sbom BUNDLE [--out FILE]\n"
        "       sonoedge sbom --device [--bundle BUNDLE [--runtime NAME]] [--soup FILE]\n"
        "                     [--cyclonedx VERSION] [--out FILE]",
        description="Print the bill of materials of a bundle, or of this device: CycloneDX, JSON. "
        "NOASSERTION means that nobody told.",
    )
    parser.add_argument(
        "path", type=Path, nargs="?", metavar="BUNDLE", help="a bundle's folder, for its own list"
    )
    parser.add_argument(
        "--device",
        action="store_true",
        help="list what is installed here, and each library whose code is loaded; one that "
        "belongs to nobody, or was changed, is an error (exit code 5)",
    )
    parser.add_argument(
        "--bundle",
        type=Path,
        metavar="BUNDLE",
        help="with --device: open this bundle first, so that its engine's libraries are there",
    )
    parser.add_argument(
        "--runtime",
        default="auto",
        choices=("auto", *RUNTIMES),
        metavar="NAME",
        help="with --bundle: the engine to open it with; the fastest where left out",
    )
    parser.add_argument(
        "--variant", metavar="ID", help="with --bundle: a variant of it; goes before --runtime"
    )
    parser.add_argument(
        "--soup",
        type=Path,
        metavar="FILE.json",
        help="with --device: what is known of parts of your own, such as a driver",
    )
    parser.add_argument(
        "--cyclonedx",
        choices=SPEC_VERSIONS,
        help=f"with --device: the format's version; {SPEC_VERSIONS[0]} where left out",
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="write it there")
    return parser
