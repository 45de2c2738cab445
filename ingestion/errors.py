"""What can go wrong between a file and the index. Each message is one sentence for the person, naming the remedy.

CouncilError                  shown as a sentence, without a traceback
├── UnreadableFile            this file cannot be read; the others carry on
│   ├── EmptyFile             no bytes, no pages or no words
│   ├── EncryptedFile         needs a password
│   ├── DamagedFile           truncated, malformed, or not what its ending says
│   ├── UnsupportedFile       a kind of file the product does not read
│   ├── FileTooLarge          larger than the limit, packed or unpacked
│   ├── NotAFile              a directory, a device, a link that leads nowhere
│   ├── NoPermission          the operating system refused
│   └── NeedsOcr              a scan, and Tesseract is not installed
├── LibraryError              the library cannot do this now; nothing was changed
│   ├── UnknownWorkspace      no workspace of that name
│   ├── UnknownDocument       no document of that name or id
│   ├── WriterBusy            another process is writing; says which
│   ├── IndexMismatch         made with other vectors; says how to rebuild
│   ├── IndexUnavailable      Chroma, or its server, gives no answer
│   └── StorageFailed         disk full, read-only, or damaged
└── EmbeddingFailed           the endpoint or the model files gave no vectors
"""

from __future__ import annotations


class CouncilError(Exception):
    """A problem a person can act on: its message is one sentence that says what to do."""


class UnreadableFile(CouncilError):
    """This file cannot be read."""


class EmptyFile(UnreadableFile):
    """The file has no bytes, no pages or no words."""


class EncryptedFile(UnreadableFile):
    """The file needs a password."""


class DamagedFile(UnreadableFile):
    """The file is truncated, malformed, or not what its ending says."""


class UnsupportedFile(UnreadableFile):
    """The product does not read this kind of file."""


class FileTooLarge(UnreadableFile):
    """The file is larger than the limit, as it lies or unpacked."""


class NotAFile(UnreadableFile):
    """The path is a directory, a device or a link that leads nowhere."""


class NoPermission(UnreadableFile):
    """The operating system refused to open the file."""


class NeedsOcr(UnreadableFile):
    """The file is an image or a scan and Tesseract is not installed."""


class LibraryError(CouncilError):
    """The library cannot do this now; nothing was changed."""


class UnknownWorkspace(LibraryError):
    """There is no workspace of that name."""


class UnknownDocument(LibraryError):
    """The workspace has no document of that name or id."""


class WriterBusy(LibraryError):
    """Another process is writing to this workspace."""


class IndexMismatch(LibraryError):
    """The index was made with other vectors than the ones now chosen."""


class IndexUnavailable(LibraryError):
    """Chroma, or its server, gives no answer."""


class StorageFailed(LibraryError):
    """The disk is full, read-only or damaged."""


class EmbeddingFailed(CouncilError):
    """The embedding endpoint or the model files gave no vectors."""
