"""What all requests share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from fastapi import Path
from starlette.requests import Request

from agentgym.leaderboard.server.rates import Buckets
from agentgym.leaderboard.server.settings import Settings
from agentgym.leaderboard.server.signing import Signer

if TYPE_CHECKING:
    from agentgym.leaderboard.store import Store

__all__ = ["Number", "Site", "site_of"]

Number = Annotated[int, Path(ge=1, lt=2**31)]
"""Number of an entry, an upload or a token in the path of a request."""


@dataclass(frozen=True, slots=True)
class Site:
    """A board that is served.

    Attributes:
        store: The board.
        settings: What whoever runs it decided.
        signer: Signs cookies and forms.
        uploads: How often each token uploaded.
    """

    store: Store
    settings: Settings
    signer: Signer
    uploads: Buckets

    @property
    def cookie(self) -> str:
        """Name of the session's cookie. With HTTPS no other host can plant one of this name."""
        return "__Host-agentgym" if self.settings.https else "agentgym"


def site_of(request: Request) -> Site:
    """Return what the application of a request serves."""
    site: Site = request.app.state.site
    return site
