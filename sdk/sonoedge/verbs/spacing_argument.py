"""The argument --spacing, of the verbs that read live sources."""

from __future__ import annotations

import argparse

from sonoedge.sources.given_spacing import Spacing, spacing_from


def add_spacing_argument(parser: argparse.ArgumentParser) -> None:
    """Add --spacing."""
    parser.add_argument(
        "--spacing",
        metavar="MM",
        help="millimetres per pixel (0.2, or 0.2,0.18 of rows and columns) of a live source that "
        "does not say it; true for one depth setting of the scanner alone",
    )


def given(args: argparse.Namespace) -> Spacing | None:
    """What was given; None where nothing was.

    Raises:
        InvalidSettings: it is no spacing.
    """
    return None if args.spacing is None else spacing_from(args.spacing)
