"""Vectors: of unit length, the same every time, near for what means the same; and every way an endpoint can fail."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from ingestion.embeddings import Embedder, choose_embedder
from ingestion.embeddings.builtin import MAX_REMEMBERED_WORDS, BuiltinEmbedder
from ingestion.embeddings.endpoint import Endpoint, EndpointEmbedder
from ingestion.errors import EmbeddingFailed
from ingestion.models import minilm_files

TEXTS = [
    "The hedge on Larch Close was cut back in March.",
    "Hedges along Larch Close have been cutting into the path.",
    "Council tax is due on the first of each month.",
    "",
    "26/01234/FUL",
]


# --- builtin ---


def test_built_in_vectors_have_unit_length_and_the_promised_shape() -> None:
    embedder = BuiltinEmbedder()
    vectors = embedder.passages(TEXTS)
    assert vectors.shape == (len(TEXTS), embedder.dimensions)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert embedder.passages([]).shape == (0, embedder.dimensions)


def test_inflected_and_related_words_lie_nearer_than_others() -> None:
    vectors = BuiltinEmbedder().passages(TEXTS)
    assert vectors[0] @ vectors[1] > 0.4 > vectors[0] @ vectors[2] + 0.2


@pytest.mark.parametrize(
    ("query", "near", "far"),
    [
        ("repairs", "We repaired the boiler.", "We painted the fence."),
        ("disrepair", "The landlord must repair it.", "The landlord must reply to it."),
        ("recycling", "What can be recycled?", "What can be requested?"),
        ("complaint", "How to complain about us", "How to comply with us"),
    ],
)
def test_a_word_finds_its_relatives(query: str, near: str, far: str) -> None:
    embedder = BuiltinEmbedder()
    vector = embedder.query(query)
    close, distant = embedder.passages([near, far]) @ vector
    assert close > distant


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=80), max_size=6))
def test_a_texts_vector_does_not_depend_on_its_neighbours(texts: list[str]) -> None:
    together = BuiltinEmbedder().passages(texts)
    for text, vector in zip(texts, together, strict=True):
        assert np.allclose(vector, BuiltinEmbedder().query(text), atol=1e-6)
        assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


def test_built_in_vectors_are_the_same_in_every_process() -> None:
    code = (
        "from ingestion.embeddings.builtin import BuiltinEmbedder as B;"
        f"print(B().passages({TEXTS!r}).round(4).tobytes().hex()[:4000])"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": "."},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(seen) == 1


def test_built_in_vectors_stay_right_after_very_many_words() -> None:
    embedder = BuiltinEmbedder()
    before = embedder.query(TEXTS[0])
    embedder.passages([" ".join(f"w{n}x" for n in range(start, start + 500)) for start in range(0, 25_000, 500)])
    assert len(embedder._rows) <= MAX_REMEMBERED_WORDS + 500
    assert np.allclose(embedder.query(TEXTS[0]), before, atol=1e-6)


# --- choosing ---


def test_without_a_name_the_best_that_can_run_here_is_chosen(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNCIL_MODELS_DIR", str(tmp_path))
    assert choose_embedder().name.startswith("builtin-")
    endpoint = Endpoint(base_url="http://127.0.0.1:9/v1", model="m")
    assert isinstance(choose_embedder(endpoint=endpoint), EndpointEmbedder)
    with pytest.raises(EmbeddingFailed, match="council models fetch minilm"):
        choose_embedder("minilm")
    with pytest.raises(EmbeddingFailed, match="No embedding endpoint is configured"):
        choose_embedder("endpoint")
    with pytest.raises(EmbeddingFailed, match="builtin, minilm, endpoint"):
        choose_embedder("word2vec")


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = (
        "import sys, ingestion.embeddings, ingestion.tokens, ingestion.passages, ingestion.models;"
        "print([m for m in ('numpy', 'onnxruntime', 'openai', 'tokenizers', 'tiktoken') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "[]"


# --- MiniLM ---


@pytest.fixture(scope="module")
def minilm() -> Embedder:
    if minilm_files() is None:
        pytest.skip("the MiniLM files are not here: council models fetch minilm")
    return choose_embedder("minilm")


def test_minilm_knows_paraphrases(minilm: Embedder) -> None:
    vectors = minilm.passages(
        ["How do I get rid of an old sofa?", "Collection of bulky household waste", "School term dates"]
    )
    assert vectors.shape == (3, minilm.dimensions)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.1


def test_minilm_gives_a_text_the_same_vector_in_any_company(minilm: Embedder) -> None:
    together = minilm.passages([*TEXTS, "word " * 600])
    for text, vector in zip(TEXTS, together[: len(TEXTS)], strict=True):
        assert np.array_equal(vector, minilm.query(text))
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    assert minilm.passages([]).shape == (0, minilm.dimensions)


# --- an endpoint ---

Answer = Callable[[dict[str, Any]], tuple[int, str]]


def vectors_for(texts: Sequence[str]) -> list[dict[str, Any]]:
    """The server's embeddings: three numbers that tell texts apart, last text first as a server may."""
    rows = [
        {"object": "embedding", "index": i, "embedding": [float(len(text)), float(i), 1.0]}
        for i, text in enumerate(texts)
    ]
    return rows[::-1]


def right(request: dict[str, Any]) -> tuple[int, str]:
    data = vectors_for(request["input"])
    usage = {"prompt_tokens": 1, "total_tokens": 1}
    return 200, json.dumps({"object": "list", "model": request["model"], "data": data, "usage": usage})


class Server:
    """A real HTTP server on loopback whose answers a test sets."""

    def __init__(self) -> None:
        self.answers: list[Answer] = [right]
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.requests.append(body)
                outer.keys.append(self.headers["Authorization"])
                answer = outer.answers.pop(0) if len(outer.answers) > 1 else outer.answers[0]
                status, text = answer(body)
                try:
                    self.send_response(status)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(text.encode())))
                    self.end_headers()
                    self.wfile.write(text.encode())
                except (BrokenPipeError, ConnectionResetError):
                    pass  # the client's patience ended first

            def log_message(self, *_: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def endpoint(self) -> Endpoint:
        url = f"http://127.0.0.1:{self._server.server_port}/v1"
        return Endpoint(base_url=url, api_key=SecretStr("s3cret"), model="council-embed", timeout_seconds=5)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    running = Server()
    yield running
    running.close()


def embedder_of(endpoint: Endpoint, retries: int = 0) -> EndpointEmbedder:
    embedder = EndpointEmbedder(endpoint)
    embedder._client = embedder._client.with_options(max_retries=retries)  # type: ignore[misc]
    return embedder


def test_an_endpoint_gives_unit_rows_in_the_order_of_the_texts(server: Server) -> None:
    embedder = embedder_of(server.endpoint)
    texts = ["x" * n for n in range(1, 200)]
    vectors = embedder.passages(texts)
    assert vectors.shape == (199, 3)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    ratios = vectors[:, 0] / vectors[:, 2]  # the length of each text, as the server saw it
    assert all(late > early for early, late in pairwise(ratios))
    assert embedder.name == "endpoint-council-embed-3"
    assert max(len(request["input"]) for request in server.requests) <= 64
    assert set(server.keys) == {"Bearer s3cret"}


def test_an_endpoint_is_asked_again_after_a_passing_error(server: Server) -> None:
    server.answers = [lambda _: (500, "{}"), right]
    assert embedder_of(server.endpoint, retries=1).query("bins").shape == (3,)
    assert len(server.requests) >= 2


def slow(request: dict[str, Any]) -> tuple[int, str]:
    time.sleep(1.2)
    return right(request)


def short(request: dict[str, Any]) -> tuple[int, str]:
    return right({**request, "input": request["input"][:-1]})


def constant(embedding: object) -> Answer:
    def answer(request: dict[str, Any]) -> tuple[int, str]:
        data = [{"object": "embedding", "index": i, "embedding": embedding} for i in range(len(request["input"]))]
        return 200, json.dumps({"object": "list", "model": "m", "data": data, "usage": {}})

    return answer


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda _: (500, '{"error": {"message": "boom"}}'), "answered with error 500"),
        (lambda _: (401, '{"error": {"message": "no"}}'), "refused the key"),
        (lambda _: (404, '{"error": {"message": "no such model"}}'), "answered with error 404"),
        (slow, "gave no reply within 0.5 s"),
        (lambda _: (200, '{"data": [{"embed'), "did not answer with vectors"),
        (lambda _: (200, "<html>hello</html>"), "did not answer with vectors"),
        (lambda _: (200, "{}"), "did not answer with vectors"),
        (lambda _: (200, '{"data": null}'), "did not answer with vectors"),
        (lambda _: (200, "[]"), "did not answer with vectors"),
        (short, "gave 1 vectors for 2 texts"),
        (constant(["a", "b"]), "did not answer with vectors"),
        (constant("AAAA"), "did not answer with vectors"),
        (constant([0.0, 0.0]), "without a direction"),
        (constant([float("nan"), 1.0]), "without a direction"),
        (constant([]), "without a direction"),
    ],
)
def test_a_failing_endpoint_is_one_sentence(server: Server, answer: Answer, said: str) -> None:
    server.answers = [answer]
    embedder = embedder_of(server.endpoint.model_copy(update={"timeout_seconds": 0.5}))
    with pytest.raises(EmbeddingFailed, match=said) as caught:
        embedder.passages(["bins", "parks"])
    assert "council-embed" in str(caught.value)
    assert "s3cret" not in str(caught.value)
    assert str(caught.value).endswith(".")


def test_an_endpoint_that_is_not_there_is_one_sentence(server: Server) -> None:
    endpoint = server.endpoint
    server.close()
    with pytest.raises(EmbeddingFailed, match="cannot be reached"):
        embedder_of(endpoint).query("bins")


def test_an_endpoint_that_changes_its_dimensions_is_refused(server: Server) -> None:
    server.answers = [constant([1.0, 2.0]), constant([1.0, 2.0, 3.0])]
    embedder = embedder_of(server.endpoint)
    assert embedder.dimensions == 2
    with pytest.raises(EmbeddingFailed, match="other lengths than 2"):
        embedder.query("bins")
