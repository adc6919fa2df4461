"""The domains of tau-bench, read from a folder: tables, tasks, policy and tool schemas as JSON."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from agentgym.errors import DataError, suggest
from agentgym.tasks import NumberedTasks
from envs.tooluse.core import ArgumentSchema, Tool
from envs.tooluse.customer.database import Base, Database
from envs.tooluse.customer.desk import Desk
from envs.tooluse.customer.task import CustomerTask
from envs.tooluse.customer.tau.airline import AirlineDesk
from envs.tooluse.customer.tau.desk import TauDesk
from envs.tooluse.customer.tau.reading import calls_in, field_of, read_json, texts_in
from envs.tooluse.customer.tau.retail import RetailDesk
from envs.tooluse.customer.tau.script import script_of

__all__ = ["DESKS", "TABLES", "TauDomain"]

TABLES: Final = {"retail": ("orders", "products", "users"), "airline": ("flights", "reservations", "users")}
DESKS: Final[Mapping[str, type[TauDesk]]] = {"retail": RetailDesk, "airline": AirlineDesk}
_Described = dict[str, tuple[str, ArgumentSchema]]
"""Description and schema of tools, by name."""

_FILES: Final = {"train": "train", "validation": "dev", "test": "test"}


class TauDomain:
    """A domain of tau-bench.

    The folder holds `<table>.json`, `tasks_<split>.json`, `policy.md` and perhaps `tools.json`.
    Everything but the tasks is read once per process and never changed.

    Args:
        folder: The domain's folder.
        name: "retail" or "airline".
        exclude: Tasks to leave out.

    Raises:
        DataError: A file is missing or broken.
    """

    finite = True

    def __init__(self, folder: Path, name: str, exclude: Collection[str] = ()) -> None:
        self.name = name
        self._exclude = frozenset(exclude)
        self._folder = folder
        self._base, self.policy, self._described = _read(folder, name)
        self._counts = {
            split: len(_tasks(folder / f"tasks_{word}.json"))
            for split, word in _FILES.items()
            if (folder / f"tasks_{word}.json").exists()
        }
        if not self._counts:
            raise DataError(f"{folder} holds no tasks_*.json. Pass data=<folder of the domain>.")

    def tasks(self, split: str) -> Sequence[str]:
        """List the task ids of a split: "<domain>/<train|dev|test>/<number>"."""
        if split not in _FILES:
            raise suggest("split", split, _FILES)
        listed = NumberedTasks({f"{self.name}/{_FILES[split]}": self._counts.get(split, 0)})
        return [task for task in listed if task not in self._exclude] if self._exclude else listed

    def task(self, task: str) -> CustomerTask:
        """Return a task.

        Raises:
            DataError: It is broken. The message names file, task and field.
        """
        _, word, number = task.split("/")
        path = self._folder / f"tasks_{word}.json"
        record, where = _tasks(path)[int(number)], f"{path}, task {number}"
        user_id = field_of(record, "user_id", str, where)
        instruction = field_of(record, "instruction", str, where)
        return CustomerTask(
            id=task,
            user_id=user_id,
            instruction=instruction,
            actions=calls_in(record, "actions", where, "kwargs"),
            outputs=texts_in(record, "outputs", where),
            script=script_of(instruction, user_id, self._base.tables["users"].get(user_id)),
        )

    def base(self, task: str) -> Base:
        """Return the database: all tasks start from the same."""
        return self._base

    def service(self, database: Database) -> Desk:
        """Set the tools up over a database."""
        desk = DESKS[self.name](database)
        if self._described:
            desk.tools = {
                name: Tool(name, description, schema, desk.tools[name].function)
                for name, (description, schema) in self._described.items()
            }
        return desk


@lru_cache(maxsize=8)
def _read(folder: Path, name: str) -> tuple[Base, str, _Described]:
    base = Base({table: read_json(folder / f"{table}.json", dict) for table in TABLES[name]})
    policy = folder / "policy.md"
    if not policy.exists():
        raise DataError(f"{folder} holds no policy.md. Pass data=<folder of the domain>.")
    path = folder / "tools.json"
    records = read_json(path, list) if path.exists() else []
    return base, policy.read_text("utf-8").strip(), _describe(records, path, DESKS[name])


def _describe(records: list[Any], path: Path, desk: type[TauDesk]) -> _Described:
    described: _Described = {}
    for number, record in enumerate(records):
        where = f"{path}, tool {number}"
        inner = field_of(record, "function", dict, where)
        tool_name = field_of(inner, "name", str, where)
        if not isinstance(getattr(desk, tool_name, None), Tool):
            raise DataError(f"{where}: there is no tool {tool_name!r} in this domain. Remove it.")
        schema = ArgumentSchema(field_of(inner, "parameters", dict, where))
        described[tool_name] = field_of(inner, "description", str, where), schema
    return described


@lru_cache(maxsize=8)
def _tasks(path: Path) -> list[Any]:
    return read_json(path, list)
