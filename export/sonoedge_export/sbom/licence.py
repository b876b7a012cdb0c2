"""From a licence in a recipe's words to CycloneDX's terms."""

from __future__ import annotations

from cyclonedx.spdx import fixup_id, is_expression

from sonoedge.sbom.component import Licence


def stated_licence(text: str | None) -> Licence | None:
    """An SPDX expression where the text is one, else a name; None where nobody stated it."""
    if text is None:
        return None
    identifier = fixup_id(text)
    if identifier is not None:
        return Licence(expression=identifier)
    return Licence(expression=text) if is_expression(text) else Licence(names=(text,))
