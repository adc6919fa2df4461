"""Chromium, driven through chromedriver, ended by its keeper whatever becomes of this process."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Final

from agentgym.errors import AgentGymError, require

if TYPE_CHECKING:
    from selenium.webdriver.remote.webdriver import WebDriver

__all__ = ["BrowserError", "Chromium", "find_programs"]

_BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")
_KEEPER: Final = Path(__file__).with_name("keeper.py")
_FLAGS: Final = (
    "--headless=new",
    "--no-sandbox",  # Chromium refuses to start as root otherwise; it sees nothing but our own pages
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-extensions",
    "--no-first-run",
    "--remote-debugging-pipe",  # Chromium ends itself when chromedriver is gone
    "--window-size=1280,900",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
)
_GRACE_S: Final = 10.0
_LONGEST_TEMP: Final = 32
"""Chromium puts sockets below its folder, and the address of a socket has at most 107 bytes."""


class BrowserError(AgentGymError):
    """The browser did not start, was ended or does not answer."""


def find_programs(who: str, *, extra: str) -> tuple[str, str]:
    """Find the browser and its driver.

    Args:
        who: What needs them, for the message.
        extra: The extra of this distribution that brings Selenium.

    Returns:
        Paths of Chromium and of chromedriver.

    Raises:
        BrowserError: One of them is missing. The message says how to install it.
        MissingExtraError: Selenium is missing.
    """
    require("selenium", extra=extra, who=who)
    browser = next(filter(None, map(shutil.which, _BROWSERS)), None)
    driver = shutil.which("chromedriver")
    missing = [name for name, path in (("Chromium", browser), ("chromedriver", driver)) if path is None]
    if browser is None or driver is None:
        raise BrowserError(
            f"{who} needs {' and '.join(missing)} on the path. Install it with: make setup-system"
        )
    return browser, driver


class Chromium:
    """A running browser. It ends with `close`, with the last reference to this object, or with this process.

    Args:
        who: What needs it, for messages.
        extra: The extra of this distribution that brings Selenium.

    Raises:
        BrowserError: It is missing or does not start.
        MissingExtraError: Selenium is missing.
    """

    def __init__(self, who: str, *, extra: str) -> None:
        browser, driver = find_programs(who, extra=extra)
        short = len(tempfile.gettempdir()) <= _LONGEST_TEMP
        folder = tempfile.mkdtemp(prefix="agentgym-browser-", dir=None if short else "/tmp")
        self._keeper = subprocess.Popen(
            [sys.executable, "-I", "-S", str(_KEEPER), str(os.getpid()), folder, driver, "--port=0"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # an interrupt at the terminal is for this process to handle
        )
        self.close = weakref.finalize(self, _end, self._keeper, os.getpid())
        self.driver = self._connect(browser, folder)

    @property
    def pid(self) -> int:
        """Number of the keeper's process."""
        return self._keeper.pid

    def _connect(self, browser: str, folder: str) -> WebDriver:
        from selenium import webdriver
        from selenium.common.exceptions import WebDriverException

        assert self._keeper.stdout is not None
        port = self._keeper.stdout.readline().strip().decode("ascii")
        if not port:
            self.close()
            raise BrowserError(
                "chromedriver does not start. Run it by hand to see why: chromedriver --port=0"
            )
        options = webdriver.ChromeOptions()
        options.binary_location = browser
        options.page_load_strategy = "none"
        for flag in (*_FLAGS, f"--user-data-dir={folder}/profile"):
            options.add_argument(flag)
        try:
            made: WebDriver = webdriver.Remote(f"http://127.0.0.1:{port}", options=options)
        except WebDriverException as error:
            self.close()
            raise BrowserError(
                f"Chromium does not start: {error.msg}. Install it again with: make setup-system"
            ) from error
        return made


def _end(keeper: subprocess.Popen[bytes], owner: int) -> None:
    """Let the keeper go. In a forked copy of the owner, the browser is not ours to end."""
    assert keeper.stdin is not None and keeper.stdout is not None
    keeper.stdin.close()
    keeper.stdout.close()
    if os.getpid() == owner:
        try:
            keeper.wait(_GRACE_S)
        except subprocess.TimeoutExpired:
            keeper.kill()
            keeper.wait()
