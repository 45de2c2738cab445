"""Other vectors for the passages of a workspace: made beside those in use, replacing them when complete."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ingestion.adding import embed
from ingestion.passages import text_to_embed
from ingestion.rows import pack_vectors
from ingestion.sql import begin_epoch, get_meta, set_meta, touch
from ingestion.store import Store

if TYPE_CHECKING:
    from ingestion.embeddings import Embedder

BATCH = 256


def reembed(store: Store, embedder: Embedder, on_progress: Callable[[int, int], None] | None = None) -> int:
    """Give every passage a new vector, and the word index a new beginning; returns how many passages.

    Stopped half way, it leaves the old vectors in use, and the next call with the same embedder carries on. Chroma is
    out of date afterwards: flush it. `on_progress` is told how many passages are done, of how many.
    Raises EmbeddingFailed or StorageFailed.
    """
    total = store.count()
    names = store.names()
    done = _begin(store, embedder.name)
    while passages := store.passages_above(done, BATCH):
        vectors = embed(embedder, [text_to_embed(p, names[p.document_id]) for p in passages.values()])
        with store.database.writing() as db:
            rows = zip(passages, pack_vectors(vectors), strict=True)
            db.executemany("INSERT OR REPLACE INTO new_vectors (number, vector) VALUES (?, ?)", rows)
        done = max(passages)
        if on_progress is not None:
            on_progress(store.count_upto(done), total)
    _replace(store, embedder.name)
    return total


def _begin(store: Store, name: str) -> int:
    """Clear away what another embedder began; returns the number up to which this one has done its work."""
    with store.database.writing() as db:
        if get_meta(db, "reembedding") != name:
            db.execute("DELETE FROM new_vectors")
            set_meta(db, {"reembedding": name})
        return int(db.execute("SELECT coalesce(max(number), 0) FROM new_vectors").fetchone()[0])


def _replace(store: Store, name: str) -> None:
    """Put the new vectors in the place of the old, in one transaction."""
    with store.database.writing() as db:
        db.execute("DELETE FROM vectors")
        db.execute("INSERT INTO vectors SELECT number, vector FROM new_vectors")
        db.execute("DELETE FROM new_vectors")
        db.execute("INSERT INTO passages_fts (passages_fts) VALUES ('rebuild')")
        set_meta(db, {"embedder": name, "reembedding": None})
        begin_epoch(db)
        touch(db)
    store.database.scrub()
