"""The application: pages for everybody, forms for those who log in, the API for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from agentgym.leaderboard.pages.router import router
from agentgym.leaderboard.server.answers import InertJSON
from agentgym.leaderboard.server.api import router as api
from agentgym.leaderboard.server.forms import router as forms
from agentgym.leaderboard.server.forms.page import EXTRA_LINKS
from agentgym.leaderboard.server.gate import Gate
from agentgym.leaderboard.server.guard import Body, Guarded, Limited
from agentgym.leaderboard.server.problems import API, report_problems
from agentgym.leaderboard.server.rates import Buckets
from agentgym.leaderboard.server.settings import Settings
from agentgym.leaderboard.server.signing import Signer
from agentgym.leaderboard.server.site import Site
from agentgym.version import __version__

if TYPE_CHECKING:
    from agentgym.leaderboard.store import Store

__all__ = ["make_app"]

_NAMES = ("127.0.0.1", "localhost", "[::1]")
"""What loopback is called; a page of elsewhere whose name leads here is not answered."""

_FORM_BYTES = 64 << 10
"""What a form adds to the file that it carries."""


def make_app(store: Store, settings: Settings | None = None) -> FastAPI:
    """Make the application of one board.

    Args:
        store: The board.
        settings: Limits and names; None: the defaults.
    """
    settings = Settings() if settings is None else settings
    within_s = settings.upload_timeout_s
    bodies = {
        f"{API}/uploads": Body(settings.most_bytes, within_s),
        "/upload": Body(settings.most_bytes + _FORM_BYTES, within_s),
    }
    app = FastAPI(
        title="AgentGym leaderboard",
        version=__version__,
        docs_url=None,  # its pages load scripts from elsewhere
        redoc_url=None,
        default_response_class=InertJSON,
        openapi_url=f"{API}/openapi.json",
        middleware=[
            Middleware(Guarded, https=settings.https),
            Middleware(TrustedHostMiddleware, allowed_hosts=[*_NAMES, *settings.hosts], www_redirect=False),
            Middleware(Limited, requests=Buckets(settings.per_address), bodies=bodies),
            *([Middleware(Gate)] if settings.private else ()),
        ],
    )
    app.state.site = Site(store, settings, Signer(), Buckets(settings.per_token))
    report_problems(app)
    app.include_router(api)
    app.include_router(forms)
    pages = router(store, extra_links=EXTRA_LINKS, replays=settings.replays)
    app.include_router(pages)
    return app
