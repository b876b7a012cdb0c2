from __future__ import annotations

import os
from pathlib import Path

import pytest

from sonoedge.errors import MissingDependency
from sonoedge_bench.reliability import cli
from sonoedge_bench.reliability.context import Context
from sonoedge_bench.reliability.figures import Figure
from sonoedge_bench.reliability.service import host
from sonoedge_bench.reliability.service.kills import HAD, service_kills
from sonoedge_bench.reliability.service.round_trip import service

pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")
if not hasattr(os, "memfd_create"):
    pytest.skip("a worker process needs Linux", allow_module_level=True)

needs_compiler = pytest.mark.skipif(host.missing() is not None, reason=str(host.missing()))


def quick(repository: Path) -> Context:
    tiny = repository / "tests" / "data" / "tiny"
    return Context(bundle=tiny, small=tiny, runtime="onnxruntime", quick=True)


@needs_compiler
def test_a_host_in_c_gets_the_sessions_own_results(repository: Path) -> None:
    figures = {f.name: f for f in service(quick(repository))}
    assert figures["frames that went both ways"].value == 90
    assert figures["of those, with a field that differs"].value == 0
    assert len(figures["round 1: C client through the service, p50"].samples) == 30


@needs_compiler
@pytest.mark.req("R66")
def test_kills_leave_nothing_and_nothing_is_valid_afterwards(repository: Path) -> None:
    figures = {f.name: f for f in service_kills(quick(repository))}
    assert figures["hosts killed with SIGKILL"].value == 3
    assert figures["rings and pages that they had"].value == 10
    assert figures["services killed with SIGKILL"].value == 4
    assert figures["workers that they had"].value == 4
    for name in (
        "rings and pages left",
        "of those, left",
        "workers alive 2 s later",
        *(f"more {each} of the {who}" for each in HAD for who in ("service", "host")),
    ):
        assert figures[name].value <= 0, name
    for name in ("SIGKILL", "SIGSTOP"):  # seen at all; how soon is told, and not asserted
        assert len(figures[f"{name} until sonoedge_valid is 0, max"].samples) >= 3


def test_where_no_host_can_be_built_its_parts_are_left_out_and_that_is_told(
    repository: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def measured(context: Context) -> list[Figure]:
        return [Figure(name="measured", value=1)]

    monkeypatch.setattr(cli, "PARTS", {"submit": measured, "service": service})
    monkeypatch.setenv("PATH", str(tmp_path))
    tiny = str(repository / "tests" / "data" / "tiny")
    assert cli.reliability([tiny]) == 0
    out, err = capsys.readouterr()
    assert "measured" in out
    assert "service and service-kills are left out: it needs a C compiler" in err
    with pytest.raises(MissingDependency, match="needs a C compiler"):
        cli.reliability([tiny, "--only", "service"])


def test_a_wheel_has_no_client_to_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "CLIENT", tmp_path)
    assert "needs a checkout" in str(host.missing())
