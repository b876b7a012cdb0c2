"""sonoedge keygen: a new pair of keys for signing bundles or keyrings."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from sonoedge.trust.signing import generate_key_pair, public_path


def keygen(argv: Sequence[str]) -> int:
    """sonoedge keygen KEY.pem"""
    parser = argparse.ArgumentParser(
        prog="sonoedge keygen",
        description="Make an Ed25519 key pair for signing bundles or keyrings.",
        epilog="The private key has no passphrase: keep it off the device and off shared disks, "
        "or sign with a hardware module (sonoedge sign --with).",
    )
    parser.add_argument(
        "key",
        type=Path,
        metavar="KEY.pem",
        help="the private key to write; the public one lies beside it as KEY.pub.pem",
    )
    args = parser.parse_args(argv)
    key = generate_key_pair(args.key)
    print(f"private key  {args.key} (readable by its owner alone)")
    print(f"public key   {public_path(args.key)}")
    print(f"key id       {key.id}")
    return 0
