"""What the server sends besides the pages, and to whom."""

from __future__ import annotations

import base64
import hashlib
import re
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from email.message import Message
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ui.server import british_shell, content_policy
from ui.theme import PRODUCT, options

if TYPE_CHECKING:
    from conftest import Server

SHELL = """<!DOCTYPE html>
<html lang="en">
  <head>
    <link rel="shortcut icon" href="./favicon.png" />
    <link
      rel="preload"
      href="./static/media/Font.woff2"
    />
    <title>Streamlit</title>
    <link rel="service-desc" href="./_stcore/agent/openapi.json" />
    <script>
      window.prerenderReady = false
    </script>
    <script type="module" crossorigin src="./static/js/index.js"></script>
  </head>
  <body><noscript><p>You need to enable JavaScript to run this app.</p></noscript><div id="root"></div></body>
</html>
"""


def test_the_policy_lets_through_the_inline_script_by_its_hash_and_nothing_from_elsewhere() -> None:
    script = "\n      window.prerenderReady = false\n    "
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = content_policy(SHELL)
    assert f"script-src 'self' 'sha256-{digest}';" in policy
    assert "http" not in policy
    assert "unsafe-eval" not in policy
    assert "default-src 'none'" in policy


def test_the_shell_is_british_and_ours() -> None:
    shell = british_shell(SHELL)
    assert '<html lang="en-GB">' in shell
    assert f"<title>{PRODUCT}</title>" in shell
    assert "preload" not in shell
    assert "agent" not in shell
    assert './static/js/index.js"></script>' in shell
    assert "Switch JavaScript on" in shell


def test_the_server_tells_nobody_and_shows_no_tracebacks() -> None:
    chosen = options("127.0.0.1", 8501, 100)
    assert chosen["browser.gatherUsageStats"] is False
    assert chosen["client.showErrorDetails"] == "none"
    assert chosen["server.enableAgentApi"] is False
    assert chosen["server.address"] == "127.0.0.1"
    assert chosen["server.maxUploadSize"] == 100


@pytest.mark.parametrize("path", ["/", "/ask", "/no-such-page"])
def test_every_page_comes_in_our_shell_with_our_headers(server: Server, path: str) -> None:
    headers, body = _get(server.url + path)
    policy = headers["content-security-policy"]
    assert '<html lang="en-GB">' in body
    assert headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in policy
    for script in re.findall(r"<script>(.*?)</script>", body, flags=re.DOTALL):
        assert base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() in policy


@pytest.mark.parametrize("path", ["/readyz", "/favicon.png", "/_stcore/health"])
def test_every_other_reply_has_our_headers_too(server: Server, path: str) -> None:
    headers, _ = _get(server.url + path)
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "content-security-policy" in headers


def test_the_server_says_that_it_is_ready(server: Server) -> None:
    assert _get(server.url + "/readyz")[1] == '{"status":"ready"}'


def test_the_interface_for_programs_is_off(server: Server) -> None:
    request = urllib.request.Request(server.url + "/_stcore/agent/interact", data=b"{}", method="POST")
    with pytest.raises(urllib.error.HTTPError) as refused:
        _opener().open(request, timeout=10)
    with refused.value as reply:
        assert reply.code in (403, 404)


def test_the_server_listens_on_this_machine_alone(server: Server) -> None:
    table = Path("/proc/net/tcp")
    if not table.exists():
        pytest.skip("the listening sockets are read from Linux's /proc")
    rows = [line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]]
    listening = [row[1] for row in rows if row[3] == "0A" and row[1].endswith(f":{server.port:04X}")]
    assert listening == [f"0100007F:{server.port:04X}"]


def test_a_socket_for_another_host_name_is_refused(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(
            b"GET /_stcore/stream HTTP/1.1\r\nHost: evil.example.org\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        assert b" 400 " in connection.recv(200).split(b"\r\n")[0]


def test_a_page_under_another_host_name_is_refused(server: Server) -> None:
    request = urllib.request.Request(server.url + "/", headers={"Host": "evil.example.org"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        _opener().open(request, timeout=10)
    with refused.value as reply:
        assert reply.code == 400


def test_a_port_in_use_is_one_sentence_and_exit_code_1(server: Server) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ui", str(server.port)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith(f"council: port {server.port} is in use")
    assert done.stderr.count("\n") == 1


def _get(url: str) -> tuple[Message, str]:
    with _opener().open(url, timeout=10) as reply:
        return reply.headers, reply.read().decode("utf-8", "replace")


def _opener() -> urllib.request.OpenerDirector:
    return urllib.request.build_opener(urllib.request.ProxyHandler({}))
