"""sonoedge grant: let a device run one older bundle, once."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from sonoedge.bounded_read import read_bounded
from sonoedge.bundle import read_bundle
from sonoedge.errors import InvalidSettings, TrustError
from sonoedge.outputs.new_file import write_new
from sonoedge.outputs.whole_file import write_whole
from sonoedge.outputs.wording import counted
from sonoedge.terminal.actions import add_actions, parse_action
from sonoedge.trust.envelope import MOST_BYTES, Envelope, read_envelope, seal
from sonoedge.trust.grant import KIND, Grant, parse_grant, seal_grant
from sonoedge.trust.grant_folder import SUFFIX
from sonoedge.trust.policy import TrustPolicy
from sonoedge.verbs.sign import add_signer_options, signers


def grant(argv: Sequence[str]) -> int:
    """sonoedge grant new|sign|show ..."""
    parser = argparse.ArgumentParser(
        prog="sonoedge grant",
        description="A grant, signed by root keys, lets a device run one bundle below its floor.",
        epilog=f"Put it into the device's folder of grants, as NAME{SUFFIX}; sonoedge inspect "
        "BUNDLE tells there whether it holds.",
    )
    actions = add_actions(parser)
    new = actions.add_parser("new", help="make one")
    new.add_argument("bundle", type=Path, metavar="BUNDLE", help="the older bundle")
    new.add_argument(
        "--device", required=True, metavar="NAME", help='as in its trust.json; "*" is any'
    )
    new.add_argument(
        "--counter", type=int, required=True, metavar="N", help="a device takes each number once"
    )
    add_signer_options(new)
    new.add_argument("--out", type=Path, required=True, help=f"the file to write, NAME{SUFFIX}")
    more = actions.add_parser("sign", help="add a signature, where several root keys must sign")
    more.add_argument("file", type=Path, metavar="GRANT", help="the grant's file")
    add_signer_options(more)
    show = actions.add_parser("show", help="show what one allows; its signatures are not checked")
    show.add_argument("file", type=Path, metavar="GRANT", help="the grant's file")
    args = parse_action(parser, actions, argv)
    return _ACTIONS[args.action](args)


def _new(args: argparse.Namespace) -> int:
    if not args.out.name.endswith(SUFFIX):
        raise InvalidSettings(f"{args.out.name} must end with {SUFFIX}: devices read no other")
    bundle = read_bundle(args.bundle, trust=TrustPolicy())  # whoever grants is who decides
    bundle.check()
    content = Grant(
        device=args.device, manifest_sha256=bundle.manifest_sha256, counter=args.counter
    )
    data = seal_grant(content, signers(args))
    write_new(args.out, data, instead="name another file")
    print(f"{bundle.manifest.bundle_id}, security version {bundle.manifest.security_version}")
    return _report(content, read_envelope(data, args.out.name))


def _sign(args: argparse.Namespace) -> int:
    envelope, content = _read(args.file)
    added = [signer.sign(KIND, envelope.payload) for signer in signers(args)]
    kept = {s.key_id: s for s in (*envelope.signatures, *added)}
    data = seal(KIND, envelope.payload, kept.values())
    write_whole("the grant", args.file, data)
    return _report(content, read_envelope(data, args.file.name))


def _show(args: argparse.Namespace) -> int:
    envelope, content = _read(args.file)
    return _report(content, envelope)


def _read(path: Path) -> tuple[Envelope, Grant]:
    try:
        data = read_bounded(path, MOST_BYTES)
    except OSError as error:
        raise InvalidSettings(f"{path.name} cannot be read: {error.strerror}") from None
    envelope = read_envelope(data, path.name)
    if envelope.kind != KIND:
        raise TrustError(f"{path.name} is signed as {envelope.kind[:80]!r}: it is no grant")
    return envelope, parse_grant(envelope.payload, path.name)


def _report(content: Grant, envelope: Envelope) -> int:
    print(f"grant {content.counter} for the device {content.device}")
    print(f"  manifest sha256 {content.manifest_sha256}")
    print(f"  {counted(len(envelope.signatures), 'signature')}")
    return 0


_ACTIONS: Final[dict[str, Callable[[argparse.Namespace], int]]] = {
    "new": _new,
    "sign": _sign,
    "show": _show,
}
