"""The command `essaim lsp`, which an editor starts and speaks with over its standard streams."""

from __future__ import annotations

import ipaddress
import logging

import click

from kb.problems import Problem

LACKS = "essaim lsp needs pygls; run pip install 'essaim[lsp]'"
LOCAL = ("localhost", "")


@click.command()
@click.option("--tcp", metavar="HOST:PORT", help="Listen there instead, on this machine only.")
@click.option("--lang", type=click.Choice(("fr", "en")), default=None,
              help="Language, where the editor sets none (default: its own).")  # fmt: skip
def lsp(tcp: str | None, lang: str | None) -> None:
    """Check, complete and explain Turtle files in an editor (Language Server Protocol).

    An editor starts it; docs/editors.md tells how.
    """
    address = _address(tcp) if tcp else None
    try:
        from kb.lsp.server import made  # pygls is an extra
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("pygls", "lsprotocol"):
            raise
        raise Problem(LACKS) from error
    logging.basicConfig(level=logging.CRITICAL)  # editors show the error stream as a failure
    server = made(lang)
    if address:
        server.start_tcp(*address)
    else:
        server.start_io()


def _address(text: str) -> tuple[str, int]:
    """Return host and port; raises Problem for another machine than this one."""
    host, _, port = text.rpartition(":")
    host = host.strip("[]")
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise Problem(f"--tcp {text!r}: write HOST:PORT, such as 127.0.0.1:2087")
    if host in LOCAL:
        return "127.0.0.1", int(port)
    try:
        is_local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_local = False
    if not is_local:
        raise Problem(f"--tcp {text!r}: the server has no password; write 127.0.0.1:{port}")
    return host, int(port)
