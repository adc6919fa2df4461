"""What `agentgym leaderboard submit --to URL` does."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import typer

__all__ = ["send"]


def send(source: Path, url: str, token_file: Path | None, said: dict[str, Any]) -> None:
    """Send a submission file, or that of a run, to a board; wait for the verdict and print it.

    Exit status 1 where it is rejected.
    """
    from rich.console import Console
    from rich.text import Text

    from agentgym.leaderboard.client import Client, read_token
    from agentgym.plain import plain

    client = Client(url, read_token(token_file))
    with tempfile.TemporaryDirectory() as folder:
        upload = client.submit(_file(source, Path(folder), said)).upload
    console = Console(soft_wrap=True)
    console.print(Text(f"Upload {upload} has arrived whole and waits for its verdict."))
    verdict = client.wait(upload)
    if verdict.status == "accepted":
        console.print(Text(f"Accepted: all episodes reproduce; it is number {verdict.entry} there."))
        return
    console.print(Text(f"{verdict.status.capitalize()}: {plain(verdict.reason or '', limit=1000)}"))
    raise typer.Exit(1)


def _file(source: Path, folder: Path, said: dict[str, Any]) -> Path:
    from agentgym.leaderboard.submit import FILE, bundle_of_run, said_file

    file = said_file(source, said)
    if file is None:
        file = folder / FILE
        file.write_bytes(bundle_of_run(source, **said))
    return file
