"""sources/child/limits.py, on a process of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

from sonoedge.errors import InvalidSettings
from sonoedge.sources.child.limits import Limits


def limits_after(code: str) -> list[str]:
    program = (
        f"import sys; sys.path[:] = {sys.path!r}\n"
        "import resource as r\n"
        "from sonoedge.sources.child.limits import allow_cpu, limit_this_process\n"
        f"{code}\n"
        "print(*(r.getrlimit(x)[0] for x in (r.RLIMIT_CORE, r.RLIMIT_FSIZE, r.RLIMIT_AS)),"
        " *r.getrlimit(r.RLIMIT_CPU))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return done.stdout.split()


def test_memory_is_limited_and_nothing_may_be_written() -> None:
    assert limits_after("limit_this_process(2048)")[:3] == ["0", "0", str(2048 << 20)]


def test_a_lower_limit_of_an_administrator_stays() -> None:
    lower = f"r.setrlimit(r.RLIMIT_AS, ({1 << 30}, {1 << 30}))"
    assert limits_after(f"{lower}; limit_this_process(2048)")[2] == str(1 << 30)


def test_processor_time_can_be_given_again_and_again() -> None:
    soft, hard = limits_after("allow_cpu(5); allow_cpu(50)")[3:]
    assert 50 < int(soft) < 60
    assert hard == "-1"


@pytest.mark.parametrize(
    "wrong",
    [{"open_s": 0}, {"picture_s": float("nan")}, {"cpu_s": 0}, {"memory_mib": 100}],
)
def test_limits_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(InvalidSettings, match=next(iter(wrong))):
        Limits(**wrong)  # type: ignore[arg-type]
