"""Everything works with no network, and behind a firewall that drops packets without a word.

Both are made with namespaces of Linux. In the second, names resolve and nothing answers: there a library that tries to
download hangs for minutes instead of failing.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HOSTS = (
    "huggingface.co pypi.org files.pythonhosted.org openaipublic.blob.core.windows.net packages.unstructured.io "
    "utic-public-cf.s3.amazonaws.com chroma-onnx-models.s3.amazonaws.com raw.githubusercontent.com github.com "
    "api.smith.langchain.com us.i.posthog.com app.posthog.com api.segment.io webhooks.fivetran.com data.streamlit.io "
    "api.openai.com publicsuffix.org"
)
NO_NETWORK = "ip link set lo up"
BLACK_HOLE = f"""
set -e
ip link set lo up
ip link add hole type veth peer name drain
ip link set hole up
ip link set drain up
ip addr add 10.255.0.2/24 dev hole
ip route add default via 10.255.0.1 dev hole
printf '127.0.0.1 localhost\\n10.255.9.9 {HOSTS}\\n' > "$HOSTS_FILE"
mount --bind "$HOSTS_FILE" /etc/hosts
"""


def _inside(setup: str, command: list[str], folder: Path, timeout: float) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["unshare", "--map-root-user", "--net", "--mount", "sh", "-c", f'{setup}\nexec "$@"', "sh", *command],
        env={**os.environ, "HOSTS_FILE": str(folder / "hosts")},
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def _can_make_namespaces(setup: str, folder: Path) -> bool:
    if not (shutil.which("unshare") and shutil.which("ip")):
        return False
    return _inside(setup, ["true"], folder, 20).returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize("setup", [NO_NETWORK, BLACK_HOLE], ids=["no network", "black hole"])
def test_files_are_read_and_questions_answered(setup: str, samples: Path, tmp_path: Path) -> None:
    if not _can_make_namespaces(setup, tmp_path):
        pytest.skip("this machine does not let a user make network namespaces (Linux with iproute2)")
    council = [sys.executable, "-m", "assistant.cli"]
    paths = [
        str(samples / name) for name in ("damp-and-mould-leaflet.pdf", "tenancy-letter.docx", "library-hours.html")
    ]
    added = _inside(setup, [*council, "add", *paths], tmp_path, 120)
    assert (added.returncode, added.stdout.count("added ")) == (0, 3), added.stderr
    asked = _inside(setup, [*council, "ask", "How much are the rent arrears?"], tmp_path, 60)
    assert asked.returncode == 0, asked.stderr
    assert "£612.40" in asked.stdout
    examined = _inside(setup, [*council, "doctor"], tmp_path, 60)
    assert examined.returncode == 0, examined.stdout
