"""Pages as agents read them: text, rich text, an address, or plain HTML."""

from __future__ import annotations

import html
import json
from typing import Final

from envs.webshop.page import Button, Option, Page, Piece, ProductLink, Text
from envs.webshop.session import State

__all__ = ["BASE", "address", "as_html", "rich_text", "text"]

BASE: Final = "http://127.0.0.1:3000"
_TAGS: Final = {"heading": "h1", "title": "h2", "group": "h3"}


def text(page: Page) -> str:
    """Join the pieces of a page, stripped, with " [SEP] "."""
    return " [SEP] ".join(piece.text.strip() for piece in page.pieces)


def rich_text(page: Page, url: str) -> str:
    """Write a piece a line, with marks for what can be clicked and what was clicked.

    Args:
        page: The page.
        url: Its address. As in the original, an option counts as chosen where the address holds its text in
            double quotes: one that JSON writes with a backslash never does.
    """
    chosen: list[str] = []
    lines = [_rich(piece, url, chosen) for piece in page.pieces]
    return "".join(f"{line}\n" for line in (*reversed(chosen), *lines))


def address(state: State, name: str) -> str:
    """Write the address that the original gives a state.

    Args:
        state: Where the visitor stands.
        name: Name of the session.
    """
    words = state.query.replace(" ", "+")
    item = f"{name}/{state.asin}/{words}/{state.number}"
    options = dict(state.options)
    match state.page:
        case "index":
            return f"{BASE}/{name}"
        case "results":
            return f"{BASE}/search_results/{name}/{words}/{state.number}"
        case "item":
            return f"{BASE}/item_page/{item}/{json.dumps(options)}"
        case "sub":
            return f"{BASE}/item_sub_page/{item}/{state.detail.capitalize()}/{options}"
        case _:
            return f"{BASE}/done/{name}/{state.asin}/{options}"


def as_html(page: Page) -> str:
    """Write a page as plain HTML: no style, no script, everything escaped."""
    body = "\n".join(_element(piece) for piece in page.pieces)
    return f"<!DOCTYPE html>\n<html>\n<head><title>WebShop</title></head>\n<body>\n{body}\n</body>\n</html>\n"


def _rich(piece: Piece, url: str, chosen: list[str]) -> str:
    words = piece.text
    match piece:
        case Button():
            return f"[button] {words} [button_]"
        case ProductLink(visited=visited):
            clicked = "clicked " if visited else ""
            return f"\n[{clicked}button] {words} [{clicked}button_]"
        case Option():
            if f'"{words}"' not in url:
                return f"  [button] {words} [button_]"
            chosen.append(f"You have clicked {words}.")
            return f"  [clicked button] {words} [clicked button_]"
        case _:
            return words


def _element(piece: Piece) -> str:
    words = html.escape(piece.text)
    match piece:
        case Button(text="Search"):
            return f'<form><input name="query" type="search"><button>{words}</button></form>'
        case Button():
            return f"<button>{words}</button>"
        case ProductLink():
            return f'<a class="product" href="#{words}">{words}</a>'
        case Option(group=group, chosen=chosen):
            mark = " checked" if chosen else ""
            name = html.escape(group)
            return f'<label><input type="radio" name="{name}" value="{words}"{mark}>{words}</label>'
        case Text(role=role):
            tag = _TAGS.get(role, "p")
            return f'<{tag} class="{role}">{words}</{tag}>'
