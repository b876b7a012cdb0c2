"""Calls ONNX Runtime's functions by the numbers in ort.h, and says what each did.

A program of its own: a wrong number ends it, and not the tests.

    python ort_slots.py LIBRARY HEADER MODEL
"""

from __future__ import annotations

import ctypes
import json
import os
import re
import sys
from ctypes import byref, c_char_p, c_int, c_int64, c_size_t, c_void_p
from pathlib import Path
from typing import Any

MODEL_EXECUTION_PARALLEL = 1
SET_EXECUTION_MODE = 13  # not used by the library: it shows that another number is right


class Api:
    """The table, with functions by their names in ort.h."""

    def __init__(self, library: str, header: str) -> None:
        loaded = ctypes.CDLL(library)
        loaded.OrtGetApiBase.restype = ctypes.POINTER(c_void_p)
        base = loaded.OrtGetApiBase()
        get_api = ctypes.CFUNCTYPE(c_void_p, ctypes.c_uint32)(base[0])
        text = Path(header).read_text()
        version = re.search(r"#define ORT_API_VERSION (\d+)", text)
        assert version is not None
        self.slots = {name: int(n) for name, n in re.findall(r"ORT_(\w+) = (\d+)", text)}
        self._table = ctypes.cast(get_api(int(version[1])), ctypes.POINTER(c_void_p))

    def call(self, slot: str | int, *values: Any, result: Any = c_void_p) -> Any:
        number = self.slots[slot] if isinstance(slot, str) else slot
        kinds = [c_void_p if value is None else type(value) for value in values]
        kinds = [c_void_p if kind.__name__ == "CArgObject" else kind for kind in kinds]
        function = ctypes.CFUNCTYPE(result, *kinds)(self._table[number])
        return function(*values)

    def do(self, slot: str | int, *values: Any) -> None:
        """A call that gives a status: it must be none."""
        status = self.call(slot, *values)
        if status:
            raise SystemExit(f"{slot}: {self.text(status)}")

    def text(self, status: int) -> str:
        message = self.call("GET_ERROR_MESSAGE", c_void_p(status), result=c_char_p)
        return bytes(message).decode()


def threads() -> int:
    return sum(1 for _ in Path("/proc/self/task").iterdir())


def options(api: Api, *, severity: int = 3) -> c_void_p:
    made = c_void_p()
    api.do("CREATE_SESSION_OPTIONS", byref(made))
    api.do("SET_SESSION_LOG_SEVERITY_LEVEL", made, c_int(severity))
    api.do("SET_INTRA_OP_NUM_THREADS", made, c_int(1))
    return made


def session(api: Api, env: c_void_p, model: bytes, how: c_void_p) -> c_void_p:
    made = c_void_p()
    api.do(
        "CREATE_SESSION_FROM_ARRAY", env, c_char_p(model), c_size_t(len(model)), how, byref(made)
    )
    return made


def spec(api: Api, of: c_void_p, index: int, kind: str) -> list[Any]:
    """Name, element type and shape."""
    described, tensor, allocator = c_void_p(), c_void_p(), c_void_p()
    name, element, rank = c_char_p(), c_int(), c_size_t()
    api.do(f"SESSION_GET_{kind}_TYPE_INFO", of, c_size_t(index), byref(described))
    api.do("CAST_TYPE_INFO_TO_TENSOR_INFO", described, byref(tensor))
    api.do("GET_TENSOR_ELEMENT_TYPE", tensor, byref(element))
    api.do("GET_DIMENSIONS_COUNT", tensor, byref(rank))
    shape = (c_int64 * rank.value)()
    api.do("GET_DIMENSIONS", tensor, ctypes.cast(shape, c_void_p), rank)
    api.call("RELEASE_TYPE_INFO", described, result=None)
    api.do("GET_ALLOCATOR_WITH_DEFAULT_OPTIONS", byref(allocator))
    api.do(f"SESSION_GET_{kind}_NAME", of, c_size_t(index), allocator, byref(name))
    said = [bytes(name.value or b"").decode(), element.value, list(shape)]
    api.do("ALLOCATOR_FREE", allocator, ctypes.cast(name, c_void_p))
    return said


def main() -> None:
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    library, header, path = sys.argv[1:]
    api, model, done = Api(library, header), Path(path).read_bytes(), {}
    env, memory = c_void_p(), c_void_p()
    api.do("CREATE_ENV", c_int(3), c_char_p(b"slots"), byref(env))

    garbage = c_void_p()
    status = api.call(
        "CREATE_SESSION_FROM_ARRAY", env, c_char_p(b"x" * 40), c_size_t(40), options(api),
        byref(garbage),
    )  # fmt: skip
    done["refusal"] = api.text(status)
    api.call("RELEASE_STATUS", c_void_p(status), result=None)

    before = threads()
    how = options(api)
    api.do("SET_INTER_OP_NUM_THREADS", how, c_int(4))
    one = session(api, env, model, how)
    done["threads of one"] = threads() - before
    api.call("RELEASE_SESSION", one, result=None)

    api.do("SET_INTRA_OP_NUM_THREADS", how, c_int(4))
    four = session(api, env, model, how)
    done["threads of four"] = threads() - before
    api.call("RELEASE_SESSION", four, result=None)
    done["threads after release"] = threads() - before

    api.do("SET_INTRA_OP_NUM_THREADS", how, c_int(1))
    api.do(SET_EXECUTION_MODE, how, c_int(MODEL_EXECUTION_PARALLEL))
    parallel = session(api, env, model, how)
    done["threads of a parallel graph"] = threads() - before
    api.call("RELEASE_SESSION", parallel, result=None)
    api.call("RELEASE_SESSION_OPTIONS", how, result=None)

    wrong = options(api)
    api.do(
        "ADD_SESSION_CONFIG_ENTRY", wrong, c_char_p(b"session.load_model_format"), c_char_p(b"ORT")
    )
    status = api.call(
        "CREATE_SESSION_FROM_ARRAY",
        env,
        c_char_p(model),
        c_size_t(len(model)),
        wrong,
        byref(garbage),
    )
    done["refusal of the format"] = "" if status is None else api.text(status)

    how = options(api)
    loaded = session(api, env, model, how)
    inputs, outputs = c_size_t(), c_size_t()
    api.do("SESSION_GET_INPUT_COUNT", loaded, byref(inputs))
    api.do("SESSION_GET_OUTPUT_COUNT", loaded, byref(outputs))
    done["inputs"] = [spec(api, loaded, i, "INPUT") for i in range(inputs.value)]
    done["outputs"] = [spec(api, loaded, i, "OUTPUT") for i in range(outputs.value)]

    api.do("CREATE_CPU_MEMORY_INFO", c_int(1), c_int(0), byref(memory))
    tensors, data = [], []
    for name, element, shape in (*done["inputs"], *done["outputs"]):
        size = {1: 4, 2: 1}[element]
        for side in shape:
            size *= side
        values, tensor = (ctypes.c_uint8 * size)(), c_void_p()
        sides = (c_int64 * len(shape))(*shape)
        api.do(
            "CREATE_TENSOR_WITH_DATA", memory, ctypes.cast(values, c_void_p), c_size_t(size),
            ctypes.cast(sides, c_void_p), c_size_t(len(shape)), c_int(element), byref(tensor),
        )  # fmt: skip
        tensors.append(tensor)
        data.append((name, values))
    for place in range(len(data[0][1])):
        data[0][1][place] = place * 37 % 251
    names = [(c_char_p * 1)(data[0][0].encode()), (c_char_p * outputs.value)(*(
        name.encode() for name, _ in data[1:]
    ))]  # fmt: skip
    given, wanted = (c_void_p * 1)(tensors[0]), (c_void_p * outputs.value)(*tensors[1:])
    as_pointer = [ctypes.cast(each, c_void_p) for each in (*names, given, wanted)]
    api.do(
        "RUN", loaded, c_void_p(), as_pointer[0], as_pointer[2], c_size_t(1), as_pointer[1],
        outputs, as_pointer[3],
    )  # fmt: skip
    done["answer"] = {name: bytes(values).hex() for name, values in data[1:]}

    sys.stderr.write("-- all is told from here on --\n")
    sys.stderr.flush()
    told = session(api, env, model, options(api, severity=0))
    for each, release in (
        (tensors, "VALUE"), ([told, loaded], "SESSION"), ([how], "SESSION_OPTIONS"),
        ([memory], "MEMORY_INFO"), ([env], "ENV"),
    ):  # fmt: skip
        for one_of_them in each:
            api.call(f"RELEASE_{release}", one_of_them, result=None)
    print(json.dumps(done))


if __name__ == "__main__":
    main()
