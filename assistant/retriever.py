"""A workspace as a LangChain retriever, for people who build on LangChain: passages come with their spans."""

from __future__ import annotations

from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever

from assistant.types import Sources
from ingestion.types import Filter, Hit


class WorkspaceRetriever(BaseRetriever):
    """Finds the passages of a workspace nearest to a query, best first.

    Each document's metadata holds `document_id`, `document_name`, `page`, `headings`, `score` and `parts`: for every
    stretch of the text, the element it comes from and its span there.
    """

    sources: Any  # a Sources; pydantic cannot check a protocol
    limit: int = 10
    where: Filter | None = None

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:  # noqa: ARG002
        sources: Sources = self.sources
        return [_as_document(hit) for hit in sources.search(query, limit=self.limit, where=self.where)]


def _as_document(hit: Hit) -> Document:
    passage = hit.passage
    return Document(
        id=passage.id,
        page_content=passage.text,
        metadata={
            "document_id": passage.document_id,
            "document_name": hit.document_name,
            "page": passage.page,
            "headings": list(passage.headings),
            "score": hit.score,
            "parts": [part.model_dump() for part in passage.parts],
        },
    )
