"""Experts for pages of MiniWoB: they read what every agent reads, and nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, TypeAlias

from envs.adapters.mini_wob.reading import Element, Reading

__all__ = ["EXPERTS"]

Expert: TypeAlias = Callable[[Reading], str]

_BUTTONS: Final = ("Submit", "Search", "Login", "OK", "Go!")
_QUOTED: Final = re.compile(r'"([^"]*)"')
_NUMBER: Final = re.compile(r"-?\d+")


def _click(element: Element) -> str:
    return f"click({element.number})"


def _type(element: Element, text: str) -> str:
    return f"type({element.number}, {json.dumps(text, ensure_ascii=False)})"


def _quoted(page: Reading) -> list[str]:
    return _QUOTED.findall(page.utterance)


def _named(page: Reading, *texts: str, kinds: Iterable[str] = ()) -> Element | None:
    fit = (e for e in page.elements if e.text in texts and (not kinds or e.kind in kinds))
    return next(fit, None)


def _submit(page: Reading) -> str:
    return _click(_named(page, *_BUTTONS, kinds=("button", "div")) or page.elements[-1])


def _fields(page: Reading) -> list[Element]:
    return [element for element in page.elements if element.value is not None]


def _fill(page: Reading, texts: Sequence[str | None]) -> str:
    """Write texts into the fields, in their order (None: leave it), and submit."""
    for field, text in zip(_fields(page), texts, strict=False):
        if text is not None and field.value != text:
            return _type(field, text)
    return _submit(page)


def _check(page: Reading, wanted: Iterable[Element]) -> str:
    """Check what is wanted and submit."""
    left = [element for element in wanted if not element.checked]
    return _click(left[0]) if left else _submit(page)


def _button(page: Reading) -> str:
    """Click the button that the instruction quotes, or names in its last word."""
    names = _quoted(page) or [page.utterance.split()[-1].rstrip(".")]
    close = ("Close",) if names == ["x"] else ()
    buttons = [element for element in page.elements if element.kind == "button"]
    return _click(_named(page, *names, *close, kinds=("button",)) or buttons[0])


def _link(page: Reading) -> str:
    """Click the link that the instruction quotes; open the next tab or section where it is not seen."""
    link = _named(page, *_quoted(page), kinds=("span",))
    if link is not None:
        return _click(link)
    headers = [element for element in page.elements if element.kind in ("a", "h3")]
    chosen = [place for place, header in enumerate(headers) if header.chosen]
    return _click(headers[(chosen[0] + 1) % len(headers) if chosen else 0])


def _tab(page: Reading) -> str:
    found = _named(page, page.utterance.removeprefix("Click on ").rstrip("."), kinds=("a",))
    return _click(found or page.elements[0])


def _section(page: Reading) -> str:
    header = next(element for element in page.elements if element.kind == "h3")
    return _submit(page) if header.chosen else _click(header)


def _boxes(page: Reading) -> str:
    names = page.utterance.removeprefix("Select ").removesuffix(" and click Submit.").split(", ")
    return _check(page, (e for e in page.elements if e.checked is not None and e.text in names))


def _list(page: Reading) -> str:
    name = page.utterance.removeprefix("Select ").removesuffix(" from the list and click Submit.")
    chooser = next(element for element in page.elements if element.options)
    if chooser.selected == (name,):
        return _submit(page)
    return f"select({chooser.number}, {json.dumps(name, ensure_ascii=False)})"


def _text(page: Reading) -> str:
    return _fill(page, _quoted(page)[:1])


def _cased(page: Reading) -> str:
    text = _quoted(page)[0]
    return _fill(page, [text.lower() if "lower case" in page.utterance else text.upper()])


def _password(page: Reading) -> str:
    return _fill(page, _quoted(page) * 2)


def _login(page: Reading) -> str:
    cancel = _named(page, "Cancel", kinds=("button",))
    return _click(cancel) if cancel is not None else _fill(page, _quoted(page))


def _focus(page: Reading) -> str:
    found = _NUMBER.search(page.utterance)
    return _click(_fields(page)[int(found[0]) - 1 if found else 0])


def _word(page: Reading) -> str:
    words = re.findall(r"[\w']+", page.elements[0].text)
    return _fill(page, [words[int(_NUMBER.findall(page.utterance)[0]) - 1]])


def _arithmetic(page: Reading) -> str:
    one, sign, other = page.elements[0].text.removesuffix("=").split()
    x, y = int(one), int(other)
    return _fill(page, [str({"+": x + y, "-": x - y, "x": x * y}[sign])])


def _algebra(page: Reading) -> str:
    one, sign, other, _, total = page.elements[0].text.split()
    number, result = int(one if other == "x" else other), int(total)
    if sign == "+":
        return _fill(page, [str(result - number)])
    return _fill(page, [str(result + number if one == "x" else number - result)])


def _parity(page: Reading) -> str:
    """Mark each number, which stands between its two buttons."""
    rows = zip(page.elements, page.elements[1:], page.elements[2:], strict=False)
    for odd, number, even in rows:
        if odd.text == "Odd" and even.text == "Even":
            right = odd if int(number.text) % 2 else even
            if not right.chosen:
                return _click(right)
    return _submit(page)


def _table(page: Reading) -> dict[str, str]:
    cells = [element.text for element in page.elements if element.kind == "td"]
    return dict(zip(cells[::2], cells[1::2], strict=False))


def _look_up(page: Reading) -> str:
    name = page.utterance.removeprefix("Enter the value of ").partition(" into the text")[0]
    return _fill(page, [_table(page)[name]])


def _look_up_labels(page: Reading) -> str:
    names = [element.text.rstrip(":") for element in page.elements if element.kind == "label"]
    return _fill(page, [_table(page)[name] for name in names])


def _complete(page: Reading) -> str:
    """Write the start of the word, and choose among what the page offers."""
    start, end = (*_quoted(page), "")[:2]
    field = _fields(page)[0]
    if field.value and field.value.startswith(start) and field.value.endswith(end) and field.value != start:
        return _submit(page)
    offers = [e for e in page.elements if e.kind == "div" and e.text.startswith(start)]
    fit = [offer for offer in offers if offer.text.endswith(end)]
    return _click(fit[0]) if fit else _type(field, start)


def _spin(page: Reading) -> str:
    return _fill(page, _NUMBER.findall(page.utterance)[:1])


def _radio_and_text(page: Reading) -> str:
    radio, number, field = map(int, _NUMBER.findall(page.utterance))
    radios = [element for element in page.elements if element.kind == "radio"]
    if not radios[radio - 1].checked:
        return _click(radios[radio - 1])
    return _fill(page, [str(number) if place == field else None for place in (1, 2, 3)])


def _letters(page: Reading) -> str:
    return _fill(page, ["".join(element.text for element in page.elements if element.kind == "span")])


def _copy(page: Reading) -> str:
    shown = next(field.value for field in _fields(page) if field.kind == "textarea")
    return _fill(page, [None if field.kind == "textarea" else shown for field in _fields(page)])


def _widget(page: Reading) -> str:
    return _click(next(element for element in page.elements if element.kind in _quoted(page)))


def _tree(page: Reading) -> str:
    found = _named(page, *_quoted(page), kinds=("span",))
    closed = (element for element in page.elements if " expandable-hitarea" in f" {element.mark}")
    return _click(found or next(closed))


def _email(page: Reading) -> str:
    trash = next((element for element in page.elements if element.mark == "trash"), None)
    sender = page.utterance.removeprefix("Find the email by ").partition(" and click ")[0]
    return _click(trash or _named(page, sender) or page.elements[0])


def _contact(page: Reading) -> str:
    """Turn the pages of the book to a name, and click what is asked of it."""
    name, wanted = re.findall(r"Find (\S+) in the contact book and click on their (.+)\.", page.utterance)[0]
    if page.elements[0].text != name:
        return _click(_named(page, ">", kinds=("a",)) or page.elements[-1])
    pairs = zip(page.elements, page.elements[1:], strict=False)
    return _click(next(link for label, link in pairs if label.text.lower().startswith(wanted[:5].lower())))


def _search(page: Reading) -> str:
    """Search, turn to the page of results that is asked for, and click."""
    sheet, place = divmod(int(_NUMBER.findall(page.utterance.rpartition("click the ")[2])[0]) - 1, 3)
    results = [e for e in page.elements if e.kind == "a" and not re.fullmatch(r"\d+|<|>", e.text)]
    if not results:
        return _fill(page, _quoted(page)[:1])
    turn = _named(page, str(sheet + 1), kinds=("a",))
    return _click(turn if turn is not None and sheet and not turn.focused else results[place])


def _movies(page: Reading) -> str:
    genre, name, year = re.findall(
        r"Search for (.+) movies directed by (.+) from year (\d+)\.", page.utterance
    )[0]
    wanted = {"genre": genre, "director": name, "year": year, "date": year}
    words = [element.text.rstrip(":").lower().split() for element in page.elements]
    return _fill(page, [wanted[word] for label in words for word in label if word in wanted])


def _generate(page: Reading) -> str:
    """Draw until a number fits."""
    shown = page.elements[0].text
    if shown.isdigit() and _fits(int(shown), page.utterance):
        return _submit(page)
    return _click(_named(page, "Generate", kinds=("button",)) or page.elements[0])


def _fits(number: int, utterance: str) -> bool:
    bounds = _NUMBER.findall(utterance)
    if bounds:
        return number > int(bounds[0]) if "greater" in utterance else number < int(bounds[0])
    return number % 2 == (1 if "odd" in utterance else 0)


def _guess(page: Reading) -> str:
    """Go up or down by one, as the page says."""
    told, last = page.elements[0].text, page.elements[1].text
    return _fill(page, [str(int(last) + (1 if "higher" in told else -1)) if last else "5"])


EXPERTS: Final[Mapping[str, Expert]] = {
    **dict.fromkeys(("click-test", "click-test-2", "click-test-transfer", "click-button"), _button),
    **dict.fromkeys(("click-dialog", "click-dialog-2", "unicode-test"), _button),
    **dict.fromkeys(("click-link", "click-tab-2", "click-tab-2-easy", "click-tab-2-medium"), _link),
    **dict.fromkeys(("click-tab-2-hard", "click-collapsible-2", "click-collapsible-2-nodelay"), _link),
    "click-tab": _tab,
    **dict.fromkeys(("click-collapsible", "click-collapsible-nodelay"), _section),
    **dict.fromkeys(("click-checkboxes", "click-checkboxes-large"), _boxes),
    **dict.fromkeys(("click-checkboxes-transfer", "click-option"), _boxes),
    "choose-list": _list,
    **dict.fromkeys(("enter-text", "enter-text-dynamic"), _text),
    "enter-text-2": _cased,
    "enter-password": _password,
    **dict.fromkeys(("login-user", "login-user-popup"), _login),
    **dict.fromkeys(("focus-text", "focus-text-2"), _focus),
    "find-word": _word,
    "simple-arithmetic": _arithmetic,
    "simple-algebra": _algebra,
    "odd-or-even": _parity,
    "read-table": _look_up,
    "read-table-2": _look_up_labels,
    **dict.fromkeys(("use-autocomplete", "use-autocomplete-nodelay"), _complete),
    "use-spinner": _spin,
    "form-sequence-2": _radio_and_text,
    "text-transform": _letters,
    "copy-paste": _copy,
    "click-widget": _widget,
    "navigate-tree": _tree,
    "email-inbox-delete": _email,
    "phone-book": _contact,
    "search-engine": _search,
    **dict.fromkeys(("multi-orderings", "multi-layouts"), _movies),
    "generate-number": _generate,
    "guess-number": _guess,
}
"""The expert of each page."""
