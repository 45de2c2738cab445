"""`python -m ui [port]`: serve the app to this machine, and to no other."""

from __future__ import annotations

import argparse
import os
import socket
import sys

ADDRESS = "127.0.0.1"
DEFAULT_PORT = 8501


def main() -> int:
    """Serve until interrupted. Exit code 1 when the port is taken, with a sentence that says what to do."""
    parser = argparse.ArgumentParser(prog="python -m ui", description="Start the web app on this machine.")
    parser.add_argument(
        "port", nargs="?", type=_port, default=DEFAULT_PORT, help="a port on this machine (%(default)s)"
    )
    port = parser.parse_args().port
    if not _is_free(port):
        sys.stderr.write(
            f"council: port {port} is in use by another program: close it, "
            f"or choose another port with `council ui --port {port % 65535 + 1}`.\n"
        )
        return 1

    from ui.server import serve

    serve(ADDRESS, port)
    return 0


def _port(text: str) -> int:
    port = int(text)
    if not 1 <= port <= 65535:
        raise argparse.ArgumentTypeError(f"{port} is not a port; choose one from 1 to 65535")
    return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        if os.name != "nt":  # where this option would let two servers share a port
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ADDRESS, port))
        except OSError:
            return False
    return True


if __name__ == "__main__":
    sys.exit(main())
