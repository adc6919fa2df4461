"""A page of MiniWoB in a browser of its own."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final

from agentgym.errors import require
from envs.adapters.mini_wob.grammar import Command
from envs.adapters.mini_wob.reading import Reading, reading_of
from envs.browser.chromium import BrowserError, Chromium

__all__ = ["WHO", "PageSession", "pages_folder"]

WHO: Final = "agentgym/MiniWoB-v0"
_PATIENCE_S: Final = 60.0
_AGAIN_AFTER_S: Final = 0.005
_DEVTOOLS: Final = ("devtools", "POST", "/session/$sessionId/goog/cdp/execute")
_LOADED: Final = "return document.readyState === 'complete' && location.search === arguments[0]"


def pages_folder() -> Path:
    """Find the folder of pages in the package `miniwob`, without importing its environments.

    Raises:
        MissingExtraError: The package is missing.
    """
    return Path(str(require("miniwob.constants", extra="miniwob", who=WHO).__file__)).parent / "html/miniwob"


@cache
def _script() -> str:
    return Path(__file__).with_name("page.js").read_text("utf-8")


class PageSession:
    """A browser that shows one page at a time. It starts with the first page.

    Raises:
        BrowserError: Chromium or its driver is missing, does not start or does not answer.
        MissingExtraError: A package is missing.
    """

    def __init__(self) -> None:
        self._chromium: Chromium | None = None
        self._owner = os.getpid()
        self._shown = 0

    def begin(self, page: str, seed: str, chance: str) -> Reading:
        """Load a page anew and start its problem.

        Args:
            page: Name of the page.
            seed: Decides the problem.
            chance: Decides what the page draws after that.
        """
        self._shown += 1
        mark = f"?{self._shown}"
        with self._driver() as driver:
            driver.get((pages_folder() / f"{page}.html").as_uri() + mark)
            self._wait(driver, mark)
            driver.execute_script(_script())
            return reading_of(driver.execute_script("return agentgym.begin(...arguments)", seed, chance))

    def act(self, command: Command) -> Reading | None:
        """Act on the page; None where the element does not take it, and then nothing was done."""
        with self._driver() as driver:
            found = driver.execute_script("return agentgym.act(...arguments)", *command)
        return None if found is None else reading_of(found)

    def close(self) -> None:
        """End the browser."""
        if self._chromium is not None:
            self._chromium.close()
        self._chromium = None

    @contextmanager
    def _driver(self) -> Iterator[Any]:
        from selenium.common.exceptions import WebDriverException
        from urllib3.exceptions import HTTPError

        if self._chromium is None or self._owner != os.getpid():  # a forked copy leaves its owner's alone
            self._chromium, self._owner = Chromium(WHO, extra="miniwob"), os.getpid()
            _keep_focus(self._chromium.driver)
        try:
            yield self._chromium.driver
        except (WebDriverException, HTTPError, OSError) as error:
            self.close()
            reason = getattr(error, "msg", None) or str(error)
            raise BrowserError(f"The browser is gone: {reason} Call reset() to start another.") from error

    def _wait(self, driver: Any, mark: str) -> None:
        """Wait until the page that was asked for is there. A script that meets the change of pages fails."""
        from selenium.common.exceptions import JavascriptException, TimeoutException

        limit = time.monotonic() + _PATIENCE_S
        while time.monotonic() < limit:
            with contextlib.suppress(JavascriptException):
                if driver.execute_script(_LOADED, mark):
                    return
            time.sleep(_AGAIN_AFTER_S)
        raise TimeoutException(f"the page did not load within {_PATIENCE_S:g} s.")


def _keep_focus(driver: Any) -> None:
    """Have pages believe that theirs is the window in front, so that they send `focus` in every case."""
    driver.command_executor.add_command(*_DEVTOOLS)
    driver.execute(_DEVTOOLS[0], {"cmd": "Emulation.setFocusEmulationEnabled", "params": {"enabled": True}})
