"""sonoedge sign: vouch for a bundle."""

from __future__ import annotations

import argparse
import shlex
import shutil
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


def add_signer_options(
    parser: argparse.ArgumentParser,
    *,
    key: str = "--key",
    command: str = "--with",
    public: str = "--public",
) -> None:
    """The options that name who signs.

    Args:
        key, command, public: what they are called.
    """
    parser.add_argument(
        key,
        dest="key",
        type=Path,
        action="append",
        default=[],
        metavar="KEY.pem",
        help="a private key; may be given several times",
    )
    parser.add_argument(
        command,
        dest="command",
        metavar="COMMAND",
        help="a program that gets the message on standard input and gives 64 bytes, "
        "such as one that asks a hardware module",
    )
    parser.add_argument(
        public,
        dest="public",
        type=Path,
        metavar="KEY.pub.pem",
        help="the key that COMMAND signs with",
    )


def signers(args: argparse.Namespace) -> list[Signer]:
    """Who signs, of the options above.

    Raises:
        InvalidSettings: nobody, or a command that is no program or lacks its public key.
    """
    result = optional_signers(args)
    if not result:
        raise InvalidSettings("nobody signs: give --key KEY.pem, or --with COMMAND")
    return result


def optional_signers(args: argparse.Namespace) -> list[Signer]:
    """Who signs; nobody where no option names anybody.

    Raises:
        InvalidSettings: a key cannot be read, or a command is no program or lacks its public key.
    """
    if (args.command is None) != (args.public is None):
        raise InvalidSettings("COMMAND and the public key that it signs with go together")
    result: list[Signer] = [read_private_key(path) for path in args.key]
    if args.command is not None:
        result.append(CommandSigner(_words(args.command), read_public_key(args.public)))
    return result


def _words(command: str) -> list[str]:
    """A command's program and arguments; that it is there must not turn out at the end."""
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise InvalidSettings(f"the command {command!r:.80} cannot be read: {error}") from None
    if not words or shutil.which(words[0]) is None:
        raise InvalidSettings(f"the command {command!r:.80} names no program that can be run")
    return words
