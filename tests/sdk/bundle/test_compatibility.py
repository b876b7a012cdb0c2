"""What was written once is read, or refused with what to do: docs/reference/compatibility.md."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import sonoedge
from sonoedge.bundle import SCHEMA_VERSION, read_bundle
from sonoedge.bundle.digest import digest_folder, digest_of_files
from sonoedge.engines.options import EngineOptions
from sonoedge.errors import InvalidManifest
from sonoedge.frames import Frame

OLD = Path(__file__).parents[2] / "data" / "bundles"
# These folders are what earlier versions wrote. They are never written anew: a change of a digest
# here means that the promise is tested no more.
DIGESTS = {
    "schema-1": "7b4213f694777327d387ec7ebc3f9a30d39c3497d1bfb307306cca9bd773f0ce",
    "schema-2": "bd79a51367c0fa5c7be848969959bdd998d21351d480d0cfb39d974479c9a4a5",
}
REFUSED = ("schema-1",)


@pytest.mark.parametrize("name", DIGESTS)
def test_an_old_bundle_is_still_the_one_that_was_kept(name: str) -> None:
    assert digest_of_files(digest_folder(OLD / name)) == DIGESTS[name]


def test_every_schema_up_to_now_is_kept() -> None:
    kept = {int(folder.name.removeprefix("schema-")) for folder in OLD.iterdir()}
    assert kept == set(range(1, SCHEMA_VERSION + 1)) == {int(name[-1]) for name in DIGESTS}


@pytest.mark.parametrize("name", REFUSED)
def test_a_schema_that_is_read_no_more_is_refused_with_the_command_that_helps(name: str) -> None:
    with pytest.raises(InvalidManifest, match=r"sonoedge export RECIPE --out BUNDLE"):
        read_bundle(OLD / name)


@pytest.mark.parametrize("name", [n for n in DIGESTS if n not in REFUSED])
def test_an_old_bundle_opens_and_answers_as_it_did(name: str) -> None:
    """Opening compares the engine's answers to its golden frames with those of its export."""
    pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")
    bundle = read_bundle(OLD / name)
    golden = bundle.golden_answers(bundle.variant("onnxruntime-fp32"))
    with sonoedge.open(
        OLD / name, EngineOptions(runtime="onnxruntime"), tracking=False
    ) as analyser:
        for pixels, answer in zip(bundle.golden_frames(), golden, strict=True):
            result = analyser.analyse(Frame(pixels=pixels))
            assert isinstance(result, sonoedge.Analysed)
            assert result.flagged == answer.expected.flagged


def test_an_old_manifest_is_written_back_to_the_same_bytes() -> None:
    bundle = read_bundle(OLD / "schema-2")
    assert bundle.manifest.to_json().encode() == bundle.vouched.payload


def test_the_page_tells_of_every_schema(repository: Path) -> None:
    page = (repository / "docs/reference/compatibility.md").read_text()
    rows = re.findall(r"^\| bundle, schema (\d+) \|", page, re.MULTILINE)
    assert [int(n) for n in rows] == list(range(1, SCHEMA_VERSION + 1))
