from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from faults.scenario import passed
from sonoedge.errors import BundleNotFound, InvalidSettings, NoGoodBundle, StoreError
from sonoedge.store import activate, collect_garbage, resolve, resolving
from sonoedge.store.layout import Layout
from sonoedge.store.state import State, read_state, write_state
from sonoedge.trust.policy import TrustPolicy

Installed = Callable[[str], str]


def test_the_active_bundles_folder_is_given_and_held(root: Path, installed: Installed) -> None:
    name = installed("1")
    activate(root, name, trust=TrustPolicy(), test=passed)
    layout = Layout(root=root)
    with resolve(f"store:{root}") as lease:
        assert lease.folder == layout.bundle(name)
        write_state(layout, read_state(layout), active=None, trial=None)
        assert collect_garbage(root).in_use == (name,)
    assert collect_garbage(root).removed == (name,)


def test_nothing_is_counted(root: Path, installed: Installed) -> None:
    activate(root, installed("1"), trust=TrustPolicy(), test=passed)
    before = read_state(Layout(root=root))
    resolve(f"store:{root}").close()
    assert read_state(Layout(root=root)) == before


def test_what_is_no_store_or_an_empty_one_is_refused(root: Path, installed: Installed) -> None:
    with pytest.raises(InvalidSettings, match="store:PATH"):
        resolve(root)
    with pytest.raises(StoreError):
        resolve(f"store:{root}")
    installed("1")
    with pytest.raises(NoGoodBundle):
        resolve(Path(f"store:{root}"))


def test_a_bundle_that_is_gone_is_not_found(root: Path, installed: Installed) -> None:
    name = installed("1")
    layout = Layout(root=root)
    activate(root, name, trust=TrustPolicy(), test=passed)
    layout.bundle(name).chmod(0o755)
    layout.bundle(name).rename(root / "elsewhere")
    with pytest.raises(BundleNotFound):
        resolve(f"store:{root}")


def test_a_bundle_that_is_replaced_meanwhile_is_looked_for_again(
    root: Path, installed: Installed, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = installed("1"), installed("2")
    layout = Layout(root=root)
    activate(root, first, trust=TrustPolicy(), test=passed)

    def replaced(layout: Layout) -> State:
        state = read_state(layout)
        if state.active == first:  # between the state and the folder
            write_state(layout, state, active=second, trial=None)
            collect_garbage(root)
        return state

    monkeypatch.setattr(resolving, "read_state", replaced)
    with resolve(f"store:{root}") as lease:
        assert lease.folder == layout.bundle(second)
