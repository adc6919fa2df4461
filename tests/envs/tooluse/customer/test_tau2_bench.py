"""tau2-bench's format, on a small database of our own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agentgym.errors import DataError
from envs.tooluse.core import ToolCall
from envs.tooluse.customer.env import CustomerServiceEnv
from envs.tooluse.customer.users import STOP
from envs.tooluse.formats import Message


def variant(item_id: str, colour: str, price: float, available: bool = True) -> dict[str, Any]:
    return {"item_id": item_id, "options": {"color": colour}, "available": available, "price": price}


def order(order_id: str, status: str, paid_by: str) -> dict[str, Any]:
    return {
        "order_id": order_id,
        "user_id": "ada_abel_1",
        "address": {"address1": "1 Mill Road", "zip": "11111"},
        "items": [
            {"name": "Lamp", "product_id": "9", "item_id": "91", "price": 10.0, "options": {"color": "red"}},
            {"name": "Lamp", "product_id": "9", "item_id": "91", "price": 10.0, "options": {"color": "red"}},
        ],
        "status": status,
        "payment_history": [{"transaction_type": "payment", "amount": 20.0, "payment_method_id": paid_by}],
    }


DATABASE: dict[str, Any] = {
    "users": {
        "ada_abel_1": {
            "user_id": "ada_abel_1",
            "name": {"first_name": "Ada", "last_name": "Abel"},
            "address": {"address1": "1 Mill Road", "zip": "11111"},
            "email": "ada@example.org",
            "payment_methods": {
                "gift_card_1": {"source": "gift_card", "id": "gift_card_1", "balance": 15.0},
                "paypal_1": {"source": "paypal", "id": "paypal_1"},
            },
            "orders": ["#W1", "#W2"],
        }
    },
    "products": {
        "9": {
            "name": "Lamp",
            "product_id": "9",
            "variants": {
                "91": variant("91", "red", 10.0),
                "92": variant("92", "blue", 12.5),
                "93": variant("93", "green", 99.0),
                "94": variant("94", "grey", 1.0, available=False),
            },
        }
    },
    "orders": {"#W1": order("#W1", "pending", "gift_card_1"), "#W2": order("#W2", "delivered", "paypal_1")},
}


def task(id: str, actions: list[dict[str, Any]], **criteria: Any) -> dict[str, Any]:
    numbered = [{"action_id": f"{id}_{n}", **action} for n, action in enumerate(actions)]
    return {
        "id": id,
        "user_scenario": {
            "persona": None,
            "instructions": {
                "domain": "retail",
                "reason_for_call": "You want to get rid\nof an order.",
                "known_info": "You are Ada Abel.\nYour user id is ada_abel_1.",
                "unknown_info": None,
                "task_instructions": "You are in a hurry.",
            },
        },
        "initial_state": None,
        "evaluation_criteria": {"actions": numbered, "reward_basis": ["DB", "COMMUNICATE"], **criteria},
    }


CANCEL = {"name": "cancel_pending_order", "arguments": {"order_id": "#W1", "reason": "no longer needed"}}
LOOK = {"name": "get_item_details", "arguments": {"item_id": "92"}}
TASKS = [
    task("0", [LOOK, CANCEL], communicate_info=["20"]),
    task("1", [], nl_assertions=["The agent is friendly."], reward_basis=["DB", "NL_ASSERTION"]),
    task("2", [{**LOOK, "compare_args": ["item_id"]}], reward_basis=["ACTION"]),
    task("3", [CANCEL], reward_basis=["COMMUNICATE"], communicate_info=["1,000"]),
]


def folder_of(path: Path, tasks: list[dict[str, Any]], **files: Any) -> Path:
    contents = {
        "db.json": DATABASE,
        "tasks.json": tasks,
        **{f"{name}.json": held for name, held in files.items()},
    }
    for name, content in contents.items():
        (path / name).write_text(json.dumps(content), encoding="utf-8")
    (path / "policy.md").write_text("# Be kind.", encoding="utf-8")
    return path


def finish(env: CustomerServiceEnv, task: str) -> dict[str, Any]:
    _, info = env.reset(seed=0, options={"task": task})
    over = False
    while not over:
        _, _, terminated, truncated, info = env.step(env.oracle_action())
        over = terminated or truncated
    return info


@pytest.fixture
def env(tmp_path: Path) -> CustomerServiceEnv:
    return CustomerServiceEnv(domain="retail", data=folder_of(tmp_path, TASKS), user="ticket", split="test")


def call(env: CustomerServiceEnv, name: str, **arguments: Any) -> str:
    info = env.step(env._write(Message((ToolCall(name, arguments),))))[4]
    return str(info["extra"]["tool_results"][0])


def test_tau2__oracle_meets_every_criterion(env: CustomerServiceEnv) -> None:
    assert list(env.tasks("test")) == [f"retail/{n}" for n in range(4)]
    observation, info = env.reset(seed=0, options={"task": "retail/0"})
    assert observation == (
        "You are Ada Abel. Your user id is ada_abel_1. You want to get rid of an order. You are in a hurry."
    )
    assert "# Be kind." in info["instruction"]
    won = {task: finish(env, task)["success"] for task in env.tasks("test")}
    assert won == {"retail/0": True, "retail/1": True, "retail/2": True, "retail/3": False}


def test_tau2__silence_wins_only_where_nothing_is_asked(env: CustomerServiceEnv) -> None:
    won = {}
    for task in env.tasks("test"):
        env.reset(seed=0, options={"task": task})
        won[task] = env.step(STOP)[4]["success"]
    assert won == {"retail/0": False, "retail/1": True, "retail/2": False, "retail/3": False}


def test_tau2__what_needs_a_judge_is_reported(env: CustomerServiceEnv) -> None:
    assert finish(env, "retail/1")["extra"]["not_scored"] == ["NL_ASSERTION"]
    assert finish(env, "retail/0")["extra"]["not_scored"] == []


def test_tau2__splits_and_a_prologue_are_read(tmp_path: Path) -> None:
    began = {"env_type": "assistant", "func_name": CANCEL["name"], "arguments": CANCEL["arguments"]}
    tasks = [*TASKS, {**task("4", []), "initial_state": {"initialization_actions": [began]}}]
    folder_of(tmp_path, tasks, split_tasks={"train": ["1", "4"], "test": ["0"], "base": ["0", "1"]})
    env = CustomerServiceEnv(domain="retail", data=tmp_path, user="ticket")
    assert env.split == "train" and list(env.tasks("train")) == ["retail/1", "retail/4"]
    _, info = env.reset(seed=0, options={"task": "retail/4"})
    assert info["extra"]["database_changes"] == 2
    assert json.loads(call(env, "get_order_details", order_id="#W1"))["status"] == "cancelled"
    assert env.step(STOP)[4]["success"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"user_scenario": 3}, "task 0: the field 'user_scenario' is a int"),
        ({"evaluation_criteria": {"actions": [{"arguments": {}}]}}, "actions 0: the field 'name' is missing"),
        ({"evaluation_criteria": {"communicate_info": [3]}}, "'communicate_info' holds what is no text"),
        ({"initial_state": {"message_history": [{}]}}, "'message_history'"),
        ({"initial_state": {"initialization_actions": [{"env_type": "user"}]}}, "of a user"),
    ],
)
def test_tau2__broken_tasks_name_file_task_and_field(
    tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    folder_of(tmp_path, [{**TASKS[0], **change}])
    with pytest.raises(DataError, match=r"tasks\.json") as error:
        CustomerServiceEnv(domain="retail", data=tmp_path, split="test").reset(seed=0)
    assert said in str(error.value)


def test_tau2__a_split_of_unknown_tasks_is_refused(tmp_path: Path) -> None:
    folder_of(tmp_path, TASKS, split_tasks={"test": ["77"]})
    with pytest.raises(DataError, match="there is no task '77'"):
        CustomerServiceEnv(domain="retail", data=tmp_path)


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("find_user_id_by_email", {"email": "ADA@example.org"}, "ada_abel_1"),
        ("find_user_id_by_email", {"email": "x"}, "Error: user not found"),
        (
            "find_user_id_by_name_zip",
            {"first_name": "ada", "last_name": "ABEL", "zip": "11111"},
            "ada_abel_1",
        ),
        (
            "find_user_id_by_name_zip",
            {"first_name": "ada", "last_name": "x", "zip": "1"},
            "Error: user not found",
        ),
        ("get_user_details", {"user_id": "x"}, "Error: user not found"),
        ("get_order_details", {"order_id": "W1"}, "Error: order not found"),
        ("get_product_details", {"product_id": "91"}, "Error: product not found"),
        ("get_item_details", {"item_id": "9"}, "Error: item not found"),
        ("list_all_product_types", {}, '{"Lamp": "9"}'),
        ("calculate", {"expression": "2 + 3 * (4 - 1) / 2"}, "6.5"),
        ("calculate", {"expression": "1/0"}, "Error: division by zero"),
        ("calculate", {"expression": "9**9**9"}, "Error: number too large"),
        ("calculate", {"expression": "1+"}, "Error: invalid syntax (<string>, line 1)"),
        ("calculate", {"expression": "2(3)"}, "Error: 'int' object is not callable"),
        ("calculate", {"expression": "abs(1)"}, "Error: invalid characters in expression"),
        ("think", {"thought": "hm"}, ""),
        (
            "cancel_pending_order",
            {"order_id": "#W2", "reason": "no longer needed"},
            "Error: non-pending order cannot",
        ),
        (
            "modify_pending_order_payment",
            {"order_id": "#W1", "payment_method_id": "x"},
            "Error: payment method not",
        ),
        (
            "modify_pending_order_payment",
            {"order_id": "#W1", "payment_method_id": "gift_card_1"},
            "Error: the new payment method should be different from the current one",
        ),
        (
            "return_delivered_order_items",
            {"order_id": "#W1", "item_ids": [], "payment_method_id": "x"},
            "Error: non-del",
        ),
        (
            "return_delivered_order_items",
            {"order_id": "#W2", "item_ids": ["91", "91", "91"], "payment_method_id": "paypal_1"},
            "Error: some item not found",
        ),
    ],
)
def test_retail__reads_and_refusals(
    env: CustomerServiceEnv, name: str, arguments: dict[str, Any], said: str
) -> None:
    env.reset(seed=0, options={"task": "retail/0"})
    result = call(env, name, **arguments)
    assert result.startswith(said) and (said or not result)
    assert not env._database.changed()


@pytest.mark.parametrize(
    ("old", "new", "payer", "said"),
    [
        (["91"], ["92", "93"], "paypal_1", "Error: the number of items to be exchanged should match"),
        (["92"], ["91"], "paypal_1", "Error: 92 not found"),
        (["91"], ["94"], "paypal_1", "Error: new item 94 not found or available"),
        (["91"], ["95"], "paypal_1", "Error: new item 95 not found or available"),
        (["91"], ["92"], "paypal_2", "Error: payment method not found"),
        (["91"], ["93"], "gift_card_1", "Error: insufficient gift card balance to pay for the "),
    ],
)
def test_retail__exchanges_are_refused_alike_before_and_after_delivery(
    env: CustomerServiceEnv, old: list[str], new: list[str], payer: str, said: str
) -> None:
    env.reset(seed=0, options={"task": "retail/0"})
    arguments = {"item_ids": old, "new_item_ids": new, "payment_method_id": payer}
    assert call(env, "modify_pending_order_items", order_id="#W1", **arguments).startswith(said)
    assert call(env, "exchange_delivered_order_items", order_id="#W2", **arguments).startswith(said)
    assert not env._database.changed()


def test_retail__two_items_of_one_kind_are_changed_one_after_the_other(env: CustomerServiceEnv) -> None:
    env.reset(seed=0, options={"task": "retail/0"})
    swap = {"item_ids": ["91", "91"], "new_item_ids": ["92", "92"], "payment_method_id": "gift_card_1"}
    changed = json.loads(call(env, "modify_pending_order_items", order_id="#W1", **swap))
    assert [item["item_id"] for item in changed["items"]] == ["92", "92"]
    assert changed["status"] == "pending (item modified)"
    card = env._database.row("users", "ada_abel_1")["payment_methods"]["gift_card_1"]
    assert card["balance"] == 10.0
    assert call(env, "modify_pending_order_items", order_id="#W1", **swap).startswith("Error: non-pending")


def test_retail__a_changed_payment_moves_the_money(env: CustomerServiceEnv) -> None:
    env.reset(seed=0, options={"task": "retail/0"})
    changed = json.loads(
        call(env, "modify_pending_order_payment", order_id="#W1", payment_method_id="paypal_1")
    )
    assert [entry["transaction_type"] for entry in changed["payment_history"]] == [
        "payment",
        "payment",
        "refund",
    ]
    card = env._database.row("users", "ada_abel_1")["payment_methods"]["gift_card_1"]
    assert card["balance"] == 35.0
    again = call(env, "modify_pending_order_payment", order_id="#W1", payment_method_id="gift_card_1")
    assert again == "Error: there should be exactly one payment for a pending order"
