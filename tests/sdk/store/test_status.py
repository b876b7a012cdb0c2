from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from faults.scenario import passed
from sonoedge.errors import GoldenMismatch, SonoedgeError, StoreError
from sonoedge.store import SelfTest, activate, check_health, read_status, verify_store
from sonoedge.store.layout import Layout
from sonoedge.trust.policy import TrustPolicy

Installed = Callable[[str], str]
UNSIGNED = TrustPolicy()


def test_each_bundle_is_told_with_its_role(
    root: Path,
    good: Installed,
    installed: Installed,
    failing: Callable[[SonoedgeError], SelfTest],
) -> None:
    first, second, third = good("1"), installed("2"), installed("3")
    activate(root, second, trust=UNSIGNED, test=passed)
    with pytest.raises(GoldenMismatch):
        check_health(root, third, trust=UNSIGNED, test=failing(GoldenMismatch("off")))
    status = read_status(root)
    assert status.link
    assert not status.problems
    rows = {bundle.sha256: (bundle.role, bundle.version, bundle.tries) for bundle in status.bundles}
    assert rows == {
        first: ("previous", "1", 0),
        second: ("on trial", "2", 0),
        third: ("installed", "3", 1),
    }


def test_a_bundle_that_a_later_policy_refuses_says_so(
    root: Path, good: Installed, demanding: TrustPolicy
) -> None:
    """It would be refused at the next start; until then nothing else tells."""
    good("1")
    assert not read_status(root).problems
    (problem,) = read_status(root, trust=demanding).problems
    assert problem.role == "active"
    assert problem.problem is not None
    assert problem.problem.startswith("SIGNATURE_MISSING: ")


@pytest.mark.parametrize(
    ("how", "token"),
    [
        ("a byte", "DIGEST_MISMATCH"),
        ("a file gone", "DIGEST_MISMATCH"),
        ("a file more", "UNSAFE_CONTENT"),
        ("the manifest cut", "INVALID_MANIFEST"),
        ("all gone", "BUNDLE_NOT_FOUND"),
    ],
)
def test_verifying_sees_damage(root: Path, good: Installed, how: str, token: str) -> None:
    good("1")
    name = good("2")
    folder = Layout(root=root).bundle(name)
    for place in (folder, *folder.rglob("*")):
        place.chmod(0o755)
    graph = folder / "graphs/fp32.onnx"
    if how == "a byte":
        graph.write_bytes(graph.read_bytes()[:-1] + b"\0")
    elif how == "a file gone":
        graph.unlink()
    elif how == "a file more":
        (folder / "more").touch()
    elif how == "the manifest cut":
        (folder / "manifest.json").write_text("{")
    else:
        shutil.rmtree(folder)
    (problem,) = verify_store(root, trust=UNSIGNED).problems
    assert (problem.sha256, problem.role) == (name, "active")
    assert problem.problem is not None
    assert problem.problem.startswith(f"{token}: ")


def test_a_link_that_points_elsewhere_is_told(root: Path, good: Installed) -> None:
    good("1")
    (root / "current").unlink()
    assert not read_status(root).link


def test_where_there_is_no_store_there_is_no_status(root: Path) -> None:
    with pytest.raises(StoreError):
        read_status(root)
