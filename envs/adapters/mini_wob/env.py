"""MiniWoB: web pages of a few square centimetres, in Chromium, as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from agentgym.errors import ArgumentError, suggest
from agentgym.tasks import NumberedTasks
from envs.adapters.engine import OutsideEnv
from envs.adapters.mini_wob.engine import Page, page_of
from envs.adapters.mini_wob.experts import EXPERTS
from envs.adapters.mini_wob.session import WHO, pages_folder
from envs.browser.chromium import find_programs

__all__ = ["MiniWoBEnv"]

_MILLION: Final = 1_000_000
_FIRST: Final[Mapping[str, int]] = {"train": 0, "validation": _MILLION, "test": 2 * _MILLION}


class MiniWoBEnv(OutsideEnv):
    """Do what a small web page asks for: click, write, choose.

    Description:
        Fifty-one of the pages of MiniWoB and MiniWoB++, as the package `miniwob` ships them, in headless
        Chromium: buttons, links, tabs, forms, tables, a mailbox, a phone book, a search engine. They are
        pages that need no eyes, no dragging and no clock, and have an expert.

    Observation:
        The page's instruction, an empty line, and one line for each visible element with its number:
        `[2] checkbox "news" (checked)`. An element without words shows its classes in brackets; a field shows
        what is written in it, a list its options.

    Action:
        `click(2)`, `type(3, "text")` (replaces what the field held), `select(4, "option")`, `press(Enter)`
        (also Escape and the arrows; for the element with the focus). Texts are JSON.

    Reward:
        The page's own at its end, from -1 to 1, without what it takes off for time; 1 for a full success.

    Start:
        A problem of a page, drawn by the seed or named by `options={"task": "click-tab/7"}`. The task alone
        decides the problem; the seed decides what the page draws after that.

    End:
        Terminated by the page; truncated after `max_steps` steps. The page's own clock moves on by two
        seconds with each action, and ends nothing.

    Arguments:
        pages: Names of pages; None: all.
        split: The split from which `reset(seed=...)` draws its task. Each has numbers of its own.
        max_steps: Number of steps after which an episode is truncated.
        render_mode: "ansi" or None.

    Not promised:
        Clicks and keys are events that a script sends, not a hand's: a page that looks for a hand's would not
        react. `state_key` is made of the page's tree; what a page keeps in variables alone is not in it. Each
        instance has a browser of its own, which starts with the first reset (about a second).

    Version history:
        v0: first version, of miniwob 1.1.

    References:
        Shi et al. 2017, World of Bits; Liu et al. 2018, https://arxiv.org/abs/1802.08802.
    """

    def __init__(
        self,
        *,
        pages: Sequence[str] | None = None,
        split: str = "train",
        max_steps: int = 30,
        render_mode: str | None = None,
    ) -> None:
        super().__init__(split=split, max_steps=max_steps, render_mode=render_mode)
        self._pages = tuple(EXPERTS if pages is None else pages)
        if not self._pages:
            raise ArgumentError("`pages` is empty. Name a page, or leave it out for all.")
        for page in self._pages:
            if page not in EXPERTS:
                raise suggest("page", page, EXPERTS)
        pages_folder()
        find_programs(WHO, extra="miniwob")

    def _open(self) -> Page:
        return Page()

    def tasks(self, split: str) -> NumberedTasks:
        """List the tasks of a split: the pages in turn, each with the numbers of the split."""
        if split not in self.splits:
            raise suggest("split", split, self.splits)
        return NumberedTasks(dict.fromkeys(self._pages, _MILLION), in_turn=True, first=_FIRST[split])

    @classmethod
    def kind_of(cls, task: str) -> str:
        """Name the page."""
        return page_of(task)
