"""A picture of the live page, as `sonoedge view` shows a recording: nothing in it is posed.

    make demo
    python examples/view_picture.py build/demo/bundle build/demo/view --out docs/view.png

Runs the verb on a folder of pictures, looks at its page in a headless Chromium, asks for the
explanation, and takes the picture when the page's headline reads as it should.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

OPTIONS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
LIMIT_S = 120.0


def taken(page: Page, headline: str) -> bytes:
    """The page as PNG, with this headline before the picture was taken and after.

    Raises:
        TimeoutError: the page never read so.
    """
    shown = page.locator("#headline")
    until_s = time.monotonic() + LIMIT_S
    while time.monotonic() < until_s:
        if shown.text_content() == headline:
            picture = page.screenshot()
            if shown.text_content() == headline:
                return picture
        page.wait_for_timeout(20)
    raise TimeoutError(f"the page has not read {headline} within {LIMIT_S:.0f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description="a picture of the live page")
    parser.add_argument("bundle")
    parser.add_argument("pictures", help="a folder of pictures")
    parser.add_argument("--out", type=Path, default=Path("view.png"))
    parser.add_argument("--headline", default="FLAG", help="that the page is to show")
    parser.add_argument("--fps", default="15")
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    args = parser.parse_args()
    words = [sys.executable, "-m", "sonoedge", "view", args.bundle, args.pictures]
    with (
        subprocess.Popen([*words, "--fps", args.fps], stdout=subprocess.PIPE, text=True) as verb,
        sync_playwright() as play,
    ):
        assert verb.stdout is not None
        address = verb.stdout.readline().strip()
        browser = play.chromium.launch(executable_path=args.chromium, args=OPTIONS)
        page = browser.new_page(viewport={"width": 1024, "height": 640}, color_scheme="dark")
        try:
            page.goto(address)
            page.keyboard.press("e")
            page.wait_for_timeout(4000)  # the charts fill
            args.out.write_bytes(taken(page, args.headline))
        finally:
            browser.close()
            verb.terminate()


if __name__ == "__main__":
    main()
