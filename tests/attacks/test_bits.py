from __future__ import annotations

from pathlib import Path

import pytest

from attacks.bits import bits_and_cuts
from attacks.device import make_device
from sonoedge.errors import SignatureInvalid


@pytest.mark.req("R25")
def test_no_bit_of_manifest_or_envelope_can_be_changed_and_none_left_out(tmp_path: Path) -> None:
    """A sample, at odd steps so that each of a byte's bits is met; all of them: `make attacks`."""
    count = bits_and_cuts(make_device(tmp_path / "d"), step=67)
    assert count.attacks > 2500
    assert count.passed == ()


def test_the_last_byte_of_an_envelope_is_no_exception(tmp_path: Path) -> None:
    device = make_device(tmp_path / "d")
    device.envelope.write_bytes(device.envelope.read_bytes()[:-1])
    with pytest.raises(SignatureInvalid):
        device.use()
