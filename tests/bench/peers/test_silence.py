from __future__ import annotations

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.usefixtures("peer_modules")


def chatter(error: Exception | None = None) -> None:
    """As converters do: this process, past Python, and a child; then perhaps an error."""
    print("python")
    os.write(1, b"library\n")
    subprocess.run([sys.executable, "-S", "-c", "print('child')"], check=True)
    if error is not None:
        raise error


def test_nothing_is_shown_and_what_comes_behind_is(capfd: pytest.CaptureFixture[str]) -> None:
    from silence import silence

    with silence():
        chatter()
    print("behind")
    assert capfd.readouterr() == ("behind\n", "")


def test_an_error_shows_what_led_to_it(capfd: pytest.CaptureFixture[str]) -> None:
    from silence import silence

    with pytest.raises(RuntimeError), silence(KeyError):
        chatter(RuntimeError())
    out, err = capfd.readouterr()
    assert out == ""
    assert {"python", "library", "child"} <= set(err.splitlines())


def test_an_error_that_was_expected_shows_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    from silence import silence

    with pytest.raises(KeyError), silence(KeyError):
        chatter(KeyError())
    assert capfd.readouterr() == ("", "")
