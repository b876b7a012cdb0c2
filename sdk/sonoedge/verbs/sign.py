"""sonoedge sign: vouch for a bundle."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Sequence
from pathlib import Path

from sonoedge.bundle.signing import sign_bundle
from sonoedge.errors import InvalidSettings
from sonoedge.trust.signing import CommandSigner, Signer, read_private_key, read_public_key


def sign(argv: Sequence[str]) -> int:
    """sonoedge sign BUNDLE --key KEY.pem | --with COMMAND --public KEY.pub.pem [--add]"""
    parser = argparse.ArgumentParser(
        prog="sonoedge sign",
        description="Check a bundle's hashes, then sign its manifest (DSSE, Ed25519).",
    )
    parser.add_argument("bundle", type=Path, metavar="BUNDLE", help="the bundle's folder")
    add_signer_options(parser)
    parser.add_argument(
        "--add", action="store_true", help="keep the signatures that are there already"
    )
    args = parser.parse_args(argv)
    for key_id in sign_bundle(args.bundle, signers(args), add=args.add):
        print(f"signed by {key_id}")
    return 0


def add_signer_options(parser: argparse.ArgumentParser) -> None:
    """The options that name who signs."""
    parser.add_argument(
        "--key",
        type=Path,
        action="append",
        default=[],
        metavar="KEY.pem",
        help="a private key; may be given several times",
    )
    parser.add_argument(
        "--with",
        dest="command",
        metavar="COMMAND",
        help="a program that gets the message on standard input and gives 64 bytes, "
        "such as one that asks a hardware module",
    )
    parser.add_argument(
        "--public", type=Path, metavar="KEY.pub.pem", help="the key that COMMAND signs with"
    )


def signers(args: argparse.Namespace) -> list[Signer]:
    """Who signs, of the options above.

    Raises:
        InvalidSettings: nobody, or a command without its public key.
    """
    if (args.command is None) != (args.public is None):
        raise InvalidSettings("--with COMMAND and --public KEY.pub.pem go together")
    result: list[Signer] = [read_private_key(path) for path in args.key]
    if args.command is not None:
        result.append(CommandSigner(shlex.split(args.command), read_public_key(args.public)))
    if not result:
        raise InvalidSettings("nobody signs: give --key KEY.pem, or --with COMMAND")
    return result
