"""Writes ONNX files: just enough of the format to lay out a graph of named operations over numpy arrays.

The `onnx` package does this too, but it is a large download that would be needed once. Field numbers are those of
onnx.proto (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto), which protobuf's rules keep stable.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

IR_VERSION = 8
OPSET = 17

_DATA_TYPES = {"float32": 1, "uint8": 2, "int8": 3, "int32": 6, "int64": 7}
_ATTRIBUTE_FLOAT, _ATTRIBUTE_INT, _ATTRIBUTE_INTS = 1, 2, 7

Attribute = int | float | Sequence[int]


@dataclass
class Graph:
    """A graph under construction; every operation's output is named by the caller or numbered."""

    name: str
    _nodes: list[bytes] = field(default_factory=list)
    _initializers: list[bytes] = field(default_factory=list)
    _inputs: list[bytes] = field(default_factory=list)
    _outputs: list[bytes] = field(default_factory=list)

    def input(self, name: str, dtype: str, shape: Sequence[str | int]) -> str:
        """Declare an input; a dimension given as a word is free."""
        self._inputs.append(_value_info(name, dtype, shape))
        return name

    def output(self, name: str, dtype: str, shape: Sequence[str | int]) -> None:
        """Declare that the value `name` is an output."""
        self._outputs.append(_value_info(name, dtype, shape))

    def constant(self, name: str, array: NDArray[np.generic]) -> str:
        """Store an array in the file under `name`."""
        little_endian = np.asarray(array, order="C").astype(array.dtype.newbyteorder("<"), copy=False)
        tensor = b"".join(_varint_field(1, size) for size in array.shape)
        tensor += _varint_field(2, _DATA_TYPES[array.dtype.name])
        tensor += _bytes_field(8, name.encode()) + _bytes_field(9, little_endian.tobytes())
        self._initializers.append(tensor)
        return name

    def apply(self, operation: str, *inputs: str, **attributes: Attribute) -> str:
        """Add an operation of the standard set that has one output; gives its name."""
        return self._node(operation, inputs, 1, attributes)[0]

    def apply_for(self, outputs: int, operation: str, *inputs: str) -> list[str]:
        """Add an operation with several outputs; gives their names."""
        return self._node(operation, inputs, outputs, {})

    def _node(
        self, operation: str, inputs: Sequence[str], outputs: int, attributes: Mapping[str, Attribute]
    ) -> list[str]:
        number = len(self._nodes)
        names = [f"{operation}_{number}_{i}" for i in range(outputs)]
        body = b"".join(_bytes_field(1, name.encode()) for name in inputs)
        body += b"".join(_bytes_field(2, name.encode()) for name in names)
        body += _bytes_field(3, f"{operation}_{number}".encode()) + _bytes_field(4, operation.encode())
        body += b"".join(_bytes_field(5, _attribute(name, value)) for name, value in attributes.items())
        self._nodes.append(body)
        return names

    def to_bytes(self) -> bytes:
        """The whole file."""
        graph = b"".join(_bytes_field(1, node) for node in self._nodes)
        graph += _bytes_field(2, self.name.encode())
        graph += b"".join(_bytes_field(5, tensor) for tensor in self._initializers)
        graph += b"".join(_bytes_field(11, value) for value in self._inputs)
        graph += b"".join(_bytes_field(12, value) for value in self._outputs)
        opset = _bytes_field(1, b"") + _varint_field(2, OPSET)
        return _varint_field(1, IR_VERSION) + _bytes_field(7, graph) + _bytes_field(8, opset)


def _value_info(name: str, dtype: str, shape: Sequence[str | int]) -> bytes:
    dimensions = b"".join(
        _bytes_field(1, _varint_field(1, size) if isinstance(size, int) else _bytes_field(2, size.encode()))
        for size in shape
    )
    tensor_type = _varint_field(1, _DATA_TYPES[dtype]) + _bytes_field(2, dimensions)
    return _bytes_field(1, name.encode()) + _bytes_field(2, _bytes_field(1, tensor_type))


def _attribute(name: str, value: Attribute) -> bytes:
    body = _bytes_field(1, name.encode())
    if isinstance(value, float):
        return body + _key(2, 5) + struct.pack("<f", value) + _varint_field(20, _ATTRIBUTE_FLOAT)
    if isinstance(value, int):
        return body + _varint_field(3, value) + _varint_field(20, _ATTRIBUTE_INT)
    return body + b"".join(_varint_field(8, item) for item in value) + _varint_field(20, _ATTRIBUTE_INTS)


def _key(number: int, wire_type: int) -> bytes:
    return _varint(number << 3 | wire_type)


def _varint_field(number: int, value: int) -> bytes:
    return _key(number, 0) + _varint(value)


def _bytes_field(number: int, value: bytes) -> bytes:
    return _key(number, 2) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    """Seven bits a byte, lowest first; a negative number as its 64-bit two's complement."""
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
