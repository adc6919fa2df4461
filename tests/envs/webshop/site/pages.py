"""A site that runs, and its pages taken apart as a browser's parser would."""

from __future__ import annotations

import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from html.parser import HTMLParser

from envs.webshop.site import Server, Visit, Visits

_EMPTY = {"input", "link", "meta", "path"}


@dataclass
class Element:
    """An element: its tag, attributes, and all text in it."""

    tag: str
    attributes: dict[str, str]
    text: str = ""


@dataclass
class Source(HTMLParser):
    """A page: its source, elements in order, and headers."""

    source: str
    headers: dict[str, str]
    status: int = 200
    elements: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[Element] = []
        self.feed(self.source)
        self.close()
        assert not self._open, f"{self._open} are never closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.elements.append(element)
        if tag not in _EMPTY:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if tag not in _EMPTY:
            assert self._open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data

    def all(self, **attributes: str) -> list[Element]:
        """Return the elements with these attributes; "_" stands for "-"."""
        wanted = {name.replace("_", "-"): value for name, value in attributes.items()}
        return [e for e in self.elements if wanted.items() <= e.attributes.items()]

    def tagged(self, tag: str) -> list[Element]:
        """Return the elements of a tag."""
        return [element for element in self.elements if element.tag == tag]

    def pieces(self) -> list[str]:
        """Return the texts that agents read, in their order."""
        numbered = [e for e in self.elements if "data-n" in e.attributes]
        return [e.text for e in sorted(numbered, key=lambda e: int(e.attributes["data-n"]))]


class Customer:
    """A visitor who reads pages without a browser."""

    def __init__(self, server: Server, visits: Visits, visit: Visit) -> None:
        self.visit = visit
        self._server = server
        self._path = f"/visit/{visits.admit(visit)}/"

    def look(self, **query: str) -> Source:
        """Fetch the present view; with `do` or `q`, after that action."""
        return fetch(self._server, f"{self._path}{self.visit.view}", **query)


def fetch(server: Server, path: str, host: str | None = None, **query: str) -> Source:
    """Fetch a page, whatever its status."""
    url = f"{server.url}{path}" + (f"?{urllib.parse.urlencode(query)}" if query else "")
    request = urllib.request.Request(url, headers={"Host": host} if host else {})
    try:
        with urllib.request.urlopen(request) as answer:
            return Source(answer.read().decode("utf-8"), dict(answer.headers), answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return Source(error.read().decode("utf-8"), dict(error.headers), error.code)
