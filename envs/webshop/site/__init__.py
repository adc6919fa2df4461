"""The shop as a web site, for people and for browsers that are driven."""

from __future__ import annotations

from envs.webshop.site.app import make_app
from envs.webshop.site.people import receive_people
from envs.webshop.site.server import Server
from envs.webshop.site.visits import Visit, Visits, new_token

__all__ = ["Server", "Visit", "Visits", "make_app", "new_token", "receive_people"]
