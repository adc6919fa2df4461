"""Visits: who is in the shop. Names that nobody guesses, and never more than fit."""

from __future__ import annotations

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Final

from envs.webshop.session import Outcome, Session

__all__ = ["Visit", "Visits", "new_token"]

_VIEWS_KEPT: Final = 100
_NOTHING: Final = Outcome()


def new_token() -> str:
    """Draw the name of a visit: 128 random bits."""
    return secrets.token_urlsafe(16)


class Visit:
    """One visitor's session, and the views it went through, so that the browser's "back" works.

    A view is a state of the session with a number. Every link says on which view it stands; a visitor who
    went back and clicks goes on from there. After the purchase there is only the last view.

    Args:
        session: The session; it is the truth, and whoever made it may look at it or move it.
        name: What the addresses in observations call the session.
    """

    def __init__(self, session: Session, name: str) -> None:
        self.session = session
        self.name = name
        self.lock = threading.Lock()
        self.used = 0.0
        self.outcome = _NOTHING
        self.view = 0
        self.shown = 0
        self._states: OrderedDict[int, dict[str, Any]] = OrderedDict({0: session.save()})

    def show(self, view: int) -> None:
        """Go back to a view. One that is forgotten, or the present one, changes nothing."""
        if view != self.view and view in self._states and self.session.state.page != "done":
            self.session.load(self._states[view])
            self.view = view

    def act(self, view: int, action: str) -> None:
        """Carry out an action on a view; a new view follows unless the action is not possible."""
        self.show(view)
        if self.session.state.page == "done" or view != self.view:
            return
        self.outcome = self.session.act(action)
        if self.outcome.valid:
            self.view = next(reversed(self._states)) + 1
            self._states[self.view] = self.session.save()
            if len(self._states) > _VIEWS_KEPT:
                self._states.popitem(last=False)


class Visits:
    """All visits, by their names; see `new_token`.

    Args:
        most: Greatest number of visits; the one unused for longest makes room.
        idle_s: After how many seconds without a request a visit is forgotten.
        clock: Tells the seconds.
    """

    def __init__(
        self, *, most: int = 1000, idle_s: float = 3600.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most, self._idle_s, self._clock = most, idle_s, clock
        self._lock = threading.Lock()
        self._visits: OrderedDict[str, Visit] = OrderedDict()

    def __len__(self) -> int:
        return len(self._visits)

    def admit(self, visit: Visit, token: str = "") -> str:
        """Let a visitor in, in place of the one of that name, if there is one; return the name."""
        token = token or new_token()
        with self._lock:
            self._purge()
            self._visits.pop(token, None)
            while len(self._visits) >= self._most:
                self._visits.popitem(last=False)
            self._visits[token] = visit
            visit.used = self._clock()
        return token

    def find(self, token: str) -> Visit | None:
        """Return a visit; None where there is none of this name, or no longer."""
        with self._lock:
            self._purge()
            visit = self._visits.get(token)
            if visit is not None:
                self._visits.move_to_end(token)
                visit.used = self._clock()
            return visit

    def dismiss(self, token: str) -> None:
        """Forget a visit."""
        with self._lock:
            self._visits.pop(token, None)

    def _purge(self) -> None:
        """Forget visits that are idle; the oldest ones come first."""
        limit = self._clock() - self._idle_s
        while self._visits and next(iter(self._visits.values())).used < limit:
            self._visits.popitem(last=False)
