"""Reads a page as a strict browser would: what it links to, and what it must not hold."""

from __future__ import annotations

from html.parser import HTMLParser

__all__ = ["Reading", "read"]

_VOID = {"meta", "link", "input", "br", "hr", "img", "wbr"}
_DRAWN_VOID = {"rect", "line", "circle", "path", "polyline"}
_DRAWN = {*_DRAWN_VOID, "text", "title", "desc"}


class Reading(HTMLParser):
    """A page taken apart.

    Attributes:
        links: Addresses of links, forms, style and script.
        ids: Ids in order.
        headings: Levels of the headings in order.
        text: All text.
        faults: What a page must not hold.
    """

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[str] = []
        self.ids: list[str] = []
        self.headings: list[int] = []
        self.text = ""
        self.faults: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        for name, value in given.items():
            if name == "style" or name.startswith("on"):
                self.faults.append(f"<{tag} {name}={value!r}>")
            if name in ("href", "src", "action") and value is not None:
                self.links.append(value)
                if value.lower().startswith(("javascript:", "data:", "http:", "https:", "//", "/")):
                    self.faults.append(f"<{tag} {name}={value!r}>")
        if tag == "style" or (tag == "script" and "src" not in given):
            self.faults.append(f"<{tag}> without an address")
        if given.get("id"):
            self.ids.append(str(given["id"]))
        if "svg" in self._open and tag not in _DRAWN:
            self.faults.append(f"<{tag}> ends a drawing")
        if tag[0] == "h" and tag[1:].isdigit():
            self.headings.append(int(tag[1:]))
        if tag not in _VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attributes)
        if tag in _DRAWN_VOID:
            self._open.pop()
        elif tag not in _VOID:
            self.faults.append(f"<{tag}/>")

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.faults.append(f"</{tag}> closes nothing that is open")

    def handle_data(self, data: str) -> None:
        self.text += data

    def close(self) -> None:
        super().close()
        if self._open:
            self.faults.append(f"never closed: {self._open}")
        if len(set(self.ids)) != len(self.ids):
            self.faults.append("an id stands twice")
        if self.headings[:1] != [1] or self.headings.count(1) != 1:
            self.faults.append(f"headings begin with {self.headings[:1]}")
        if any(after > before + 1 for before, after in zip(self.headings, self.headings[1:], strict=False)):
            self.faults.append(f"headings skip a level: {self.headings}")


def read(page: str) -> Reading:
    """Take a page apart."""
    reading = Reading()
    reading.feed(page)
    reading.close()
    return reading
