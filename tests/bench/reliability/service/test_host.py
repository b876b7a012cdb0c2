from __future__ import annotations

from pathlib import Path

import pytest

from sonoedge.errors import MissingDependency
from sonoedge_bench.reliability import cli
from sonoedge_bench.reliability.context import Context
from sonoedge_bench.reliability.figures import Figure
from sonoedge_bench.reliability.service import host
from sonoedge_bench.reliability.service.round_trip import service


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


def test_sources_that_do_not_go_together_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if host.missing() is not None:
        pytest.skip(str(host.missing()))
    (tmp_path / "broken.c").write_text("int main(void) { return no_such_name; }")
    monkeypatch.setattr(host, "SOURCE", tmp_path / "broken.c")
    with pytest.raises(MissingDependency, match="no_such_name"):
        host.build_host(tmp_path)
