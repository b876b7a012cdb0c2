from __future__ import annotations

import numpy

from sonoedge_export.bundle.tools import versions


def test_installed_packages_have_their_version_and_others_are_left_out() -> None:
    assert versions(("numpy", "no-such-package")) == {"numpy": numpy.__version__}
