"""What hostile bundles are tried on: the tiny bundle, in a child with limits."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sonoedge.bundle.identity import manifest_text

HERE = Path(__file__).parent
TINY = HERE.parent / "data" / "tiny"

Use = Callable[[str, Path], str]


@dataclass(frozen=True)
class Victim:
    """A copy of the tiny bundle, to be changed."""

    folder: Path

    def manifest(self) -> dict[str, Any]:
        data: dict[str, Any] = json.loads((self.folder / "manifest.json").read_bytes())
        return data

    def write_manifest(self, data: dict[str, Any]) -> None:
        """With its own id where JSON can hold the data; Python's reader takes the rest."""
        try:
            text = manifest_text(data)
        except ValueError:
            text = json.dumps(data)
        (self.folder / "manifest.json").write_text(text)

    def set(self, *keys: Any, value: Any) -> None:
        """Change one value of the manifest."""
        data = self.manifest()
        at: Any = data
        for key in keys[:-1]:
            at = at[key]
        at[keys[-1]] = value
        self.write_manifest(data)

    def replace(self, path: str, content: bytes) -> None:
        """Replace a file, and make its digest right again."""
        (self.folder / path).write_bytes(content)
        digest = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        self.set("files", path, value=digest)


@pytest.fixture
def victim(tmp_path: Path) -> Victim:
    return Victim(Path(shutil.copytree(TINY, tmp_path / "b")))


@pytest.fixture(scope="session")
def use() -> Iterator[Use]:
    """Use a bundle in a child: see `fork_server`."""
    pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")
    paths = os.pathsep.join(filter(None, sys.path))
    with subprocess.Popen(
        [sys.executable, str(HERE / "fork_server.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": paths},
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None

        def use(verb: str, folder: Path) -> str:
            print(json.dumps([verb, str(folder)]), file=server.stdin, flush=True)
            return str(json.loads(server.stdout.readline()))  # type: ignore[union-attr]

        yield use
        server.stdin.close()
