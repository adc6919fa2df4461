"""The retail and airline domains of tau2-bench: one `db.json`, and tasks with several criteria."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from agentgym.errors import DataError, suggest
from envs.tooluse.core import ToolCall
from envs.tooluse.customer.database import Base, Database
from envs.tooluse.customer.desk import Desk
from envs.tooluse.customer.task import SPLITS, CustomerTask
from envs.tooluse.customer.tau.bench import DESKS, TABLES
from envs.tooluse.customer.tau.reading import calls_in, field_of, read_json, texts_in
from envs.tooluse.customer.tau.script import script_of

__all__ = ["Tau2Domain"]

_BASIS: Final = ("DB", "COMMUNICATE")
_UNSCORED: Final = ("ENV_ASSERTION", "NL_ASSERTION")
_USER_ID: Final = "user_id"


class Tau2Domain:
    """A domain of tau2-bench.

    The folder holds `db.json`, `tasks.json`, `policy.md` and, perhaps, `split_tasks.json`; without it all
    tasks are of the split "test". The reward is the product of the criteria in a task's `reward_basis`: DB,
    COMMUNICATE and ACTION. NL_ASSERTION needs a judge and ENV_ASSERTION tools of other domains: both are
    reported as not scored. Tools answer in tau-bench's words.

    Args:
        folder: The domain's folder.
        name: "retail" or "airline".

    Raises:
        DataError: A file is missing or broken.
    """

    finite = True

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self._path = folder / "tasks.json"
        self._base, self.policy = _read(folder, name)
        self._records = _tasks(self._path)
        self._ids = {split: tuple(ids) for split, ids in _splits(folder, name, self._records).items()}

    def tasks(self, split: str) -> Sequence[str]:
        """List the task ids of a split: "<domain>/<id>"."""
        if split not in SPLITS:
            raise suggest("split", split, SPLITS)
        return self._ids.get(split, ())

    def task(self, task: str) -> CustomerTask:
        """Return a task.

        Raises:
            DataError: It is broken, or begins with what only other domains can do.
        """
        number = task.partition("/")[2]
        where = f"{self._path}, task {number}"
        record = self._records[number]
        criteria = field_of(record, "evaluation_criteria", dict, where, default={})
        actions = calls_in(criteria, "actions", where, "arguments")
        basis = texts_in(criteria, "reward_basis", where) or _BASIS
        instruction = _instruction(field_of(record, "user_scenario", dict, where), where)
        user_id = _user_of(instruction, actions, self._base)
        return CustomerTask(
            id=task,
            user_id=user_id,
            instruction=instruction,
            actions=actions,
            outputs=texts_in(criteria, "communicate_info", where) if "COMMUNICATE" in basis else (),
            script=script_of(instruction, user_id, self._base.tables["users"].get(user_id)),
            prologue=_prologue(record, where),
            required=_required(criteria, actions, where) if "ACTION" in basis else (),
            by_state="DB" in basis,
            not_scored=tuple(kind for kind in _UNSCORED if kind in basis),
        )

    def base(self, task: str) -> Base:
        """Return the database: all tasks start from the same."""
        return self._base

    def service(self, database: Database) -> Desk:
        """Set the tools up over a database."""
        return DESKS[self.name](database)


@lru_cache(maxsize=8)
def _read(folder: Path, name: str) -> tuple[Base, str]:
    path = folder / "db.json"
    tables = read_json(path, dict)
    base = Base({table: field_of(tables, table, dict, str(path)) for table in TABLES[name]})
    policy = folder / "policy.md"
    if not policy.exists():
        raise DataError(f"{folder} holds no policy.md. Pass data=<folder of the domain>.")
    return base, policy.read_text("utf-8").strip()


@lru_cache(maxsize=8)
def _tasks(path: Path) -> dict[str, Any]:
    records = read_json(path, list)
    ids = [field_of(record, "id", str, f"{path}, task {n}") for n, record in enumerate(records)]
    return dict(zip(ids, records, strict=True))


def _splits(folder: Path, name: str, records: Mapping[str, Any]) -> dict[str, list[str]]:
    path = folder / "split_tasks.json"
    if not path.exists():
        return {"test": [f"{name}/{id}" for id in records]}
    splits = read_json(path, dict)
    found = {split: texts_in(splits, split, str(path)) for split in SPLITS}
    for id in (id for ids in found.values() for id in ids):
        if id not in records:
            raise DataError(f"{path}: there is no task {id!r} in tasks.json.")
    return {split: [f"{name}/{id}" for id in ids] for split, ids in found.items()}


def _instruction(scenario: Mapping[str, Any], where: str) -> str:
    """Write the scenario as one text in the second person."""
    told = scenario.get("instructions")
    if isinstance(told, str):
        return told
    keys = ("known_info", "reason_for_call", "unknown_info", "task_instructions")
    parts = [field_of(told, key, str, where, default="") for key in keys]
    return " ".join(" ".join(part.split()) for part in parts if part)


def _user_of(instruction: str, actions: Sequence[ToolCall], base: Base) -> str:
    """Find the customer: named in the instruction or in the actions; "" where nobody is."""
    users = base.tables["users"]
    named = [str(call.arguments[_USER_ID]) for call in actions if _USER_ID in call.arguments]
    words = instruction.replace(",", " ").replace(".", " ").split()
    return next((word for word in [*words, *named] if word in users), "")


def _prologue(record: Mapping[str, Any], where: str) -> tuple[ToolCall, ...]:
    """Return the calls of `initial_state`. Data and messages that it sets are of other domains."""
    state = field_of(record, "initial_state", dict, where, default={})
    for key in ("initialization_data", "message_history"):
        if state.get(key):
            raise DataError(f"{where}: the field {key!r} of 'initial_state' cannot be used in this domain.")
    calls = []
    for item in field_of(state, "initialization_actions", list, where, default=[]):
        if field_of(item, "env_type", str, where) != "assistant":
            raise DataError(f"{where}: 'initialization_actions' of a user cannot be used in this domain.")
        calls.append(
            ToolCall(field_of(item, "func_name", str, where), field_of(item, "arguments", dict, where))
        )
    return tuple(calls)


def _required(criteria: Mapping[str, Any], actions: Sequence[ToolCall], where: str) -> tuple[ToolCall, ...]:
    """Cut actions down to the arguments that are to be compared."""
    required = []
    for item, call in zip(criteria["actions"], actions, strict=True):
        compared = item.get("compare_args")
        names = call.arguments if compared is None else texts_in(item, "compare_args", where)
        required.append(ToolCall(call.name, {k: v for k, v in call.arguments.items() if k in names}))
    return tuple(required)
