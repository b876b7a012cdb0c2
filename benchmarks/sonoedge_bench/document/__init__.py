"""A measurement as a JSON document: dataclasses, their JSON Schema, and how they are read back."""

from sonoedge_bench.document.document import SCHEMA, Document

__all__ = ["SCHEMA", "Document"]
