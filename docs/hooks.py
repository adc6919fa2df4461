"""Pages made from registries and docstrings while the site is built, and links that leave the docs."""

from __future__ import annotations

import html
import importlib
import inspect
import re
import textwrap
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[1]
LEVELS = {
    "episode": "Whole episodes",
    "step": "Steps",
    "token": "Tokens",
    "tree": "Trees",
}
_OUTSIDE = re.compile(r"\[([^\]]*)\]\((?:\.\./)+([^)#\s]+)(#[^)]*)?\)")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put the pages that are made into the navigation."""
    nav: list[Any] = config.nav or []
    for section in nav:
        if "Environments" in section:
            section["Environments"] += [{"Manual pages": [f"environments/{name}.md" for name in _classes()]}]
        if "Methods" in section:
            section["Methods"] += [{title: f"methods/{level}.md"} for level, title in LEVELS.items()]
    nav.append({"Reference": [_place(package) for package in _packages()]})
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Make the pages."""
    for place, text in _pages():
        files.append(File.generated(config, place, content=text))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Turn links to files of ours outside the docs into links to the reference, or into plain names."""
    depth = page.file.src_uri.count("/")

    def inside(found: re.Match[str]) -> str:
        text, target, _ = found.groups()
        path = Path(target)
        package = ".".join(path.parent.parts)
        if path.suffix == ".py" and package in _packages():
            module = package if path.stem == "__init__" else f"{package}.{path.stem}"
            return f"[{text}]({'../' * depth}{_place(package)}#{module})"
        return text

    return _OUTSIDE.sub(inside, markdown)


def _pages() -> Iterator[tuple[str, str]]:
    yield "environments/index.md", _environments()
    for name, (path, ids) in _classes().items():
        yield f"environments/{name}.md", _environment(name, path, ids)
    for level, title in LEVELS.items():
        yield f"methods/{level}.md", _methods(level, title)
    yield "papers.md", _papers()
    for package in _packages():
        yield _place(package), _reference(package)


# ---- environments ----------------------------------------------------------------------------------------


def _classes() -> dict[str, tuple[str, list[str]]]:
    """The environment classes: name -> dotted path and the ids that it stands behind."""
    import agentgym

    found: dict[str, tuple[str, list[str]]] = {}
    for env_id in agentgym.env_ids():
        kind = agentgym.registry.env_class(env_id)
        found.setdefault(kind.__name__, (f"{kind.__module__}.{kind.__qualname__}", []))[1].append(env_id)
    return dict(sorted(found.items()))


def _environments() -> str:
    import gymnasium

    rows = []
    for name, (_, ids) in _classes().items():
        for env_id in ids:
            given = ", ".join(f"{key}={value!r}" for key, value in gymnasium.registry[env_id].kwargs.items())
            rows.append(f"| `{env_id}` | [{name}]({name}.md) | {f'`{given}`' if given else ''} |")
    head = [
        "# All ids",
        "",
        "`gymnasium.make(ID)` after `import agentgym`. `agentgym envs` prints splits and task counts.",
        "",
        "| id | manual page | arguments of this id |",
        "|---|---|---|",
    ]
    return "\n".join([*head, *rows]) + "\n"


def _environment(name: str, path: str, ids: Iterable[str]) -> str:
    module, _, kind = path.rpartition(".")
    text = html.escape(inspect.getdoc(getattr(importlib.import_module(module), kind)) or "", quote=False)
    lines = [f"# {name}", "", f"Ids: {', '.join(f'`{env_id}`' for env_id in ids)}. Class: `{path}`.", ""]
    for part in re.split(r"^(?=[A-Z][\w ]*:\n)", text, flags=re.MULTILINE):
        heading, _, body = part.partition(":\n")
        if body.startswith("    "):
            lines += [f"## {heading}", "", _manual(textwrap.dedent(body)), ""]
        else:
            lines += [part, ""]
    return "\n".join(lines)


def _manual(body: str) -> str:
    """Write arguments ("name: text", continued by indentation) as a list; leave other text as it is."""
    if not re.match(r"[a-z_, ]+: ", body):
        return body
    entries = re.split(r"^(?=\S)", body, flags=re.MULTILINE)
    told = (" ".join(entry.split()).partition(": ") for entry in entries if entry.strip())
    return "\n".join(f"- `{argument}`: {text}" for argument, _, text in told)


# ---- methods ---------------------------------------------------------------------------------------------


def _methods(level: str, title: str) -> str:
    from baselines.estimators import method, names

    chosen = [method(name) for name in names(aliases=False) if method(name).level == level]
    lines = [f"# {title}", "", f"{len(chosen)} estimators that score {title.lower()}.", ""]
    for one in chosen:
        lines += [f"::: {one.body.__module__}.{one.body.__qualname__}", ""]
    return "\n".join(lines)


def _papers() -> str:
    from baselines.branching import make_branching
    from baselines.branching import names as branching_names
    from baselines.estimators import method, names
    from baselines.losses import policy_loss, policy_losses
    from baselines.rewards import rule, rules

    lines = [
        "# Papers",
        "",
        "One row for each method: its file, the paper and which part of it, and how ours differs. "
        "Made from the docstrings. What stands behind a formula is in [the list](estimators.md).",
    ]
    tables: dict[str, list[tuple[str, Any]]] = {
        "Estimators": [(n, method(n).body) for n in names(aliases=False)],
        "Policy losses": [(n, policy_loss(n).body) for n in policy_losses()],
        "Reward rules": [(n, rule(n).body) for n in rules()],
        "Branching rollouts": [(n, type(make_branching(n))) for n in branching_names()],
    }
    for heading, methods in tables.items():
        lines += ["", f"## {heading}", "", "| method | file | source | deviation |", "|---|---|---|---|"]
        lines += [_paper_row(name, body) for name, body in methods]
    return "\n".join(lines) + "\n"


def _paper_row(name: str, body: Any) -> str:
    source, deviation = _references(body.__doc__ or "")
    module = body.__module__
    package = module.rpartition(".")[0]
    file = f"{package.rpartition('.')[2]}/{module.rpartition('.')[2]}.py"
    cells = (f"`{name}`", f"[{file}]({_place(package)}#{module})", source, deviation)
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _references(docstring: str) -> tuple[str, str]:
    """Take the source and the deviation from the References section of a docstring."""
    _, _, section = docstring.partition("References:\n")
    text = " ".join(section.split("\n\n")[0].split())
    source, _, deviation = text.partition("Deviation from the paper:")
    source = re.sub(
        r"https://arxiv.org/abs/(\S+?)([.,;]?)(\s|$)", r"[arXiv \1](https://arxiv.org/abs/\1)\2\3", source
    )
    return source.strip(), deviation.strip() or "see the docstring"


# ---- reference -------------------------------------------------------------------------------------------


def _packages() -> dict[str, list[str]]:
    """The packages of the contract, the harness and the baselines, each with its public modules."""
    found: dict[str, list[str]] = defaultdict(list)
    for top in ("agentgym", "baselines"):
        for path in sorted((ROOT / top).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            if any(part.startswith("_") for part in parts if part != "__init__") or "migrations" in parts:
                continue
            if not (path.parent / "__init__.py").exists():
                continue
            package, module = ".".join(parts[:-1]), ".".join(parts)
            found[package] += [] if parts[-1] == "__init__" else [module]
    return dict(sorted(found.items()))


def _place(package: str) -> str:
    return f"reference/{package}.md"


def _reference(package: str) -> str:
    lines = [
        f"# {package}",
        "",
        f"::: {package}",
        "    options: { members: false, show_root_heading: false }",
        "",
    ]
    for module in _packages()[package]:
        lines += [f"::: {module}", "    options: { show_root_full_path: true }", ""]
    return "\n".join(lines)
