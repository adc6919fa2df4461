"""What the registry knows about every estimator, as rows, and as the table of docs/estimators.md."""

from __future__ import annotations

import importlib
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from agentgym.errors import ArgumentError, DataError
from baselines.estimators import method, names

__all__ = ["Entry", "catalogue", "golden_counts", "markdown_table", "rewrite_page"]

BEGIN = "<!-- methods: written by `agentgym estimators --write docs/estimators.md` -->"
END = "<!-- end of methods -->"


@dataclass(frozen=True, slots=True)
class Entry:
    """One method.

    Attributes:
        name: Its name.
        aliases: Its other names.
        level: What it scores.
        needs: Batch columns that it reads beyond rewards and tokens.
        summary: First line of its docstring.
        paper: Title of the paper.
        arxiv: Its arXiv id, or "".
        reference: Whether released code or worked numbers stand behind the formula; False: our reading.
        file: Its file, relative to the repository.
    """

    name: str
    aliases: tuple[str, ...]
    level: str
    needs: tuple[str, ...]
    summary: str
    paper: str
    arxiv: str
    reference: bool
    file: str

    @property
    def standing(self) -> str:
        """Whether others' code or numbers stand behind the formula."""
        return "reference" if self.reference else "our reading"


def catalogue() -> list[Entry]:
    """List all methods, sorted by name."""
    return [_entry(name) for name in names(aliases=False)]


def _entry(name: str) -> Entry:
    chosen = method(name)
    same = [other for other in names() if method(other).body is chosen.body and other != name]
    module = importlib.import_module(chosen.body.__module__)
    place = Path(str(module.__file__)).parts[-len(module.__name__.split(".")) :]
    summary = (chosen.body.__doc__ or "").strip().partition("\n")[0]
    return Entry(
        name,
        tuple(same),
        chosen.level,
        chosen.needs,
        summary,
        chosen.paper,
        chosen.arxiv,
        chosen.reference,
        "/".join(place),
    )


def golden_counts(folder: Path) -> dict[str, int]:
    """Count golden cases by method, aliases counted for their method.

    Raises:
        ArgumentError: The folder holds no golden case.
        DataError: A file is no golden case.
    """
    files = sorted(folder.glob("*.json"))
    if not files:
        raise ArgumentError(
            f"{folder} holds no golden case (*.json). Pass the folder of the estimators' cases."
        )
    found = Counter(map(_method_of, files))
    return {entry.name: sum(found[name] for name in (entry.name, *entry.aliases)) for entry in catalogue()}


def _method_of(file: Path) -> str:
    try:
        return str(json.loads(file.read_text(encoding="utf-8"))["method"])
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"{file} is no golden case: {error!r}. It must be a JSON object with `method`."
        ) from error


def markdown_table(entries: Iterable[Entry]) -> str:
    """Write the methods as a Markdown table whose links start at docs/."""
    lines = [
        "| method | aliases | scores | reads | what it does | paper | behind it |",
        "|---|---|---|---|---|---|---|",
    ]
    for entry in entries:
        title = entry.paper.replace("|", r"\|")
        paper = f"[{title}](https://arxiv.org/abs/{entry.arxiv})" if entry.arxiv else title
        cells = (
            f"[`{entry.name}`](../{entry.file})",
            _code(entry.aliases),
            entry.level,
            _code(entry.needs),
            entry.summary.rstrip(".").replace("|", r"\|"),
            paper,
            entry.standing,
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def rewrite_page(page: Path) -> None:
    """Put the present table between the two marks of a page.

    Raises:
        ArgumentError: The page does not have the marks.
    """
    text = page.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ArgumentError(f"{page} has no table to rewrite. Put the lines {BEGIN} and {END} into it.")
    table = markdown_table(catalogue())
    page.write_text(f"{before}{BEGIN}\n\n{table}\n\n{END}{after}", encoding="utf-8")


def _code(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)
