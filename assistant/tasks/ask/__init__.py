"""A question over a workspace, answered in the documents' own words."""

from assistant.tasks.ask.result import Answer
from assistant.tasks.ask.task import Ask

__all__ = ["Answer", "Ask"]
