"""An encoder as an ONNX graph of ONNX Runtime's fused operators, its weights in 8 bits.

PyTorch's own export with ONNX Runtime's quantisation gives the same opinions in a fifth more time
and with more memory: it keeps attention in small steps.
"""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from guide.second_reader import MAX_PIECES, OPINIONS, PIECES

FUSED = "com.microsoft"
"""The domain of ONNX Runtime's own operators."""

OPSET, FORMAT = 17, 8
MIDDLE = 128
"""Weights have no sign in 8 bits, so that processors of before 2019 don't overflow."""

MAPPED = 1024
"""Arrays of so many bytes stand in a file of their own, which the chatbot maps into memory."""


def store(encoder: nn.Module, path: Path) -> None:
    """Write the graph of a `training.encoder.Encoder` to `path`, and the weights beside it."""
    weights = path.with_suffix(".bin")
    weights.unlink(missing_ok=True)  # it would be written on at its end
    onnx.save(
        _Graph().of(encoder),
        path,
        save_as_external_data=True,
        location=weights.name,
        size_threshold=MAPPED,
    )
    weights.chmod(0o644)


class _Graph:
    """A graph in the making: operators and arrays with names of their own."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._arrays: list[onnx.TensorProto] = []
        self._count = itertools.count()

    def of(self, encoder: nn.Module) -> onnx.ModelProto:
        """Return the whole of it: word pieces in, logarithms of shares out."""
        body = encoder.body
        hidden = self._embedded(body.embeddings)
        for layer in body.encoder.layer:
            hidden = self._layer(hidden, layer, body.config.num_attention_heads)
        meaning = self._op("ReduceMean", [hidden], axes=[1], keepdims=0)
        outputs = []
        for name in OPINIONS:
            part = getattr(encoder, name)
            odds = self._op("MatMul", [meaning, self._array(_numbers(part.weight).T)])
            odds = self._op("Add", [odds, self._array(_numbers(part.bias))])
            self._nodes.append(helper.make_node("LogSoftmax", [odds], [name], axis=-1))
            shape = [1, part.out_features]
            outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
        pieces = helper.make_tensor_value_info(PIECES, TensorProto.INT64, [1, "length"])
        graph = helper.make_graph(self._nodes, "encoder", [pieces], outputs, self._arrays)
        domains = [helper.make_opsetid("", OPSET), helper.make_opsetid(FUSED, 1)]
        model = helper.make_model(graph, opset_imports=domains)
        model.ir_version = FORMAT
        return model

    def _embedded(self, parts: nn.Module) -> str:
        rows, scale = _rounded(parts.word_embeddings.weight)
        words = self._op("Gather", [self._array(rows), PIECES])
        words = self._op("Cast", [words], to=TensorProto.FLOAT)
        words = self._op("Mul", [words, self._op("Gather", [self._array(scale), PIECES])])
        # Of the two kinds of text that the encoder can tell apart there is only one here.
        places = parts.position_embeddings.weight + parts.token_type_embeddings.weight[0]
        zero, one, two = (self._array(np.array([number])) for number in range(3))
        length = self._op("Slice", [self._op("Shape", [PIECES]), one, two, zero])
        kept = self._array(_numbers(places)[:MAX_PIECES])
        at = self._op("Slice", [kept, zero, length, zero])
        norm = self._norm(parts.LayerNorm)
        return self._op(
            "LayerNormalization",
            [self._op("Add", [words, at]), *norm],
            axis=-1,
            epsilon=parts.LayerNorm.eps,
        )

    def _layer(self, hidden: str, layer: nn.Module, heads: int) -> str:
        own = layer.attention.self
        asked = [self._linear(hidden, part) for part in (own.query, own.key, own.value)]
        attended = self._op("MultiHeadAttention", asked, FUSED, num_heads=heads)
        hidden = self._added(attended, hidden, layer.attention.output)
        wide = self._linear(hidden, layer.intermediate.dense)
        return self._added(self._op("FastGelu", [wide], FUSED), hidden, layer.output)

    def _added(self, step: str, hidden: str, parts: nn.Module) -> str:
        moved = self._linear(step, parts.dense)
        norm = self._norm(parts.LayerNorm)
        epsilon = parts.LayerNorm.eps
        return self._op("SkipLayerNormalization", [moved, hidden, *norm], FUSED, epsilon=epsilon)

    def _linear(self, hidden: str, part: nn.Linear) -> str:
        rows, scale = _rounded(part.weight)
        unsigned = (rows.astype(np.int16) + MIDDLE).astype(np.uint8).T
        middle = np.full(part.out_features, MIDDLE, np.uint8)
        arrays = (unsigned, scale[:, 0], middle, _numbers(part.bias))
        return self._op("DynamicQuantizeMatMul", [hidden, *map(self._array, arrays)], FUSED)

    def _norm(self, part: nn.LayerNorm) -> tuple[str, str]:
        return self._array(_numbers(part.weight)), self._array(_numbers(part.bias))

    def _op(self, kind: str, inputs: list[str], domain: str = "", **settings: object) -> str:
        name = f"{kind}_{next(self._count)}"
        self._nodes.append(helper.make_node(kind, inputs, [name], domain=domain, **settings))
        return name

    def _array(self, values: np.ndarray) -> str:
        name = f"array_{next(self._count)}"
        self._arrays.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name


def _numbers(values: Tensor) -> np.ndarray:
    return values.detach().numpy().astype(np.float32)


def _rounded(values: Tensor) -> tuple[np.ndarray, np.ndarray]:
    """Return rows of 8 bits, shape as given, with the scale of each, shape (rows, 1)."""
    full = _numbers(values)
    scale = np.abs(full).max(1, keepdims=True) / 127.0 + 1e-12
    return np.round(full / scale).astype(np.int8), scale.astype(np.float32)
