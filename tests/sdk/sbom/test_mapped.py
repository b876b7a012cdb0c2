from __future__ import annotations

import sys
from pathlib import Path

import pytest

from sonoedge.errors import RuntimeUnavailable
from sonoedge.sbom.mapped import mapped_files

LINES = """\
55d0c0a00000-55d0c0a01000 r--p 00000000 fe:00 100    /usr/bin/python3.11
55d0c0a01000-55d0c0a02000 r-xp 00001000 fe:00 100    /usr/bin/python3.11
7f0000000000-7f0000001000 r--p 00000000 fe:00 101    /usr/lib/locale/C.utf8/LC_CTYPE
7f0000002000-7f0000003000 r-xp 00000000 fe:00 102    /opt/a folder/lib x.so.1
7f0000004000-7f0000005000 rwxp 00000000 00:00 0
7f0000006000-7f0000007000 r-xp 00000000 00:00 0    [vdso]
7f0000008000-7f0000009000 r-xp 00000000 00:01 7      /memfd:jit (deleted)
7f000000a000-7f000000b000 r-xp 00000000 fe:00 103    /tmp/gone.so (deleted)
7f000000c000-7f000000d000 rw-p 00000000 fe:00 104    /dev/nvidia0
"""


def test_files_with_code_are_told_and_data_and_memory_are_not(tmp_path: Path) -> None:
    (tmp_path / "maps").write_text(LINES)
    found = mapped_files(tmp_path / "maps")
    assert Path("/opt/a folder/lib x.so.1") in found.paths
    assert len(found.paths) == 2
    assert found.removed == ("/tmp/gone.so",)


def test_this_process_maps_its_interpreter() -> None:
    found = mapped_files()
    assert Path(sys.executable).resolve() in found.paths or any(
        "libpython" in path.name for path in found.paths
    )


def test_links_are_resolved(tmp_path: Path) -> None:
    (tmp_path / "real.so").write_bytes(b"x")
    (tmp_path / "link.so").symlink_to("real.so")
    line = f"7f00-7f01 r-xp 00000000 fe:00 1 {tmp_path / 'link.so'}\n"
    (tmp_path / "maps").write_text(line)
    assert mapped_files(tmp_path / "maps").paths == (tmp_path / "real.so",)


def test_a_kernel_that_does_not_tell_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RuntimeUnavailable, match="mount /proc"):
        mapped_files(tmp_path / "absent")
