"""The forms in a real browser, which sends and refuses more of its own accord than a program does."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("selenium", reason="the extra browser is not installed")

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.expected_conditions import staleness_of, url_to_be
from selenium.webdriver.support.wait import WebDriverWait

from tests.agentgym.leaderboard.server.boards import FRAME, Board

pytestmark = [pytest.mark.browser, pytest.mark.slow]

EVIL = """<form method="post" action="{url}/upload" enctype="multipart/form-data">
<input name="form_token" value="x"><button>Win a prize</button></form>"""


@pytest.fixture
def browser() -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    for word in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=1000,800"):
        options.add_argument(word)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    service = Service(shutil.which("chromedriver") or "")
    with webdriver.Chrome(options=options, service=service) as running:
        yield running


def _press(browser: webdriver.Chrome, there: str, selector: str = "main button") -> None:
    """Press a button that leads to some page, and wait until it is there."""
    old = browser.find_element(By.TAG_NAME, "html")
    browser.find_element(By.CSS_SELECTOR, selector).click()
    wait = WebDriverWait(browser, 60)
    wait.until(staleness_of(old))
    wait.until(url_to_be(there))


def test_forms__work_in_a_browser_and_break_no_rule_of_the_policy(
    browser: webdriver.Chrome, board: Board, tmp_path: Path
) -> None:
    (tmp_path / "run.jsonl.zst").write_bytes(FRAME)
    browser.get(f"{board.url}/upload")
    assert browser.current_url == f"{board.url}/login"
    secret = board.store.tokens.new("anna", "submitter")[1]
    browser.find_element(By.NAME, "secret").send_keys(secret)
    _press(browser, f"{board.url}/upload")
    browser.find_element(By.NAME, "file").send_keys(str(tmp_path / "run.jsonl.zst"))
    _press(browser, f"{board.url}/uploads/1")
    _press(browser, f"{board.url}/uploads/1")
    assert "You took it back" in browser.page_source
    assert board.store.uploads.get(1).status == "cancelled"
    assert browser.execute_script("return document.cookie") == ""
    browser.get(f"{board.url}/upload")
    _press(browser, f"{board.url}/login", "button.plain:not(.theme)")
    said = browser.get_log("browser")  # type: ignore[no-untyped-call]
    assert not [entry for entry in said if "Content Security" in entry["message"]]


def test_form__of_another_site_sends_no_session_along(
    browser: webdriver.Chrome, board: Board, tmp_path: Path
) -> None:
    browser.get(f"{board.url}/login")
    browser.find_element(By.NAME, "secret").send_keys(board.store.tokens.new("anna", "submitter")[1])
    _press(browser, f"{board.url}/upload")
    (tmp_path / "evil.html").write_text(EVIL.format(url=board.url))
    browser.get((tmp_path / "evil.html").as_uri())
    _press(browser, f"{board.url}/login", "button")  # as somebody who never logged in
    assert board.store.uploads.count() == 0
