"""Vectors from any OpenAI-compatible /embeddings: OpenAI, Azure, Ollama, vLLM, llama.cpp, or a council's own."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field, SecretStr

from ingestion.errors import EmbeddingFailed

if TYPE_CHECKING:
    from openai import OpenAI

BATCH = 64
MAX_RETRIES = 2
MAX_CHARACTERS = 24_000  # endpoints refuse texts over their model's limit, 8,191 tokens at OpenAI


class Endpoint(BaseModel, frozen=True):
    """Where vectors are asked for."""

    base_url: str
    model: str
    api_key: SecretStr = SecretStr("")
    timeout_seconds: float = Field(default=30.0, gt=0)


class EndpointEmbedder:
    """Asks the endpoint; the number of dimensions is learnt from its first reply."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    @cached_property
    def dimensions(self) -> int:
        """The length of the endpoint's vectors. Raises EmbeddingFailed when it does not say."""
        return len(self._ask(["council"])[0])

    @cached_property
    def name(self) -> str:
        """The model and its dimensions; not the address, which may move."""
        return f"endpoint-{self._endpoint.model}-{self.dimensions}"

    def passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row of unit length for each text, shape (len(texts), dimensions). Raises EmbeddingFailed."""
        rows: list[list[float]] = []
        for start in range(0, len(texts), BATCH):
            rows.extend(self._ask(texts[start : start + BATCH]))
        if any(len(row) != self.dimensions for row in rows):
            raise self._failed(f"gave vectors of other lengths than {self.dimensions}")
        vectors = np.array(rows, dtype=np.float32).reshape(len(rows), self.dimensions)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        if not (np.isfinite(lengths).all() and (lengths > 0).all()):
            raise self._failed("gave vectors without a direction")
        unit: NDArray[np.float32] = vectors / lengths
        return unit

    def query(self, text: str) -> NDArray[np.float32]:
        """The vector of a question, shape (dimensions,). Raises EmbeddingFailed."""
        vector: NDArray[np.float32] = self.passages([text])[0]
        return vector

    @cached_property
    def _client(self) -> OpenAI:
        from openai import OpenAI

        return OpenAI(
            base_url=self._endpoint.base_url,
            api_key=self._endpoint.api_key.get_secret_value() or "none",
            timeout=self._endpoint.timeout_seconds,
            max_retries=MAX_RETRIES,
        )

    def _ask(self, texts: Sequence[str]) -> list[list[float]]:
        """The endpoint's vectors in the order of `texts`, as it gave them."""
        import openai

        # An empty string is refused by OpenAI; a space is not.
        inputs = [text[:MAX_CHARACTERS] or " " for text in texts]
        try:
            reply = self._client.embeddings.create(model=self._endpoint.model, input=inputs, encoding_format="float")
            rows = {item.index: [float(number) for number in item.embedding] for item in reply.data}
        except openai.APITimeoutError as err:
            raise self._failed(f"gave no reply within {self._endpoint.timeout_seconds:g} s") from err
        except openai.APIConnectionError as err:
            raise self._failed("cannot be reached") from err
        except openai.AuthenticationError as err:
            raise self._failed("refused the key") from err
        except openai.APIStatusError as err:
            raise self._failed(f"answered with error {err.status_code}") from err
        except (openai.OpenAIError, ValueError, TypeError, AttributeError) as err:
            # The client does not check the reply against its types: what is no list of numbers fails on reading.
            raise self._failed("did not answer with vectors") from err
        if sorted(rows) != list(range(len(texts))):
            raise self._failed(f"gave {len(rows)} vectors for {len(texts)} texts")
        return [rows[number] for number in range(len(texts))]

    def _failed(self, what: str) -> EmbeddingFailed:
        return EmbeddingFailed(
            f"The embedding endpoint {self._endpoint.base_url} (model {self._endpoint.model}) {what}: "
            "check its address, key and model, or use the built-in vectors."
        )
