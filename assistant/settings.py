"""What a person or a council sets, read once from the environment. Unset means the default that needs no network."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pydantic import BaseModel, SecretStr

from assistant.errors import BadSetting

if TYPE_CHECKING:
    from ingestion.library import Library

DEFAULT_WORKSPACE = "main"


class Settings(BaseModel, frozen=True):
    """The settings of one run.

    home                COUNCIL_HOME              where workspaces lie; the user's data folder
    workspace           COUNCIL_WORKSPACE         the workspace used when none is named; "main"
    chroma_url          COUNCIL_CHROMA_URL        a Chroma server, instead of Chroma inside this process
    embeddings          COUNCIL_EMBEDDINGS        builtin, minilm or endpoint; unset: the best that is here
    embeddings_url      COUNCIL_EMBEDDINGS_URL    an OpenAI-compatible endpoint for embeddings
    embeddings_model    COUNCIL_EMBEDDINGS_MODEL  the model asked for there
    embeddings_key      COUNCIL_EMBEDDINGS_KEY    its key, if it wants one
    """

    home: Path
    workspace: str = DEFAULT_WORKSPACE
    chroma_url: str | None = None
    embeddings: str | None = None
    embeddings_url: str | None = None
    embeddings_model: str | None = None
    embeddings_key: SecretStr | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """The settings that `environment` holds. Raises BadSetting naming the variable that cannot be used."""
        given = {
            name: value.strip()
            for name in cls.model_fields
            if (value := environment.get(f"COUNCIL_{name.upper()}", "")).strip()
        }
        for name in ("chroma_url", "embeddings_url"):
            if name in given:
                _check_url(f"COUNCIL_{name.upper()}", given[name])
        if ("embeddings_url" in given) != ("embeddings_model" in given):
            raise BadSetting("Set COUNCIL_EMBEDDINGS_URL and COUNCIL_EMBEDDINGS_MODEL together, or neither of them.")
        if "home" not in given:
            import platformdirs

            given["home"] = platformdirs.user_data_dir("council-assistant")
        return cls.model_validate({**given, "home": Path(given["home"]).expanduser()})

    def library(self) -> Library:
        """The library these settings describe."""
        from ingestion.library import Library

        endpoint = None
        if self.embeddings_url and self.embeddings_model:
            from ingestion.embeddings.endpoint import Endpoint

            endpoint = Endpoint(base_url=self.embeddings_url, model=self.embeddings_model, api_key=self.embeddings_key)
        return Library(self.home, embedder=self.embeddings, endpoint=endpoint, chroma_url=self.chroma_url)


def _check_url(variable: str, value: str) -> None:
    try:
        parts = urlsplit(value)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise BadSetting(f"{variable} must be an address such as http://localhost:8000, but it is “{value}”.")
