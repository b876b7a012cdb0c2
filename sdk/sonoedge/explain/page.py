"""An explanation as one HTML file: nothing from elsewhere, no script, and no file's name."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from html import escape
from importlib.resources import files
from typing import Final

import cv2

from sonoedge.explain.deletion import LEAST_CHANCE, TIMES_CHANCE
from sonoedge.explain.report import Explained
from sonoedge.outputs.wording import verdict

_CLAIM: Final = (
    "For research and engineering; not for diagnosis. The map says what the network's number hangs "
    "on in this one frame. It does not say that the number is right."
)
_METHODS: Final = {
    "occlusion": "Occlusion: each patch is blurred in its turn; the stronger the tint, the more "
    "the suspicion falls. It is made with the same blur as the test, so that its figure is an "
    "upper bound.",
    "lime": "LIME: half of the patches are blurred at random, again and again, and a ridge "
    "regression shares out the fall. It is drawn from random pictures: two halves of them give two "
    "maps, and the rank correlation of these says how far they agree.",
}


def page(explained: Explained) -> str:
    """The file's text."""
    style = (files("sonoedge.explain") / "page.css").read_text(encoding="utf-8")
    title = f"What the suspicion hangs on: {explained.method}"
    origin = explained.result.origin
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(title)}</title><style>{style}</style></head><body>",
        f"<h1>{escape(title)}</h1>",
        f'<p class="dim">{escape(origin.bundle_id)}, {escape(origin.variant)}</p>',
        f'<p class="claim">{escape(_CLAIM)}</p>',
        f'<p class="{"drawn" if explained.deletion.drawn else "refused"}">',
        f"{escape(_first_capital(explained.sentence()))}.</p>",
        *_figure(explained),
        *_table(explained),
        f"<p>{escape(_METHODS[explained.method])}</p></body></html>\n",
    ]
    return "".join(parts)


def _figure(explained: Explained) -> Iterator[str]:
    done, data = cv2.imencode(".png", explained.picture())
    assert done  # a picture in memory always becomes PNG
    picture = base64.b64encode(data.tobytes()).decode()
    words = (
        "Tinted: where blur lowers the suspicion."
        if explained.deletion.drawn
        else "The frame and its regions, without a map: what the method found is no better than "
        "chance."
    )
    yield f'<figure><img alt="the frame" src="data:image/png;base64,{picture}">'
    yield f"<figcaption>{escape(words)}</figcaption></figure>"


def _table(explained: Explained) -> Iterator[str]:
    figure, chance, needed = explained.deletion.texts()
    rows = [
        ("verdict on the frame", str(verdict(explained.result))),
        ("suspicion that is followed", f"{explained.suspicion:.3f}"),
        ("falls by, while 1 to 20 % that the map calls important are blurred", figure),
        ("falls by, while as much is blurred at random", chance),
        (
            f"needed for a map: {TIMES_CHANCE:g} times chance, or of {LEAST_CHANCE:g}",
            needed,
        ),
    ]
    if explained.made.stability is not None:
        rows.append(("rank correlation of two halves", f"{explained.made.stability:.2f}"))
    rows.append(("engine calls", str(explained.calls)))
    yield "<table>"
    for name, value in rows:
        yield f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>"
    yield "</table>"


def _first_capital(text: str) -> str:
    return text[:1].upper() + text[1:]
