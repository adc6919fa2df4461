"""The site: what its pages say, what they must not say, and how they can be read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from agentgym.errors import ArgumentError
from envs.webshop.catalogue import open_folder
from envs.webshop.goal import Goal
from envs.webshop.nouns import RuleNouns
from envs.webshop.session import Session
from envs.webshop.site import Server, Visit, Visits, make_app
from tests.envs.webshop.shop import MUG, RUG, SHIRT, goal_of, items, write_catalogue
from tests.envs.webshop.site.pages import Customer, Source, fetch

HOSTILE = (
    "</title><script>alert(1)</script> mug",
    "\"'><img src=x onerror=alert(1)> {{ 7 * 7 }} {% raw %}",
    "javascript:alert(1)",
    "\u202egnp.exe\u202c \u2066 mug",
    "a\r\nb &amp; <!-- mug -->\tc",
)
WAY = ("search[mug]", f"click[{MUG.lower()}]", "click[features]", "click[< prev]", "click[description]",
       "click[< prev]", "click[attributes]", "click[< prev]", "click[reviews]", "click[< prev]",
       "click[< prev]", "click[next >]", f"search[{MUG.lower()}]", "click[back to search]", "search[mug]",
       f"click[{MUG.lower()}]", "click[buy now]")  # fmt: skip
"""Actions that lead over every kind of page."""


@pytest.fixture
def visits() -> Visits:
    return Visits()


@pytest.fixture
def server(visits: Visits) -> Iterator[Server]:
    running = Server(make_app(visits))
    running.start()
    yield running
    running.close()


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A shop all of whose texts are attacks."""
    raw = items()
    raw[0] = {
        **raw[0],
        "name": HOSTILE[0],
        "full_description": HOSTILE[1] + HOSTILE[4],
        "small_description": list(HOSTILE),
        "images": ["javascript:alert(1)", "https://evil.example/x.png"],
        "customization_options": {HOSTILE[1]: [{"value": text, "image": HOSTILE[2]} for text in HOSTILE]},
    }
    return write_catalogue(tmp_path, raw)


def _customer(server: Server, visits: Visits, folder: Path, goal: Goal | None = None) -> Customer:
    session = Session(open_folder(folder), goal or goal_of(MUG), nouns=RuleNouns())
    return Customer(server, visits, Visit(session, "7"))


def _walk(customer: Customer) -> Iterator[Source]:
    yield customer.look()
    for action in WAY:
        page = customer.look(do=action)
        assert customer.visit.outcome.valid, action
        yield page


def test_pages__say_the_pieces_in_their_order(server: Server, visits: Visits, hostile: Path) -> None:
    customer = _customer(server, visits, hostile)
    kinds = set()
    for page in _walk(customer):
        assert page.pieces() == [piece.text for piece in customer.visit.session.page.pieces]
        kinds |= {e.attributes["data-page"] for e in page.elements if "data-page" in e.attributes}
    assert kinds == {"index", "results", "item", "sub", "done"}


def test_pages__run_nothing_and_fetch_nothing_from_elsewhere(
    server: Server, visits: Visits, hostile: Path
) -> None:
    for page in _walk(_customer(server, visits, hostile)):
        assert not {"script", "img", "iframe", "object", "style", "base"} & {e.tag for e in page.elements}
        for element in page.elements:
            assert not any(name.startswith("on") or name == "style" for name in element.attributes)
            for name in ("href", "action", "src"):
                if name in element.attributes:
                    assert re.fullmatch(
                        r"#main|/static/[a-z.]+|\d+(\?do=[\w%+.-]*)?", element.attributes[name]
                    )
        assert page.headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'")
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["referrer-policy"] == "no-referrer"


def test_pages__keep_directions_of_writing_to_themselves(
    server: Server, visits: Visits, hostile: Path
) -> None:
    for page in _walk(_customer(server, visits, hostile)):
        for element in page.elements:
            if element.attributes.get("data-kind") in ("text", "option", "product"):
                assert element.attributes["dir"] == "auto"


def test_pages__tell_nothing_of_the_answer_but_the_instruction(
    server: Server, visits: Visits, small_folder: Path
) -> None:
    """Two goals that share their instruction alone have the same pages up to the purchase."""
    other = goal_of(RUG, attributes=("secret",), options={"shape": "round"}, price_limit=77.0)
    ways = zip(
        *(_walk(_customer(server, visits, small_folder, g)) for g in (goal_of(MUG), other)), strict=True
    )
    sources = [[re.sub(r'data-shown="\d+"', "", page.source) for page in pages] for pages in ways]
    assert all(one == two for one, two in sources[:-1])
    assert all("secret" not in page and "77" not in page for _, page in sources)


def test_pages__can_be_read_and_used_without_eyes_or_mouse(
    server: Server, visits: Visits, small_folder: Path
) -> None:
    customer = _customer(server, visits, small_folder)
    for page in _walk(customer):
        assert page.tagged("html")[0].attributes["lang"] == "en"
        assert len(page.tagged("main")) == len(page.tagged("h1")) == len(page.tagged("title")) == 1
        assert page.elements[page.elements.index(page.tagged("body")[0]) + 1].attributes["href"] == "#main"
        ids = [e.attributes["id"] for e in page.elements if "id" in e.attributes]
        assert len(ids) == len(set(ids))
        assert all(e.attributes.get("aria-hidden") == "true" for e in page.tagged("svg"))
        assert all(len(page.all(**{"for": e.attributes["id"]})) == 1 for e in page.tagged("input"))
        assert all(e.attributes["aria-label"] for e in page.tagged("nav"))
        assert all(e.attributes.get("tabindex", "-1") == "-1" for e in page.elements)
        assert all(e.text.strip() for e in page.tagged("a") + page.tagged("button"))


def test_item_page__marks_the_chosen_options(server: Server, visits: Visits, small_folder: Path) -> None:
    customer = _customer(server, visits, small_folder)
    for action in ("search[mug]", f"click[{MUG.lower()}]", "click[rose red]", "click[8 oz]"):
        page = customer.look(do=action)
    assert [e.text for e in page.all(aria_current="true")] == ["rose red", "8 oz"]


def test_results_page__marks_what_was_viewed(server: Server, visits: Visits, small_folder: Path) -> None:
    customer = _customer(server, visits, small_folder)
    for action in ("search[cotton shirt]", f"click[{SHIRT.lower()}]", "click[< prev]"):
        page = customer.look(do=action)
    assert [e.text for e in page.all(data_visited="true")] == [SHIRT]
    assert [e.text for e in page.all(**{"class": "badge"})] == ["viewed"]


def _colours(css: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", css))


def _luminance(colour: str) -> float:
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours__have_contrast(server: Server, scheme: str) -> None:
    css = fetch(server, "/static/style.css").source
    light, dark = css.split("prefers-color-scheme: dark")
    colours = {**_colours(light), **(_colours(dark) if scheme == "dark" else {})}
    for ink, grounds in (
        ("ink", "paper card tint"), ("soft", "paper card tint"), ("brand", "paper card"),
        ("brand-ink", "brand"), ("warn", "tint"),
    ):  # fmt: skip
        for ground in grounds.split():
            dim, bright = sorted((_luminance(colours[ink]), _luminance(colours[ground])))
            assert (bright + 0.05) / (dim + 0.05) >= 4.5, f"{ink} on {ground}"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"q": "[mug] [blue]"}, "Page 1 (Total results: 1)"),
        ({"q": "mug " * 25_000}, "Page 1 (Total results: 1)"),
        ({"q": "<i>👗</i>"}, "Page 1 (Total results: 0)"),
        ({"q": "mug\x00"}, "An action is search[words] or click[name]."),
        ({"q": ""}, "An action is search[words] or click[name]."),
        ({"do": "click[<i>]"}, "There is nothing named '<i>' to click."),
        ({"do": "x" * 100_000}, "An action is search[words] or click[name]."),
    ],
)
def test_requests__are_answered_whatever_they_ask(
    server: Server, visits: Visits, small_folder: Path, query: dict[str, str], said: str
) -> None:
    page = _customer(server, visits, small_folder).look(**query)
    assert page.status == 200
    assert said in [element.text for element in page.tagged("p")]


@pytest.mark.parametrize(
    "path", ["/", "/visit/nobody/0", "/visit/x/-", f"/visit/x/{'9' * 5000}", "/static/../app.py", "/<b>"]
)
def test_requests__for_what_is_not_there_say_so(server: Server, path: str) -> None:
    page = fetch(server, path.replace("<b>", "%3Cb%3E"))
    assert page.status == 404
    assert "<b>" not in page.source
    assert "content-security-policy" in page.headers


def test_requests__for_another_host_are_refused(server: Server) -> None:
    assert fetch(server, "/static/style.css", host="evil.example").status == 400
    assert fetch(server, "/static/style.css", host="localhost:80").status == 200


def test_arrivals__get_a_visit_each(small_folder: Path) -> None:
    visits, shop = Visits(), open_folder(small_folder)

    def arrive() -> tuple[Session, str]:
        return Session(shop, goal_of(MUG), nouns=RuleNouns()), "7"

    server = Server(make_app(visits, arrive=arrive))
    server.start()
    pages = [fetch(server, "/") for _ in range(2)]
    server.close()
    assert len(visits) == 2
    assert all("Find me something" in page.source for page in pages)


def test_server__says_why_it_cannot_listen(server: Server) -> None:
    with pytest.raises(ArgumentError, match=f"port {server.port}"):
        Server(make_app(Visits()), port=server.port)
    with pytest.raises(ArgumentError, match="port 70000"):
        Server(make_app(Visits()), port=70_000)
