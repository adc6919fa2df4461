"""The pages in Chromium: accessible in both themes and at both widths, and nicer with a little script."""

from __future__ import annotations

import importlib.util
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from agentgym.leaderboard.pages.views import slug
from agentgym.leaderboard.server.app import make_app
from agentgym.leaderboard.server.settings import Rate, Settings
from agentgym.leaderboard.store import Store

pytestmark = [pytest.mark.browser, pytest.mark.slow]

_FLAGS = (
    "--headless=new",
    "--no-sandbox",  # Chromium refuses to start as root otherwise; it sees nothing but our own pages
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
)
_AXE = """
const done = arguments[arguments.length - 1];
const say = (fault) => fault.id + ": " + fault.nodes[0].html + " " + fault.nodes[0].failureSummary;
axe.run(arguments[0]).then(
  (found) => done(found.violations.map(say)),
  (error) => done([String(error)]));
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[webdriver.Chrome]:
    names = ("chromium", "chromium-browser", "google-chrome")
    program = next(filter(None, map(shutil.which, names)), None)
    driver = shutil.which("chromedriver")
    assert program is not None and driver is not None
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for flag in _FLAGS:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    with webdriver.Chrome(options=options, service=Service(driver)) as running:
        yield running


@pytest.fixture(scope="module")
def served(board: Store) -> Iterator[str]:
    """The address of the real application on a free port."""
    app = make_app(board, Settings(replays=True, per_address=Rate(10_000, 1_000.0)))
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()  # at once: the browser may come before the server has begun
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def pages(board: Store) -> tuple[str, ...]:
    suite = f"suites/{slug(board.suites()[0])}"
    return (
        "",
        suite,
        f"{suite}/types",
        f"{suite}/charts",
        "entries/4",
        "entries/5",
        "entries/3/episodes/1?colour=gigpo&admissible=shown",
        "entries/4/episodes/1",
        "compare/2/4",
        "environments",
        "environments/ToyCorridor-v0",
        "entries/99",
    )


@pytest.fixture(scope="module")
def axe() -> str:
    """The source of axe-core, from the package that ships it."""
    found = importlib.util.find_spec("axe_core_python")
    if found is None or found.origin is None:
        pytest.skip("axe-core-python is not installed")
    return (Path(found.origin).parent / "axe.min.js").read_text("utf-8")


def _show(browser: webdriver.Chrome, width: int, theme: str) -> None:
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500},
    )
    scheme = {"name": "prefers-color-scheme", "value": theme}
    still = {"name": "prefers-reduced-motion", "value": "reduce"}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme, still]})


@pytest.mark.parametrize(
    ("width", "theme", "rules"),
    [
        (1280, "light", None),
        (360, "dark", None),
        (360, "light", "color-contrast"),
        (1280, "dark", "color-contrast"),
    ],
)
def test_pages__are_accessible_and_fit(
    browser: webdriver.Chrome,
    served: str,
    pages: tuple[str, ...],
    axe: str,
    width: int,
    theme: str,
    rules: str | None,
) -> None:
    """Colours are looked at in all four ways, the rest of axe's rules once at either width."""
    _show(browser, width, theme)
    faults: dict[str, Any] = {}
    for page in pages:
        browser.get(f"{served}/{page}")
        browser.execute_script(axe)
        found = browser.execute_async_script(_AXE, {} if rules is None else {"runOnly": [rules]})
        wider = browser.execute_script("return document.documentElement.scrollWidth - window.innerWidth")
        if found or wider > 0:
            faults[page] = (found, wider)
    assert faults == {}
    log: list[dict[str, str]] = browser.get_log("browser")  # type: ignore[no-untyped-call]
    complaints = [entry["message"] for entry in log]
    assert [told for told in complaints if "404" not in told] == []


def test_theme__is_switched_and_remembered(browser: webdriver.Chrome, served: str) -> None:
    _show(browser, 1280, "light")
    browser.get(f"{served}/")
    ground: Callable[[], str] = lambda: browser.execute_script(  # noqa: E731
        "return getComputedStyle(document.documentElement).backgroundColor"
    )
    light = ground()
    button = browser.find_element(By.CSS_SELECTOR, "button.theme")
    button.click()
    button.click()
    assert button.get_attribute("aria-label") == "Theme: dark" and ground() != light
    browser.get(f"{served}/environments")
    assert ground() != light
    browser.find_element(By.CSS_SELECTOR, "button.theme").click()
    assert ground() == light


def test_trajectory__is_walked_by_keys(browser: webdriver.Chrome, served: str) -> None:
    _show(browser, 1280, "light")
    browser.get(f"{served}/entries/3/episodes/1")
    for key, turn in (("j", "turn-0"), ("j", "turn-1"), ("j", "turn-2"), ("k", "turn-1")):
        browser.switch_to.active_element.send_keys(key)
        assert browser.switch_to.active_element.get_attribute("id") == turn
        assert browser.current_url.endswith(f"#{turn}")
    browser.switch_to.active_element.send_keys("]")
    assert browser.current_url.endswith("/entries/3/episodes/2")
    browser.find_element(By.TAG_NAME, "body").send_keys(Keys.TAB)
    assert browser.switch_to.active_element.get_attribute("class") == "skip"


def test_text__of_a_stranger_stays_text(browser: webdriver.Chrome, served: str) -> None:
    browser.get(f"{served}/entries/4/episodes/1")
    action = browser.find_element(By.CSS_SELECTOR, "#turn-0 .action").text
    assert action.startswith("<script>alert(1)</script>") and "U+202E" in action and "{{ 7*7 }}" in action
    assert browser.execute_script("return document.querySelectorAll('main script, main img').length") == 0


def test_export__works_from_a_folder(browser: webdriver.Chrome, exported: Path) -> None:
    _show(browser, 1280, "light")
    browser.get((exported / "index.html").as_uri())
    browser.find_element(By.LINK_TEXT, "paged").click()
    names: Callable[[], list[str]] = lambda: [  # noqa: E731
        cell.text for cell in browser.find_elements(By.CSS_SELECTOR, "tbody th.name a") if cell.is_displayed()
    ]
    ranked = names()
    assert ranked[0] == "oracle" and len(ranked) == 5
    browser.find_element(By.XPATH, "//thead//button[contains(., 'Success')]").click()
    assert names()[-1] == "oracle"
    browser.find_element(By.CSS_SELECTOR, "input[type=search]").send_keys("wanderer")
    assert sorted(names()) == ["wanderer:1", "wanderer:2"]
    browser.find_element(By.LINK_TEXT, "wanderer:1").click()
    browser.find_element(By.LINK_TEXT, "1").click()
    browser.find_element(By.LINK_TEXT, "grpo").click()
    assert "grpo by turn" in browser.find_element(By.TAG_NAME, "main").text
