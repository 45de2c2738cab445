"""What the product knows of English: for now, where sentences end."""

from ingestion.language.sentences import split_sentences

__all__ = ["split_sentences"]
