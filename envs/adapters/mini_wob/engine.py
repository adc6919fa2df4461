"""A problem of a page as an engine: its task, its chance, and what it shows now."""

from __future__ import annotations

from typing import Final

from agentgym.api import Facts, Transition
from agentgym.errors import EpisodeOverError
from agentgym.hashing import canonical_json, digest, state_key
from envs.adapters.mini_wob.experts import EXPERTS
from envs.adapters.mini_wob.grammar import parse
from envs.adapters.mini_wob.reading import Reading
from envs.adapters.mini_wob.session import PageSession

__all__ = ["Page", "page_of"]

_USAGE: Final = (
    'Nothing was done. Actions are click(1), type(2, "text"), select(3, "option") and press(Enter), with the '
    "number of an element that takes them."
)


def page_of(task: str) -> str:
    """Name the page of a task."""
    return task.rpartition("/")[0]


class Page:
    """The engine: a browser that shows the page of the present task."""

    def __init__(self) -> None:
        self._session = PageSession()
        self._task = ""
        self._chance = 0
        self._reading: Reading | None = None

    @property
    def reading(self) -> Reading:
        """What the page shows.

        Raises:
            EpisodeOverError: No task has begun.
        """
        if self._reading is None:
            raise EpisodeOverError("The page shows nothing yet. Call reset() first.")
        return self._reading

    def start(self, task: str, chance: int) -> str:
        """Load the page: the task alone decides its problem, `chance` what it draws after that."""
        self._task, self._chance, self._reading = task, chance, None
        self._reading = self._session.begin(page_of(task), digest(task), digest([task, chance]))
        return self._reading.text

    def act(self, action: str) -> Transition:
        """Act on the page. What it does not take is not tried."""
        command, choices = parse(action), self.reading.choices
        after = None
        if command is not None and (choices is None or action in choices):
            after = self._session.act(command)
        if after is None:
            return Transition(_USAGE, valid=False)
        self._reading = after
        if not after.done:
            return Transition(after.text)
        return Transition(
            f"The page has ended the task with {after.reward:g}.", after.reward, terminated=True
        )

    def facts(self) -> Facts:
        """Report the state: the page's tree."""
        page = self.reading
        score = min(max(page.reward, 0.0), 1.0) if page.done else 0.0
        return Facts(
            instruction=page.utterance,
            state_key=state_key(canonical_json([self._task, page.done, score, page.state])),
            progress=score,
            score=score,
            success=page.done and score > 1 - 1e-9,  # some pages pay in parts
            admissible_actions=None if page.done else page.choices,
            extra={"page": page_of(self._task)},
        )

    def expert(self) -> str:
        """Return an expert's action."""
        return EXPERTS[page_of(self._task)](self.reading)

    def close(self) -> None:
        """End the browser."""
        self._session.close()
        self._reading = None
