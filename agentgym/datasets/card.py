"""The card of a data set: where its rows come from, and what may be done with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from agentgym.datasets.config import ExportConfig, Form
from agentgym.datasets.source import Source
from agentgym.plain import plain
from agentgym.version import __version__

__all__ = ["write_card"]

_WHAT: Final[dict[Form, str]] = {
    "trajectories": "One row is one recorded episode. `trajectory` is the whole record as a line of JSON\n"
    "with its hash chain: `agentgym.datasets.read_exported` gives it back exactly, and it can be replayed.",
    "sft": "One row is one episode as a chat: `messages`, and `tools` as JSON where the environment has any.",
    "dpo": "One row is a pair of episodes that started alike: `prompt`, then the messages of the better\n"
    "(`chosen`) and of the worse (`rejected`). The user's messages in them are what the environment said.",
    "step-dpo": "One row is a pair of actions that were taken in one state: `prompt` ends with the\n"
    "observation, `chosen` and `rejected` are the answers, and the returns say how much better one was.",
}


def write_card(out: Path, source: Source, config: ExportConfig, splits: Mapping[str, int]) -> None:
    """Write README.md, which tells `datasets` where the files of each split lie.

    Args:
        out: Folder of the data set.
        source: What was exported.
        config: How.
        splits: Number of rows of each split.
    """
    files = "".join(f"  - split: {name}\n    path: data/{name}-*.parquet\n" for name in splits)
    played = Counter(entry.env_id for entry in source.entries)
    environments = "".join(
        f"* `{_inert(name)}`: {count} episodes\n" for name, count in sorted(played.items())
    )
    rows = ", ".join(f"{name} {count}" for name, count in splits.items())
    settings = ", ".join(
        f"{name}={getattr(config, name)}" for name in ("keep", "match", "history", "gamma", "margin")
    )
    text = f"""---
license: {config.license}
configs:
- config_name: default
  data_files:
{files}tags:
- agentgym
---

# Episodes of language-model agents, form `{config.form}`

{_WHAT[config.form]}

Rows: {rows}. Settings: {settings}, instruction={config.instruction}.

## Where it comes from

{environments}
Written by agentgym-suite {__version__}. Digest of the episodes: `{source.digest}`. Who acted is in the column
`agent`. Text that is not valid Unicode (lone surrogates) stands as U+FFFD.

## Licence

Rows repeat what environments said and what agents answered. The licence of the environment's own text holds
for the former: generated tasks are under AgentGym's MIT licence, but an environment that was given real data
(games, products, levels or tasks of others) repeats that data, whose terms then apply. The terms of the model
that acted may bind what is trained on its answers. `license` in the head of this card is the exporter's word.
"""
    (out / "README.md").write_text(text, encoding="utf-8")


def _inert(name: str) -> str:
    """Make a name harmless in Markdown."""
    return "".join(c for c in plain(name) if c.isalnum() or c in "/-_. ")
