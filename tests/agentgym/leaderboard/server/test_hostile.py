"""Strangers' text through the real server: shown, never obeyed - by no browser, template or terminal."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from html.parser import HTMLParser
from io import BytesIO
from urllib.parse import urljoin, urlsplit

import numpy as np
import pytest

from agentgym import Decision, Trajectory
from agentgym.evaluation import ExpandedSuite
from agentgym.leaderboard import Submission
from agentgym.leaderboard.bundle import AgentIdentity, Curve, SuiteIdentity, pack
from agentgym.leaderboard.server.guard import SECURITY_HEADERS
from agentgym.leaderboard.server.work import Worker
from tests.agentgym.leaderboard.server.boards import API, Board, form_token
from tests.agentgym.leaderboard.store.making import submission_of
from tests.agentgym.tampering import play, with_step

ATTACKS = {
    "script": "</title></pre><script>alert(1)</script><svg onload=alert(1)>",
    "attribute": "\"'><img src=x onerror=alert(1)> style=color:red",
    "template": "{{ 7 * 7 }}{% raw %}${7*7}<%= 7*7 %>#{7*7}",
    "link": "[click](javascript:alert(1)) <https://evil.example> ![x](https://evil.example/x.png)",
    "escape": "\x1b[2J\x1b]0;owned\x07\x1b[31mred\x9b31m\r",
    "bidi": "\u202egnp.exe\u202c \u2066hidden\u2069 \u200b\ufeff",
    "null": "a\0b\x08\x7f",
    "rtl": "שלום مرحبا",
    "surrogate": "\ud800 \udfff",
    "entity": "&lt;script&gt;&#x3c;script&#62;<!-- --><![CDATA[",
    "long": "A" * 1_000_000,
    "lines": "x\n" * 10_000,
}
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069\ufeff]")
"""What may stand in no page as it is."""


class _Page(HTMLParser):
    """What a browser would do for the sake of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.faults: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        own = dict(attrs)
        if tag in ("iframe", "object", "embed", "base", "style", "img") or (
            tag == "script" and "src" not in own
        ):
            self.faults.append(f"<{tag} {own}>")
        for name, value in own.items():
            if name.startswith("on") or name in ("style", "srcdoc", "formaction"):
                self.faults.append(f"{name}={value}")
            if name in ("href", "src", "action", "xlink:href"):
                self.links.append(value or "")


def _crawl(board: Board, first: str = "/") -> Iterator[tuple[str, str]]:
    """Yield every page that links lead to."""
    browser, seen, waiting = board.browser("submitter"), {first}, [first]
    while waiting:
        path = waiting.pop()
        answer = browser.get(path)
        assert answer.status_code == 200, path
        for name, value in SECURITY_HEADERS.items():
            assert answer.headers[name] == value
        if not answer.headers["content-type"].startswith("text/html"):
            continue
        yield path, answer.text
        for link in _Page(answer.text).links:
            there = urlsplit(urljoin(str(answer.url), link))
            assert f"{there.scheme}://{there.netloc}" == board.url, (path, link)
            one_of_many = there.path.startswith("/environments/") and "Corridor" not in there.path
            if there.path not in seen and there.path not in ("/logout", "/compare") and not one_of_many:
                seen.add(there.path)
                waiting.append(there.path)


@pytest.fixture
def hostile(suite: ExpandedSuite) -> Submission:
    """An entry in which every text that a stranger gives is an attack."""
    attacks = [text for name, text in ATTACKS.items() if name != "long"]
    played: list[Trajectory] = []
    for number, trajectory in enumerate(play(suite.episodes)):
        steps = [
            replace(
                step,
                decision=Decision(
                    attacks[(number + turn) % len(attacks)],
                    response=attacks[(number + turn + 1) % len(attacks)],
                ),
                observation=attacks[(number + turn + 2) % len(attacks)],
            )
            for turn, step in enumerate(trajectory.steps)
        ]
        if number == 0:
            steps[0] = replace(steps[0], decision=Decision(ATTACKS["long"]), observation=ATTACKS["long"])
        agent, error = ATTACKS["script"], ATTACKS["escape"] if number % 5 == 0 else None
        played.append(replace(trajectory, steps=tuple(steps), agent=agent, error=error))
    shown = [text for name, text in ATTACKS.items() if name not in ("surrogate", "long", "lines")]
    return submission_of(
        played,
        suite,
        name="<b onmouseover=alert(1)>{{ 7 * 7 }}</b>",
        description="\n".join(shown)[:4000],
        card="# " + "\n\n".join(shown),
        agent=AgentIdentity(spec=ATTACKS["script"], options={"<i>": [*shown]}),
        curve=Curve(metric="<script>1</script>", unit="</svg><script>", points=((1.0, 2.0), (2.0, 3.0))),
        record={"<u>": [*shown]},
    )


@pytest.mark.slow
def test_pages__show_hostile_text_and_obey_none_of_it(board: Board, hostile: Submission) -> None:
    board.store.add(hostile, owner="<s>owner</s>")
    board.store.add(replace(hostile, content_digest="0" * 32), owner="mallory")
    board.store.set_status(2, "flagged", ATTACKS["escape"] + ATTACKS["bidi"] + ATTACKS["script"])
    kinds = set()
    for path, html in _crawl(board):
        kinds.add(re.sub(r"[0-9a-f]{8}|\d+", "N", path))
        assert _Page(html).faults == [], path
        assert UNSEEN.search(html) is None, path
        assert len(html) < 8_000_000, path
    assert {"/", "/entries/N", "/entries/N/episodes/N", "/environments", "/upload"} <= kinds
    entry = board.browser().get("/entries/1").text
    assert "{{ 7 * 7 }}" in entry and "&lt;b onmouseover=alert(1)&gt;" in entry
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in entry
    assert "U+202E" in entry and "U+001B" in entry


def test_episode__that_is_too_long_to_be_read_is_given_as_a_file(board: Board, suite: ExpandedSuite) -> None:
    run = play(suite.episodes, "random")
    padded = replace(run[0].steps[0].decision, prompt_ids=np.full(5_000_000, 7))
    board.store.add(submission_of([with_step(run[0], 0, decision=padded), *run[1:]], suite))
    caller = board.caller()
    page = caller.get("/entries/1/episodes/0")
    assert page.status_code == 404 and "more than a page reads" in page.text
    assert caller.get("/entries/1/episodes/1").status_code == 200
    file, answer = caller.get("/entries/1/episodes/0.jsonl"), caller.get(f"{API}/entries/1/episodes/0")
    assert file.text == answer.text + "\n" and len(answer.content) > 9_000_000


def test_api__gives_hostile_text_as_data(board: Board, hostile: Submission) -> None:
    number, caller = board.store.add(hostile, owner="<s>"), board.caller()
    for path in ("suites", f"entries/{number}", f"entries/{number}/episodes", f"entries/{number}/episodes/0"):
        answer = caller.get(f"{API}/{path}")
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert re.fullmatch(rb"[\x20-\x7e]*", answer.content)
    told = caller.get(f"{API}/entries/{number}").json()
    assert told["header"]["description"] == hostile.header.description
    assert told["header"]["card"] == hostile.header.card


@pytest.mark.parametrize("attack", [name for name in ATTACKS if name not in ("long", "surrogate", "lines")])
def test_rejection__tells_hostile_text_in_one_plain_line(
    board: Board, make: Callable[..., Submission], attack: str
) -> None:
    identity = SuiteIdentity(name=ATTACKS[attack][:64], version=1, hash="0" * 32)
    header = make().header.model_copy(update={"suite": identity})
    upload = board.store.uploads.enqueue(BytesIO(pack(header, [])), owner="anna")
    assert Worker(board.store).work_once()
    found = board.store.uploads.get(upload.id)
    assert found.status == "rejected" and found.reason is not None
    assert UNSEEN.search(found.reason) is None and "\n" not in found.reason
    page = board.browser("submitter", "anna").get(f"/uploads/{upload.id}").text
    assert _Page(page).faults == [] and UNSEEN.search(page) is None


@pytest.mark.parametrize(
    "path",
    [
        "/%3Cscript%3Ealert(1)%3C/script%3E",
        "/suites/%3Cscript%3E%1b%00%e2%80%ae",
        "/environments/%22onload=%22alert(1)",
        "/entries/99999999999999999999999999",
        "/uploads/99999999999999999999999999",
        "/static/../../store.py",
        "/static/%2e%2e/%2e%2e/store.py",
        "/static/..%2f..%2fstore.py",
        "/compare?entry=%3Cscript%3E",
        "/suites/x?sort=%3Cscript%3E&q=%00",
        f"{API}/suites/%00/entries",
        f"{API}/entries/-1",
        f"{API}/entries/1e9",
    ],
)
def test_path__that_is_an_attack_is_answered_plainly(board: Board, path: str) -> None:
    answer = board.browser("submitter").get(path)
    assert 400 <= answer.status_code < 500
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    if answer.headers["content-type"].startswith("text/html"):
        assert _Page(answer.text).faults == [] and UNSEEN.search(answer.text) is None
    assert "class Store" not in answer.text


def test_login__never_says_a_secret_back(board: Board) -> None:
    browser = board.browser()
    token = form_token(browser.get("/login").text)
    answer = browser.post("/login", data={"form_token": token, "secret": '"><script>s3cret</script>'})
    assert "s3cret" not in answer.text
