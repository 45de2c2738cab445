"""Vectors for passages and queries: one small interface and three who fulfil it.

    builtin     needs nothing and is always there
    minilm      all-MiniLM-L6-v2 on onnxruntime, when its files lie on disk (`council models fetch minilm`)
    endpoint    any OpenAI-compatible /embeddings, when configured

An index holds vectors of one embedder only and remembers its `name`; the name changes whenever the vectors would.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from ingestion.errors import EmbeddingFailed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ingestion.embeddings.endpoint import Endpoint

EMBEDDERS = ("builtin", "minilm", "endpoint")


class Embedder(Protocol):
    """Who turns text into vectors. Safe to call from several threads."""

    @property
    def name(self) -> str:
        """What an index remembers: who made the vectors, which version, how many dimensions."""

    @property
    def dimensions(self) -> int:
        """The length of every vector."""

    def passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row of unit length for each text, shape (len(texts), dimensions).

        A text without a word gives a row of unit length too, near no other.
        Raises EmbeddingFailed.
        """

    def query(self, text: str) -> NDArray[np.float32]:
        """The vector of a question, of unit length, shape (dimensions,). Raises EmbeddingFailed."""


def choose_embedder(name: str | None = None, *, endpoint: Endpoint | None = None) -> Embedder:
    """The embedder of that name; without a name the endpoint if one is given, else MiniLM if its files are there.

    Raises EmbeddingFailed when the name is unknown, or what it needs is missing.
    """
    if name is None:
        name = _best_available(endpoint)
    if name == "builtin":
        from ingestion.embeddings.builtin import BuiltinEmbedder

        return BuiltinEmbedder()
    if name == "minilm":
        from ingestion.embeddings.minilm import MiniLMEmbedder

        return MiniLMEmbedder()
    if name == "endpoint":
        from ingestion.embeddings.endpoint import EndpointEmbedder

        if endpoint is None:
            raise EmbeddingFailed("No embedding endpoint is configured: give its address and model, or use builtin.")
        return EndpointEmbedder(endpoint)
    raise EmbeddingFailed(f"There are no vectors called {name!r}: choose one of {', '.join(EMBEDDERS)}.")


def _best_available(endpoint: Endpoint | None) -> str:
    """The name of the best embedder that can run here."""
    if endpoint is not None:
        return "endpoint"
    from ingestion.models import minilm_files

    return "builtin" if minilm_files() is None else "minilm"
