"""sonoedge keyring: make, show and install the keys that a device trusts."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from sonoedge.bounded_read import read_bounded
from sonoedge.errors import InvalidSettings, TrustError
from sonoedge.outputs.new_file import write_new
from sonoedge.outputs.whole_file import write_whole
from sonoedge.outputs.wording import counted
from sonoedge.settings import plain
from sonoedge.terminal.actions import add_actions, parse_action
from sonoedge.trust.envelope import MOST_BYTES, read_envelope, seal
from sonoedge.trust.keyring import KIND, Key, Keyring, parse_keyring
from sonoedge.trust.keyring_changes import Changes, changed, key_row, seal_keyring
from sonoedge.trust.keyring_folder import install_keyring, read_keyrings
from sonoedge.trust.signing import read_public_key
from sonoedge.verbs.sign import add_signer_options, signers


def keyring(argv: Sequence[str]) -> int:
    """sonoedge keyring new|next|sign|show|update ..."""
    parser = argparse.ArgumentParser(
        prog="sonoedge keyring",
        description="The keys that a device trusts: root keys sign keyrings, release keys bundles.",
    )
    actions = add_actions(parser)
    new = actions.add_parser("new", help="make the first keyring, which the firmware brings")
    following = actions.add_parser("next", help="make the keyring that follows one")
    following.add_argument("current", type=Path, metavar="KEYRING", help="the one it follows")
    for action in (new, following):
        _add_content_options(action)
        add_signer_options(action)
        action.add_argument("--out", type=Path, required=True, help="the file to write")
    more = actions.add_parser("sign", help="add a signature to a keyring")
    more.add_argument("file", type=Path, metavar="KEYRING", help="the keyring's file")
    add_signer_options(more)
    show = actions.add_parser("show", help="show a keyring, its signatures checked")
    show.add_argument("path", type=Path, metavar="PATH", help="a keyring, or a device's folder")
    show.add_argument("--json", action="store_true", help="as JSON on standard output")
    update = actions.add_parser("update", help="install a keyring that follows the newest one")
    update.add_argument("folder", type=Path, metavar="FOLDER", help="the device's keyrings")
    update.add_argument("file", type=Path, metavar="KEYRING", help="the new keyring")
    args = parse_action(parser, actions, argv)
    return _ACTIONS[args.action](args)


def _add_content_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--root", type=Path, action="append", default=[], metavar="PUB", help="a root key to add"
    )
    parser.add_argument(
        "--release",
        action="append",
        default=[],
        metavar="PUB[:NAME,...]",
        help="a release key to add, and the bundles that it may sign (all without NAME)",
    )
    parser.add_argument(
        "--dev", action="append", default=[], metavar="PUB", help="a development key to add"
    )
    parser.add_argument("--allow-dev", action=argparse.BooleanOptionalAction, default=None)
    parser.add_argument(
        "--revoke", action="append", default=[], metavar="ID", help="a key that no longer counts"
    )
    parser.add_argument(
        "--block",
        action="append",
        default=[],
        metavar="SHA256",
        help="a manifest that must not run any more",
    )
    parser.add_argument(
        "--floor",
        action="append",
        default=[],
        metavar="NAME=N",
        help="the lowest security version of a bundle; may lower one that was set",
    )
    parser.add_argument("--root-threshold", type=int, help="root keys that must sign a keyring")
    parser.add_argument("--release-threshold", type=int, help="keys that must sign a bundle")


def _new(args: argparse.Namespace) -> int:
    changes = _changes(args)
    first = Keyring(
        version=1,
        root_threshold=changes.root_threshold or 1,
        root=changes.add_root,
        release_threshold=changes.release_threshold or 1,
        release=changes.add_release,
        blocked=changes.block,
        floors=changes.floors,
        allow_dev=bool(changes.allow_dev),
    )
    if changes.revoke:
        raise InvalidSettings("a first keyring revokes nothing; leave the key out")
    return _write(args.out, first, seal_keyring(first, signers(args)))


def _next(args: argparse.Namespace) -> int:
    following = changed(_parse(_read(args.current), args.current.name), _changes(args))
    return _write(args.out, following, seal_keyring(following, signers(args)))


def _sign(args: argparse.Namespace) -> int:
    envelope = read_envelope(_read(args.file), args.file.name)
    content = _parse(_read(args.file), args.file.name)
    added = [signer.sign(KIND, envelope.payload) for signer in signers(args)]
    kept = {s.key_id: s for s in (*envelope.signatures, *added)}
    data = seal(KIND, envelope.payload, kept.values())
    write_whole("the keyring", args.file, data)
    return _report(content, len(kept))


def _show(args: argparse.Namespace) -> int:
    if args.path.is_dir():
        content = read_keyrings(args.path)
    else:
        content = _parse(_read(args.path), args.path.name)
    print(json.dumps(plain(content), indent=1) if args.json else _text(content))
    return 0


def _update(args: argparse.Namespace) -> int:
    content = install_keyring(args.folder, _read(args.file), args.file.name)
    print(f"keyring version {content.version} is installed")
    return 0


def _changes(args: argparse.Namespace) -> Changes:
    return Changes(
        add_root=tuple(key_row(read_public_key(path)) for path in args.root),
        add_release=(
            *(_release(text) for text in args.release),
            *(key_row(read_public_key(Path(path)), role="dev") for path in args.dev),
        ),
        revoke=tuple(args.revoke),
        block=tuple(args.block),
        floors=dict(_floor(text) for text in args.floor),
        root_threshold=args.root_threshold,
        release_threshold=args.release_threshold,
        allow_dev=args.allow_dev,
    )


def _release(text: str) -> Key:
    path, _, products = text.partition(":")
    return key_row(
        read_public_key(Path(path)), products=tuple(products.split(",")) if products else ("*",)
    )


def _floor(text: str) -> tuple[str, int]:
    name, _, number = text.rpartition("=")
    if not name or not number.isascii() or not number.isdigit() or len(number) > 10:
        raise InvalidSettings(f"--floor {text!r} must be NAME=N")
    return name, int(number)


def _parse(data: bytes, name: str) -> Keyring:
    envelope = read_envelope(data, name)
    if envelope.kind != KIND:
        raise TrustError(f"{name} is signed as {envelope.kind[:80]!r}: it is no keyring")
    return parse_keyring(envelope.payload, name)


def _read(path: Path) -> bytes:
    try:
        return read_bounded(path, MOST_BYTES)
    except OSError as error:
        raise InvalidSettings(f"{path.name} cannot be read: {error.strerror}") from None


def _write(path: Path, content: Keyring, data: bytes) -> int:
    write_new(path, data, instead="name another file")
    return _report(content, len(read_envelope(data, path.name).signatures))


def _report(content: Keyring, signatures: int) -> int:
    print(f"keyring version {content.version}, {counted(signatures, 'signature')}")
    return 0


def _text(content: Keyring) -> str:
    lines = [f"keyring version {content.version}"]
    lines.append(f"  root keys, {content.root_threshold} of which sign a keyring")
    lines += [f"    {_state(key, content, 'root')}" for key in content.root]
    lines.append(f"  release keys, {content.release_threshold} of which sign a bundle")
    lines += [f"    {_state(key, content, _rights(key))}" for key in content.release]
    lines.append(f"  development keys count: {'yes' if content.allow_dev else 'no'}")
    lines += [f"  floor of {name}: {floor}" for name, floor in sorted(content.floors.items())]
    lines += [f"  blocked manifest {sha256[:16]}" for sha256 in content.blocked]
    return "\n".join(lines)


def _state(key: Key, content: Keyring, rights: str) -> str:
    return f"{key.keyid[:16]}  {'revoked' if key.keyid in content.revoked else rights}"


def _rights(key: Key) -> str:
    return f"{key.role}, {'any bundle' if '*' in key.products else ', '.join(key.products)}"


_ACTIONS: Final[dict[str, Callable[[argparse.Namespace], int]]] = {
    "new": _new,
    "next": _next,
    "sign": _sign,
    "show": _show,
    "update": _update,
}
