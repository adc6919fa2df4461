"""The stage: one site and one browser for all environments of a process, and a window for each of them."""

from __future__ import annotations

import contextlib
import os
import threading
import time
import weakref
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from envs.browser.chromium import BrowserError, Chromium
from envs.webshop.browser.reading import READ, Reading, reading_of
from envs.webshop.session import Session
from envs.webshop.site import Server, Visit, Visits, make_app, new_token

if TYPE_CHECKING:
    from selenium.webdriver.remote.webdriver import WebDriver

__all__ = ["WHO", "Stage", "Window"]

WHO: Final = "agentgym/WebShopBrowser-v0"
_PATIENCE_S: Final = 60.0
_AGAIN_AFTER_S: Final = 0.002
_LOCK: Final = threading.RLock()
_STAGES: Final[list[Stage]] = []
"""The stage of this process, once there is one."""


class Stage:
    """A site on a free port of this machine, and a browser that sees nothing else.

    Raises:
        BrowserError: Chromium is missing or does not start.
        MissingExtraError: A package is missing.
    """

    def __init__(self) -> None:
        self.chromium = Chromium(WHO, extra="browser")
        self.visits = Visits(most=1 << 20, idle_s=float("inf"))  # there are as many as windows
        self.server = Server(make_app(self.visits))
        self.server.start()
        self._owner = os.getpid()
        self._windows: set[object] = set()
        self._left: deque[tuple[str, str]] = deque()
        self._lock = threading.RLock()
        self._present = ""

    @property
    def alive(self) -> bool:
        """Whether it was not closed, and is no forked copy of another process's."""
        return bool(self.chromium.close.alive) and self._owner == os.getpid()

    @classmethod
    def window(cls) -> Window:
        """Open a window on the stage of this process; the first one sets the stage up."""
        with _LOCK:
            stage = next((stage for stage in _STAGES if stage.alive), None)
            if stage is not None:
                with contextlib.suppress(BrowserError):  # its last window may have gone just now
                    return Window(stage)
            _STAGES[:] = [cls()]
            return Window(_STAGES[0])

    @contextmanager
    def turn(self, handle: str = "") -> Iterator[WebDriver]:
        """Have the browser for oneself, looking at a window; other threads wait.

        Raises:
            BrowserError: The browser is gone or does not answer. The stage is closed.
        """
        from selenium.common.exceptions import WebDriverException
        from urllib3.exceptions import HTTPError

        with self._lock:
            if not self.alive:
                raise BrowserError("The browser was ended. Call reset() to start another.")
            driver = self.chromium.driver
            try:
                self._close_left(driver)
                if handle and handle != self._present:
                    driver.switch_to.window(handle)
                    self._present = handle
                yield driver
            except (WebDriverException, HTTPError, OSError) as error:
                self.close()
                reason = getattr(error, "msg", None) or str(error)
                raise BrowserError(f"The browser is gone: {reason} Call reset() to start another.") from error

    def enter(self) -> tuple[object, str]:
        """Open a window; return what stands for it, and its handle."""
        mark = object()
        self._windows.add(mark)
        with self.turn() as driver:
            driver.switch_to.new_window("window")
            self._present = driver.current_window_handle
            return mark, self._present

    def leave(self, mark: object, handle: str, token: str) -> None:
        """Give up a window; it is closed at the next turn, or all is with the last one.

        The garbage collector may call this at any time in any thread, so it waits for no lock.
        """
        self._left.append((handle, token))
        self._windows.discard(mark)
        if not self._windows:
            self.close()

    def close(self) -> None:
        """End browser and site."""
        self.chromium.close()
        self.server.close()

    def _close_left(self, driver: WebDriver) -> None:
        while self._left:
            handle, token = self._left.popleft()
            self.visits.dismiss(token)
            driver.switch_to.window(handle)
            driver.close()
            self._present = ""


class Window:
    """A window of the browser, and the visit that it shows.

    Windows of one browser share its processes and nothing else that matters: the site keeps no cookies, and a
    visit is known by its address alone.
    """

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        mark, self._handle = stage.enter()
        self._token = new_token()
        self.close = weakref.finalize(self, stage.leave, mark, self._handle, self._token)
        self._shown = 0
        self.visit: Visit | None = None

    @property
    def browser_pid(self) -> int:
        """Number of the process that keeps the browser; windows of one browser have one."""
        return self._stage.chromium.pid

    @property
    def alive(self) -> bool:
        """Whether it can be used."""
        return self._stage.alive and bool(self.close.alive)

    def show(self, session: Session, name: str) -> Reading:
        """Show a session; what the window showed before is forgotten."""
        self.visit = Visit(session, name)
        self._stage.visits.admit(self.visit, self._token)
        with self._stage.turn(self._handle) as driver:
            driver.get(f"{self._stage.server.url}/visit/{self._token}/0")
            return self._read(driver, self._shown)

    def click(self, number: int) -> Reading:
        """Click a piece of the page, by its number, and read the page that follows."""
        with self._stage.turn(self._handle) as driver:
            driver.find_element("css selector", f'[data-n="{number}"]').click()
            return self._read(driver, self._shown)

    def picture(self) -> bytes:
        """Return what the window looks like, as a PNG file."""
        with self._stage.turn(self._handle) as driver:
            return driver.get_screenshot_as_png()

    def search(self, words: str) -> Reading:
        """Write words into the search form, send it, and read the page that follows."""
        with self._stage.turn(self._handle) as driver:
            driver.execute_script("document.getElementById('q').value = arguments[0]", words)
            driver.find_element("css selector", ".find button").click()
            return self._read(driver, self._shown)

    def _read(self, driver: WebDriver, after: int) -> Reading:
        """Wait for a page later than the one of number `after`, and read it.

        A click may return before the old page is gone, and a script that meets the change fails: both mean
        to ask again.
        """
        from selenium.common.exceptions import JavascriptException, TimeoutException

        limit = time.monotonic() + _PATIENCE_S
        while time.monotonic() < limit:
            try:
                found: Any = driver.execute_script(READ, after)
            except JavascriptException:
                found = None
            if found is not None:
                reading = reading_of(found)
                self._shown = reading.shown
                return reading
            time.sleep(_AGAIN_AFTER_S)
        raise TimeoutException(f"no new page came within {_PATIENCE_S:g} s.")
