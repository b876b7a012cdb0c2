"""What users read: every state, reason and error, with its cause and what they shall do."""

from __future__ import annotations

from sonoedge_export.evidence.cells import Row, Section, Source, Table, Value
from sonoedge_export.evidence.inputs import Inputs
from sonoedge_export.evidence.messages import Message


def messages(inputs: Inputs) -> Section:
    """A table for each kind of token."""
    kinds = dict.fromkeys(message.kind for message in inputs.messages)
    return Section(
        name="messages",
        title="States, reasons and errors that users meet",
        tables=tuple(
            Table(
                name=kind.lower().replace(" ", "-"),
                title=kind,
                columns=("token", "cause", "what the user shall do"),
                rows=tuple(
                    _row(inputs.messages_name, m) for m in inputs.messages if m.kind == kind
                ),
            )
            for kind in kinds
        ),
    )


def _row(file: str, message: Message) -> Row:
    source = Source(file=file, keys=(message.token,))
    texts = (message.token, message.cause, message.remedy)
    return Row(cells=tuple(Value(text=text, value=text, source=source) for text in texts))
