"""tau-bench's data: the original's outputs, hashes and scores, word for word."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from agentgym.errors import ArgumentError, DataError, UnknownNameError
from agentgym.testing import check_text_env
from envs.tooluse.core import ToolCall, run_call
from envs.tooluse.customer.database import Base, Database
from envs.tooluse.customer.env import CustomerServiceEnv
from envs.tooluse.customer.tau.bench import TABLES
from envs.tooluse.customer.tau.known_bad import KNOWN_BAD
from envs.tooluse.customer.users import STOP
from envs.tooluse.formats import Message

pytestmark = pytest.mark.data

INITIAL = {
    "retail": (
        "5a4b2cb59f4d12dea7e4adff24a7f8fada510ead49372ea4a729a82bbb5f49b5",
        "ae10e8a7f23bedf88c90a528efa2d59d27cae24b5ce1f0d28768b39257bf9f0d",
    ),
    "airline": (
        "4587e6b48ad2b2c4f3e1fecb40aabec7bb2286513273b8f8cec3f5865222f290",
        "f212eeda89b986239ddfb1a9b3d07d2b388112869864655ec9e5cc7ab07ab41c",
    ),
}
IDLE = {("retail", "train"): 5, ("retail", "validation"): 1, ("retail", "test"): 7, ("airline", "test"): 19}
TASKS = {
    ("retail", "train"): 500,
    ("retail", "validation"): 20,
    ("retail", "test"): 115,
    ("airline", "test"): 50,
}


def make(data_root: Path, domain: str, **kwargs: Any) -> CustomerServiceEnv:
    return CustomerServiceEnv(domain=domain, data=data_root / "tau_bench", **kwargs)


def finish(env: CustomerServiceEnv, task: str) -> dict[str, Any]:
    _, info = env.reset(seed=0, options={"task": task})
    over = False
    while not over:
        _, _, terminated, truncated, info = env.step(env.oracle_action())
        over = terminated or truncated
    return info


@pytest.mark.parametrize("domain", TABLES)
def test_tau_bench__initial_hashes_are_the_originals(data_root: Path, domain: str) -> None:
    env = make(data_root, domain, split="test")
    env.reset(seed=0)
    assert (env.database_hash(original=True), env.database_hash()) == INITIAL[domain]


def test_tau_bench__golden_replays_are_reproduced(data_root: Path, golden_root: Path) -> None:
    envs = {domain: make(data_root, domain, user="ticket") for domain in TABLES}
    lines = (golden_root / "tau_golden.jsonl").read_text("utf-8").splitlines()
    for golden in map(json.loads, lines):
        env = envs[golden["domain"]]
        env.reset(seed=0, options={"task": golden["task_id"]})
        outputs = []
        for action in golden["actions"]:
            text = env._write(Message((ToolCall(action["name"], action["arguments"]),)))
            outputs += env.step(text)[4]["extra"]["tool_results"]
        assert outputs == golden["tool_outputs"], golden["task_id"]
        assert env.database_hash(original=True) == golden["final_data_hash"]
        assert env.database_hash() == golden["final_canonical_json_sha256"]
        assert finish(env, golden["task_id"])["score"] == golden["reward_oracle"]
    assert len(lines) >= 62


@pytest.mark.parametrize(("domain", "split"), TASKS)
def test_tau_bench__oracle_and_floor_are_as_published(data_root: Path, domain: str, split: str) -> None:
    env = make(data_root, domain, user="ticket", split=split)
    tasks = env.tasks(split)
    assert len(tasks) == TASKS[domain, split]
    assert all(finish(env, task)["success"] for task in tasks)
    idle = 0
    for task in tasks:
        env.reset(seed=0, options={"task": task})
        idle += env.step(STOP)[4]["success"]
    assert idle == IDLE[domain, split]


def test_tau_bench__strict_lowers_the_floor_and_keeps_the_oracle(data_root: Path) -> None:
    env = make(data_root, "airline", user="ticket", strict=True, split="test")
    assert all(finish(env, task)["success"] for task in env.tasks("test"))
    idle = 0
    for task in env.tasks("test"):
        env.reset(seed=0, options={"task": task})
        idle += env.step(STOP)[4]["success"]
    assert idle == 7


@pytest.mark.parametrize("domain", TABLES)
def test_database__hashes_of_an_overlay_are_those_of_the_whole(data_root: Path, domain: str) -> None:
    env = make(data_root, domain, user="ticket", split="test")
    for task in env.tasks("test")[:2]:
        finish(env, task)
        tables = {name: dict(env._database.rows(name)) for name in TABLES[domain]}
        whole = Database(Base(tables))
        assert whole.canonical_hash() == env.database_hash()
        assert whole.original_hash() == env.database_hash(original=True)


@pytest.mark.parametrize("domain", TABLES)
def test_tau_bench__faulty_calls_of_every_tool_change_nothing(data_root: Path, domain: str) -> None:
    env = make(data_root, domain, max_steps=1000, split="test")
    _, before = env.reset(seed=0)
    for schema in env.tools:
        parameters = schema["function"]["parameters"]
        name, names = schema["function"]["name"], list(parameters["properties"])
        faulty: list[dict[str, Any]] = [{"surplus": 1}, dict.fromkeys(names, 3.5)]
        faulty += [{}] if parameters["required"] else []
        for arguments in faulty if names else faulty[:1]:
            info = env.step(env._write(Message((ToolCall(name, arguments),))))[4]
            assert not info["action_valid"], (name, arguments)
            assert info["extra"]["database_changes"] == 0
    assert env.database_hash(original=True) == INITIAL[domain][0]
    assert before["extra"]["database_changes"] == 0


@pytest.mark.parametrize("domain", TABLES)
def test_customer_service__keeps_the_contract_on_tau_bench(data_root: Path, domain: str) -> None:
    kwargs = {"domain": domain, "data": str(data_root / "tau_bench"), "split": "test"}
    waived = {"memory_is_flat": "what is known of each task is kept, and 30 resets do not meet all tasks"}
    check_text_env(
        "agentgym/CustomerService-v0", episodes=2, resets=2, processes=False, env_kwargs=kwargs, waived=waived
    )


def test_tau_bench__tasks_and_tools_are_the_originals(data_root: Path) -> None:
    env = make(data_root, "retail")
    assert env.split == "train" and make(data_root, "airline").split == "test"
    described = json.loads((data_root / "tau_bench" / "retail" / "tools.json").read_text("utf-8"))
    env.reset(seed=0, options={"task": "retail/dev/3"})
    assert env.tools == described
    with pytest.raises(UnknownNameError):
        env.reset(options={"task": "retail/dev/20"})


def copied_domain(data_root: Path, folder: Path) -> Path:
    shutil.copytree(data_root / "tau_bench" / "airline", folder, copy_function=shutil.copyfile)
    folder.chmod(0o755)
    return folder


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("tasks_test.json", '[{"user_id": 7}]', "task 0: the field 'user_id' is a int"),
        (
            "tasks_test.json",
            '[{"user_id": "x", "instruction": "y", "actions": [{}]}]',
            "the field 'name' is missing",
        ),
        ("tasks_test.json", '{"a": 1}', "holds a dict, not a list"),
        ("tasks_test.json", "[{", "is no JSON"),
        ("users.json", "[]", "holds a list, not a dict"),
        (
            "tools.json",
            '[{"function": {"name": "fly", "description": "", "parameters": {}}}]',
            "no tool 'fly'",
        ),
    ],
)
def test_tau_bench__broken_files_name_file_task_and_field(
    data_root: Path, tmp_path: Path, file: str, content: str, said: str
) -> None:
    folder = copied_domain(data_root, tmp_path / "airline")
    (folder / file).write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=file) as error:
        CustomerServiceEnv(domain="airline", data=folder, split="test").reset(seed=0)
    assert said in str(error.value)


def test_tau_bench__missing_data_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AGENTGYM_DATA", raising=False)
    with pytest.raises(ArgumentError, match="AGENTGYM_DATA"):
        CustomerServiceEnv(domain="retail")
    with pytest.raises(ArgumentError, match="There is no folder"):
        CustomerServiceEnv(domain="retail", data=tmp_path / "nowhere")
    with pytest.raises(DataError, match=r"orders\.json"):
        CustomerServiceEnv(domain="retail", data=tmp_path)
    with pytest.raises(UnknownNameError, match="airline"):
        CustomerServiceEnv(domain="airlines")


def test_known_bad__is_left_out_on_request_and_holds_every_change_that_fails(data_root: Path) -> None:
    whole, fair = make(data_root, "retail"), make(data_root, "retail", exclude="known_bad")
    for split in ("train", "test"):
        left_out = set(whole.tasks(split)) - set(fair.tasks(split))
        assert left_out == {task for task in KNOWN_BAD if task in whole.tasks(split)}
        failing = {task for task in whole.tasks(split) if _has_failing_change(whole, task)}
        assert failing == left_out
    with pytest.raises(ArgumentError, match="this domain has others"):
        CustomerServiceEnv(exclude="known_bad")
    with pytest.raises(UnknownNameError, match="known_bad"):
        make(data_root, "retail", exclude="known_worse")


def _has_failing_change(env: CustomerServiceEnv, task: str) -> bool:
    env.reset(seed=0, options={"task": task})
    changes = [
        call for call in env._todo.actions if call.name.startswith(("modify", "exchange", "return", "cancel"))
    ]
    return any(run_call(env.toolbox, call).output.startswith("Error") for call in changes)
