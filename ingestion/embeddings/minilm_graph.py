"""all-MiniLM-L6-v2 as an ONNX graph in eight-bit integers, built from the published weights alone.

A BERT encoder of 6 layers, 384 wide with 12 heads; the mean of the tokens' vectors, at unit length (Reimers and
Gurevych 2019; Wang et al. 2020). The matrices keep one scale a column and seven bits, since processors
without VNNI overflow at eight; what flows through them is quantised as it comes, one scale for all, so texts go
through one at a time: padding and neighbours would change the result. The same weights give the same bytes.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ingestion.embeddings.onnx_file import Graph

VERSION = 1  # to be raised whenever the vectors change
LAYERS = 6
WIDTH = 384
HEADS = 12
EPSILON = 1e-12
LARGEST = 63  # seven bits with a sign

Weights = Mapping[str, NDArray[np.float32]]


def read_safetensors(data: bytes) -> dict[str, NDArray[np.float32]]:
    """The float32 arrays of a .safetensors file: a length, a JSON header, raw little-endian numbers.

    Raises ValueError when the header does not fit the data.
    """
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8 : 8 + length])
    arrays = {}
    for name, entry in header.items():
        if entry.get("dtype") == "F32":
            start, end = (8 + length + offset for offset in entry["data_offsets"])
            arrays[name] = np.frombuffer(data[start:end], dtype="<f4").reshape(entry["shape"])
    return arrays


def build(weights: Weights) -> bytes:
    """The ONNX file. Input `input_ids`, int64 (batch, length) without padding; one output, float32 (batch, 384).

    Raises KeyError when an array is missing.
    """
    graph = Graph("all-MiniLM-L6-v2-int8")
    graph.constant("shape_heads", np.array((0, 0, HEADS, WIDTH // HEADS), dtype=np.int64))
    graph.constant("shape_merged", np.array((0, 0, WIDTH), dtype=np.int64))
    hidden = _embeddings(graph, weights, graph.input("input_ids", "int64", ("batch", "length")))
    for number in range(LAYERS):
        hidden = _layer(graph, weights, f"encoder.layer.{number}", hidden)
    graph.output(_mean_at_unit_length(graph, hidden), "float32", ("batch", WIDTH))
    return graph.to_bytes()


def _embeddings(graph: Graph, weights: Weights, ids: str) -> str:
    """The tokens' vectors, plus their places', normalised."""
    prefix = "embeddings"
    table = weights[f"{prefix}.word_embeddings.weight"]
    scales = np.abs(table).max(axis=1, keepdims=True) / 127
    graph.constant("words", np.rint(table / scales).astype(np.int8))
    graph.constant("word_scales", scales.astype(np.float32))
    words = graph.apply("Cast", graph.apply("Gather", "words", ids), to=1)
    words = graph.apply("Mul", words, graph.apply("Gather", "word_scales", ids))
    segment = weights[f"{prefix}.token_type_embeddings.weight"][0]  # one text at a time: the first segment only
    graph.constant("places", weights[f"{prefix}.position_embeddings.weight"] + segment)
    graph.constant("zero", np.array([0], dtype=np.int64))
    graph.constant("one", np.array([1], dtype=np.int64))
    length = graph.apply("Shape", ids, start=1, end=2)
    places = graph.apply("Slice", "places", "zero", length, "zero", "one")
    return _normalised(graph, weights, f"{prefix}.LayerNorm", graph.apply("Add", words, places))


def _layer(graph: Graph, weights: Weights, prefix: str, hidden: str) -> str:
    """One encoder layer: attention, then the two-matrix network, each added to what came in and normalised."""
    mixed = _attention(graph, weights, prefix, hidden)
    attended = _linear(graph, weights, f"{prefix}.attention.output.dense", mixed)
    hidden = _normalised(graph, weights, f"{prefix}.attention.output.LayerNorm", graph.apply("Add", attended, hidden))
    inner = _gelu(graph, _linear(graph, weights, f"{prefix}.intermediate.dense", hidden))
    outer = _linear(graph, weights, f"{prefix}.output.dense", inner)
    return _normalised(graph, weights, f"{prefix}.output.LayerNorm", graph.apply("Add", outer, hidden))


def _attention(graph: Graph, weights: Weights, prefix: str, hidden: str) -> str:
    """Softmax(QK/sqrt(d))V for every head, the heads side by side."""
    heads = {}
    for part, order in (("query", (0, 2, 1, 3)), ("key", (0, 2, 3, 1)), ("value", (0, 2, 1, 3))):
        flat = _linear(graph, weights, f"{prefix}.attention.self.{part}", hidden)
        heads[part] = graph.apply("Transpose", graph.apply("Reshape", flat, "shape_heads"), perm=order)
    scale = graph.constant(f"{prefix}.scale", np.array((WIDTH // HEADS) ** -0.5, dtype=np.float32))
    scores = graph.apply("Mul", graph.apply("MatMul", heads["query"], heads["key"]), scale)
    shares = graph.apply("Softmax", scores, axis=-1)
    mixed = graph.apply("Transpose", graph.apply("MatMul", shares, heads["value"]), perm=(0, 2, 1, 3))
    return graph.apply("Reshape", mixed, "shape_merged")


def _linear(graph: Graph, weights: Weights, prefix: str, hidden: str) -> str:
    """hidden @ weight.T + bias in integers: the weight with one scale a column, `hidden` with one for the batch."""
    matrix = weights[f"{prefix}.weight"].T
    scales = np.abs(matrix).max(axis=0) / LARGEST
    graph.constant(f"{prefix}.matrix", np.rint(matrix / scales).astype(np.int8))
    graph.constant(f"{prefix}.scales", scales.astype(np.float32))
    graph.constant(f"{prefix}.bias", weights[f"{prefix}.bias"])
    quantised, scale, zero = graph.apply_for(3, "DynamicQuantizeLinear", hidden)
    products = graph.apply("Cast", graph.apply("MatMulInteger", quantised, f"{prefix}.matrix", zero), to=1)
    scaled = graph.apply("Mul", products, graph.apply("Mul", scale, f"{prefix}.scales"))
    return graph.apply("Add", scaled, f"{prefix}.bias")


def _normalised(graph: Graph, weights: Weights, prefix: str, hidden: str) -> str:
    scale = graph.constant(f"{prefix}.weight", weights[f"{prefix}.weight"])
    bias = graph.constant(f"{prefix}.bias", weights[f"{prefix}.bias"])
    return graph.apply("LayerNormalization", hidden, scale, bias, axis=-1, epsilon=EPSILON)


def _gelu(graph: Graph, hidden: str) -> str:
    """x/2 (1 + erf(x/sqrt(2))), spelt so that onnxruntime fuses it."""
    values = (("root", 2**0.5), ("one", 1.0), ("half", 0.5))
    root, one, half = (graph.constant(f"{hidden}.{name}", np.array(v, dtype=np.float32)) for name, v in values)
    grown = graph.apply("Add", graph.apply("Erf", graph.apply("Div", hidden, root)), one)
    return graph.apply("Mul", graph.apply("Mul", hidden, grown), half)


def _mean_at_unit_length(graph: Graph, hidden: str) -> str:
    """The mean over the tokens, divided by its length."""
    mean = graph.apply("ReduceMean", hidden, axes=(1,), keepdims=0)
    return graph.apply("Div", mean, graph.apply("ReduceL2", mean, axes=(1,), keepdims=1))
