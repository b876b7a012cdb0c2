"""A matrix that two products read in two ways becomes two matrices.

OpenVINO's CPU plugin (2026.4.1) repacks the constant weights of a product and finds them
again by the constant and its shape alone. Where one product reads a square matrix as it is
and another one transposed, the second is given the first one's layout, and answers
wrongly without a word. An activation map through linear layers is such a graph: it
multiplies by a layer's weights once forward and once backward.
"""

from __future__ import annotations

from typing import Any


def separate_shared_matrices(ov: Any, model: Any) -> Any:
    """The same model; matrices that are read both ways are copied, in place.

    Args:
        ov: the module openvino.
        model: an `openvino.Model`; only products with a constant second factor are looked at.
    """
    first_use: dict[str, bool] = {}
    for node in model.get_ordered_ops():
        if node.get_type_name() != "MatMul":
            continue
        constant = node.input(1).get_source_output().get_node()
        shape = node.input(1).get_partial_shape()
        if constant.get_type_name() != "Constant" or not shape.is_static:
            continue
        rows, columns = [1, 1, *shape.to_shape()][-2:]
        transposed = bool(node.get_attributes()["transpose_b"])
        if rows == columns and first_use.setdefault(constant.get_name(), transposed) != transposed:
            copy = ov.op.Constant(constant.data.copy())
            node.input(1).replace_source_output(copy.output(0))
    return model
