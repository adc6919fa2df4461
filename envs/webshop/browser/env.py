"""The WebShop environment in a real browser."""

from __future__ import annotations

import io
from typing import Any, ClassVar

import numpy as np

from agentgym.errors import require
from envs.browser.chromium import find_programs
from envs.webshop import render
from envs.webshop.browser.reading import Reading
from envs.webshop.browser.stage import WHO, Stage, Window
from envs.webshop.env import WebShopEnv
from envs.webshop.grammar import parse
from envs.webshop.session import Outcome

__all__ = ["WebShopBrowserEnv"]


class WebShopBrowserEnv(WebShopEnv):
    """WebShop in a real browser: Chromium, driven by Selenium, on a site of this process.

    Description:
        The same shop as `WebShopEnv` and all its arguments, actions, rewards and info. Every action that does
        something is a click on the rendered page, or a search typed into its form and sent; every observation
        is read from the rendered page in one call. What cannot be clicked is not tried.

    Observation:
        As in `WebShopEnv`, read back from the page; `observation_mode="html"` is plain HTML of what was read.

    Resources:
        All environments of a process share one browser and one site on a free loopback port, and have a
        window each. Both start with the first reset and end with the last `close()`, with the last
        environment that is forgotten, or with the process, kill -9 included.

    Version history:
        v0: first version.
    """

    metadata: ClassVar[dict[str, Any]] = {"render_modes": ["ansi", "rgb_array"], "render_fps": 4}  # type: ignore[misc]

    def __init__(self, **arguments: Any) -> None:
        find_programs(WHO, extra="browser")
        super().__init__(**arguments)
        self._browser_window: Window | None = None
        self._reading: Reading | None = None

    @property
    def window(self) -> Window | None:
        """The window that shows this environment; None before the first reset and after `close`."""
        return self._browser_window

    def close(self) -> None:
        """Close the window; the last one ends browser and site."""
        if self._browser_window is not None:
            self._browser_window.close()
        self._browser_window = self._reading = None
        super().close()

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the window: a copy opens its own."""
        return {**self.__dict__, "_browser_window": None, "_reading": None}

    def render(self) -> Any:
        """Return the page as rich text for "ansi", as pixels (H, W, 3) uint8 for "rgb_array", else None."""
        if self.render_mode != "rgb_array":
            return super().render()
        image = require("PIL.Image", extra="browser", who=f"render_mode='rgb_array' of {self.name}")
        self._read()
        assert self._browser_window is not None
        with image.open(io.BytesIO(self._browser_window.picture())) as picture:
            return np.asarray(picture.convert("RGB"))

    def _visit(self, task: str) -> None:
        super()._visit(task)
        self._reading = None

    def _perform(self, action: str) -> Outcome:
        command = parse(action)
        session = self.session
        if command is None or command.verb not in ("search", "click"):
            return super()._perform(action)
        piece = session.clickables.get(command.argument)
        if command.verb == "click" and (piece is None or command.argument == "search"):
            return super()._perform(action)
        self._read()
        assert self._browser_window is not None and self._browser_window.visit is not None
        if command.verb == "search":
            self._reading = self._browser_window.search(command.argument)
        else:
            assert piece is not None
            self._reading = self._browser_window.click(session.page.pieces.index(piece))
        return self._browser_window.visit.outcome

    def _read(self) -> Reading:
        """Return what the window shows; open it, or show the present session in it, where that is due."""
        if self._reading is None:
            assert self.task_id is not None
            if self._browser_window is None or not self._browser_window.alive:
                self._browser_window = Stage.window()
            self._reading = self._browser_window.show(self.session, self.task_id.rpartition("/")[2])
        return self._reading

    def _page(self, mode: str) -> str:
        page, address, _ = self._read()
        if mode == "text":
            return render.text(page)
        if mode == "html":
            return render.as_html(page)
        return address if mode == "url" else render.rich_text(page, address)
