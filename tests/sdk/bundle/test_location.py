from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from sonoedge.bundle.location import as_argument, provision_in_store, store_root


@pytest.mark.parametrize("bundle", ["store:/var/lib/s", Path("store:/var/lib/s")])
def test_a_store_is_named_by_its_prefix(bundle: str | Path) -> None:
    assert store_root(bundle) == Path("/var/lib/s")


@pytest.mark.parametrize("bundle", ["/var/lib/s", "stored", Path("/tmp/store:x"), "Store:/x"])
def test_any_other_path_is_a_folders(bundle: str | Path) -> None:
    assert store_root(bundle) is None


def test_only_an_installed_bundle_has_a_place_in_a_store(tmp_path: Path) -> None:
    digest = "a" * 64
    inside = tmp_path / "bundles" / digest
    assert provision_in_store(inside) == tmp_path / "provision" / digest
    assert provision_in_store(tmp_path / digest) is None
    assert provision_in_store(tmp_path / "bundles" / "mine") is None


def test_a_command_names_a_bundle_as_it_was_given_so_that_it_can_be_typed() -> None:
    assert as_argument(Path("mine")) == "mine"
    assert as_argument(Path("built/mine")) == "built/mine"
    assert as_argument(Path("/srv/bundles") / ("a" * 64)) == f"/srv/bundles/{'a' * 64}"
    given = Path("my bundles/it's mine")
    assert shlex.split(f"sonoedge provision {as_argument(given)}")[2:] == [str(given)]
