"""all-MiniLM-L6-v2 on onnxruntime: vectors that know paraphrases, from fetched files.

Each text goes through alone, on one thread a processor: faster than batches, which pad, and a text's vector does not
depend on its neighbours. Only the first 256 tokens count, as the model was trained.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from ingestion.embeddings.minilm_graph import VERSION, WIDTH
from ingestion.errors import EmbeddingFailed
from ingestion.models import MiniLMFiles, check_minilm, minilm_files

MAX_TOKENS = 256


class MiniLMEmbedder:
    """The eight-bit MiniLM; 384 dimensions."""

    dimensions = WIDTH
    name = f"minilm-int8-{VERSION}-{WIDTH}"

    def __init__(self, files: MiniLMFiles | None = None) -> None:
        """Load the model, from the models folder unless `files` says otherwise.

        Raises EmbeddingFailed when files are missing or are not those that were written.
        """
        files = files or minilm_files()
        if files is None:
            raise EmbeddingFailed("The MiniLM files are not here: run `council models fetch minilm`, or use builtin.")
        check_minilm(files)
        import onnxruntime
        from tokenizers import Tokenizer

        self._tokenizer = Tokenizer.from_file(str(files.tokenizer))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MAX_TOKENS)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(str(files.model), options, providers=["CPUExecutionProvider"])
        self._threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

    def passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row of unit length for each text, shape (len(texts), 384)."""
        with ThreadPoolExecutor(self._threads) as pool:
            rows = list(pool.map(self.query, texts))
        return np.array(rows, dtype=np.float32).reshape(len(texts), WIDTH)

    def query(self, text: str) -> NDArray[np.float32]:
        """The vector of one text, shape (384,)."""
        tokens = np.array([self._tokenizer.encode(text).ids], dtype=np.int64)
        vector: NDArray[np.float32] = self._session.run(None, {"input_ids": tokens})[0][0]
        return vector
