"""The environment in a real browser."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agentgym.errors import DataError
from agentgym.testing import RULES, Effort, Subject
from envs.browser.chromium import BrowserError
from envs.webshop.browser.env import WebShopBrowserEnv
from envs.webshop.env import ObservationMode, WebShopEnv
from envs.webshop.grammar import LONGEST
from tests.envs.webshop.browser.sessions import PLAYERS, play_both
from tests.envs.webshop.shop import MUG, items, write_catalogue

pytestmark = pytest.mark.browser

MODES: tuple[ObservationMode, ...] = ("text_rich", "text", "url", "html")


def _keeper(env: WebShopBrowserEnv) -> int:
    assert env.window is not None
    return env.window.browser_pid


@pytest.fixture
def env() -> Iterator[WebShopBrowserEnv]:
    made = WebShopBrowserEnv(products=100)
    yield made
    made.close()


@pytest.fixture(scope="module")
def subject() -> Iterator[Subject]:
    effort = Effort(episodes=1, resets=10, processes=False)
    made = Subject("agentgym/WebShopBrowser-v0", {"products": 100}, effort)
    yield made
    made.close()


@pytest.mark.slow
@pytest.mark.parametrize("rule", ["gymnasium_check", "pickling", "hostile_actions"])
def test_id__keeps_the_contract(subject: Subject, rule: str) -> None:
    """The rules that a browser can break in ways of its own; `agentgym check` tries all."""
    RULES[rule].check(subject)


@pytest.mark.slow
@pytest.mark.parametrize("real", [False, pytest.param(True, marks=pytest.mark.data)])
def test_sessions__are_the_same_in_text_and_in_the_browser(
    real: bool, request: pytest.FixtureRequest
) -> None:
    """25 sessions on each catalogue, in four windows of one browser, in turn."""
    shop: dict[str, Any] = {"products": 1000}
    if real:
        shop = {"data": request.getfixturevalue("data_root") / "webshop"}
    pairs = [
        (
            WebShopEnv(observation_mode=mode, num_prev_obs=1, **shop),
            WebShopBrowserEnv(observation_mode=mode, num_prev_obs=1, **shop),
        )
        for mode in MODES
    ]
    lengths = []
    for seed in range(25):
        text, browser = pairs[seed % len(pairs)]
        lengths.append(play_both(text, browser, seed, PLAYERS[seed % len(PLAYERS)]))
    assert len({_keeper(browser) for _, browser in pairs}) == 1
    assert min(lengths) >= 2
    for _, browser in pairs:
        browser.close()


def test_pages__of_hostile_products_read_the_same(tmp_path: Path) -> None:
    raw = items()
    attack = "<script>document.body.remove()</script>\" onload='x' \r\n \u202eb\tc &amp; {{ 7 * 7 }} 𝒳\u00a0"
    first, second = (f"{attack} {number}" for number in range(2))
    values = [{"value": value, "image": None} for value in (first, second)]
    raw[0] |= {"name": f"Mug {attack}", "full_description": attack, "small_description": [attack, " ", "\n"],
               "customization_options": {attack: values, "Size": values}}  # fmt: skip
    folder = write_catalogue(tmp_path, raw)
    shop: dict[str, Any] = {"data": folder, "goals": "human", "split": "test"}
    text, browser = WebShopEnv(**shop), WebShopBrowserEnv(**shop)
    assert text.reset(seed=0) == browser.reset(seed=0)
    for action in ("search[mug]", f"click[{MUG}]", "click[description]", "click[< prev]", "click[features]",
                   "click[< prev]", f"click[{second}]", "click[attributes]",
                   "search[<b>mug</b> \U0001f457 \"'&;#%+?/\\ a[b]", f"search[{'mug ' * 25_000}]",
                   f"search[{'x' * LONGEST}]", "click[next >]", "click[< prev]", f"click[{MUG.lower()}]",
                   "click[buy now]"):  # fmt: skip
        assert browser.step(action) == text.step(action), action[:80]
    browser.close()


def test_restore__shows_the_state_in_the_browser(env: WebShopBrowserEnv) -> None:
    env.reset(seed=1)
    env.step(env.oracle_action())
    there = env.snapshot()
    after = [env.step(env.oracle_action()) for _ in range(2)]
    with pytest.raises(DataError, match="no snapshot"):
        env.restore(b"{}")
    env.restore(there)
    assert [env.step(env.oracle_action()) for _ in range(2)] == after
    twin = WebShopBrowserEnv(products=100)
    twin.restore(there)
    assert [twin.step(twin.oracle_action()) for _ in range(2)] == after
    twin.close()


def test_render__shows_the_window() -> None:
    env = WebShopBrowserEnv(products=100, render_mode="rgb_array")
    env.reset(seed=1)
    before = env.render()
    env.step(env.oracle_action())
    after = env.render()
    env.close()
    assert before.dtype == np.uint8
    assert before.shape == after.shape == (*before.shape[:2], 3)
    assert min(before.shape[:2]) > 500
    assert (before != after).any()


def test_windows__share_a_browser_that_ends_with_the_last_one(env: WebShopBrowserEnv) -> None:
    other = WebShopBrowserEnv(products=100)
    env.reset(seed=1)
    other.reset(seed=1)
    keeper = _keeper(env)
    assert _keeper(other) == keeper
    action = env.oracle_action()
    assert env.step(action) == other.step(action)
    env.close()
    other.step(other.oracle_action())
    os.kill(keeper, 0)
    del other  # forgotten, not closed
    with pytest.raises(ProcessLookupError):
        os.kill(keeper, 0)
    env.reset(seed=1)
    assert _keeper(env) != keeper


def test_browser__that_was_killed_is_missed_and_replaced(env: WebShopBrowserEnv) -> None:
    env.reset(seed=1)
    keeper = _keeper(env)
    os.kill(keeper, signal.SIGTERM)
    with pytest.raises(BrowserError, match=r"Call reset\(\) to start another"):
        for _ in range(3):
            env.step(env.oracle_action())
    env.reset(seed=1)
    env.step(env.oracle_action())
    assert _keeper(env) != keeper


def test_browser__that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(
        BrowserError, match=r"needs Chromium and chromedriver on the path\. .*make setup-system"
    ):
        WebShopBrowserEnv(products=100)
