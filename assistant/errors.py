"""What can go wrong between sources and a draft; the errors of files and the library are `ingestion.errors`.

CouncilError
├── EmptyQuestion     nothing was asked
├── ScriptEnded       the scripted engine has no draft left
└── BadSetting        an environment variable holds what cannot be used
"""

from __future__ import annotations

from ingestion.errors import CouncilError


class EmptyQuestion(CouncilError):
    """Nothing was asked."""


class ScriptEnded(CouncilError):
    """The scripted engine has no draft left for this task."""


class BadSetting(CouncilError):
    """An environment variable holds what cannot be used."""
