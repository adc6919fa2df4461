from __future__ import annotations

from typing import Any

import pytest

from agentgym.hashing import digest
from agentgym.testing import check_text_env
from envs.tooluse.core import ToolCall
from envs.tooluse.customer.database import Database
from envs.tooluse.customer.env import CustomerServiceEnv
from envs.tooluse.customer.shop.desk import ShopDesk
from envs.tooluse.customer.shop.domain import KINDS, ShopDomain
from envs.tooluse.customer.task import SPLITS
from envs.tooluse.customer.users import STOP
from envs.tooluse.formats import Message


def desk_of(task: str) -> tuple[ShopDesk, list[ToolCall]]:
    domain = ShopDomain()
    return ShopDesk(Database(domain.base(task))), list(domain.task(task).actions)


def last_call(task: str) -> tuple[ShopDesk, ToolCall]:
    desk, actions = desk_of(task)
    return desk, actions[-1]


def test_customer_service__keeps_the_contract() -> None:
    check_text_env("agentgym/CustomerService-v0", episodes=2, resets=300, processes=False)


@pytest.mark.parametrize("user", ["scripted", "ticket"])
@pytest.mark.parametrize("strict", [False, True])
def test_shop__oracle_solves_everything_and_silence_nothing(user: str, strict: bool) -> None:
    env = CustomerServiceEnv(user=user, strict=strict)
    for split in SPLITS:
        for task in env.tasks(split)[:50]:
            env.reset(seed=0, options={"task": task})
            assert not env.step(STOP)[4]["success"], task
            _, info = env.reset(seed=0, options={"task": task})
            over = False
            while not over:
                _, reward, terminated, truncated, info = env.step(env.oracle_action())
                over = terminated or truncated
            assert info["success"] and reward == info["score"] == info["progress"] == 1.0, task


def test_shop__dense_rewards_sum_to_the_progress() -> None:
    env = CustomerServiceEnv(reward="dense")
    for task in env.tasks("train")[:20]:
        env.reset(seed=0, options={"task": task})
        total, over = 0.0, False
        while not over:
            _, reward, terminated, truncated, info = env.step(env.oracle_action())
            total, over = total + reward, terminated or truncated
        assert total == pytest.approx(1.0)
        assert info["success"]


def test_shop__worlds_of_splits_never_meet() -> None:
    domain, orders = ShopDomain(), dict[str, set[int]]()
    for split in SPLITS:
        bases = [domain.base(task) for task in domain.tasks(split)[:60]]
        orders[split] = {int(order[1:]) % 3 for base in bases for order in base.tables["orders"]}
    assert [len(residues) for residues in orders.values()] == [1, 1, 1]
    assert len(set.union(*orders.values())) == 3


def test_shop__a_task_is_the_same_whenever_it_is_made() -> None:
    tasks = ShopDomain().tasks("test")[:40]
    first = [digest(ShopDomain().base(task).tables) for task in tasks]
    again = [digest(ShopDomain().base(task).tables) for task in reversed(tasks)]
    assert first == again[::-1]
    assert len(set(first)) == len(tasks)


def test_customer_service__tools_are_known_before_a_reset() -> None:
    env = CustomerServiceEnv()
    names = [schema["function"]["name"] for schema in env.tools]
    assert len(names) == 14 and "cancel_order" in names
    env.reset(seed=0)
    assert [schema["function"]["name"] for schema in env.tools] == names


def test_shop__kinds_take_turns_and_name_the_kind() -> None:
    tasks = ShopDomain().tasks("train")
    assert len(tasks) == 1_000_000
    assert [CustomerServiceEnv.kind_of(task) for task in tasks[: len(KINDS)]] == list(KINDS)
    assert CustomerServiceEnv.kind_of("retail/test/0") == ""


def test_shop_desk__cancelled_items_are_back_in_stock() -> None:
    desk, call = last_call("train/cancel/0")
    line = desk.database.row("orders", call.arguments["order_id"])["lines"][0]

    def stock() -> int:
        variants = desk.database.row("products", line["product_id"])["variants"]
        return int(variants[line["item_id"]]["stock"])

    before = stock()
    order = desk.cancel_order(**call.arguments)
    assert order["status"] == "cancelled" and stock() == before + 1
    assert desk.cancel_order(**call.arguments) == "Error: the order is cancelled, not open."


def test_shop_desk__a_swap_settles_price_and_stock() -> None:
    desk, call = last_call("train/swap/0")
    before = desk.database.row("orders", call.arguments["order_id"])
    order = desk.swap_item(**call.arguments)
    assert order["total_cents"] == sum(line["price_cents"] for line in order["lines"])
    assert order != before and len(desk.database.changed()) == 2
    assert desk.swap_item(**call.arguments) == "Error: the order holds no such item."


@pytest.mark.parametrize("number", range(6))
def test_shop_desk__a_return_is_taken_once_and_pays_to_where_it_may(number: int) -> None:
    desk, call = last_call(f"train/return/{number}")
    arguments = dict(call.arguments)
    assert "the money goes to" in desk.return_items(**{**arguments, "refund_to": "card-1"})
    order = desk.return_items(**arguments)
    assert [entry["item_id"] for entry in order["returns"]] == arguments["item_ids"]
    by_voucher = arguments["refund_to"].startswith("voucher")
    assert len(desk.database.changed()) == 1 + by_voucher
    assert "returned before" in desk.return_items(**arguments)


def test_shop_desk__a_late_order_gets_one_voucher() -> None:
    desk, call = last_call("train/late/0")
    assert desk.send_voucher(**call.arguments).endswith("was given.")
    assert desk.send_voucher(**call.arguments) == "Error: this order has got its voucher."
    assert "at least one cent" in desk.send_voucher(call.arguments["order_id"], 0)


def test_shop_desk__an_order_takes_from_the_stock_until_nothing_is_left() -> None:
    desk, call = last_call("train/buy/0")
    placed = []
    while isinstance(order := desk.place_order(**call.arguments), dict):
        placed.append(order["order_id"])
        assert len(placed) < 20
    assert order.endswith("does not exist or is out of stock.")
    assert len(set(placed)) == len(placed) >= 1


def test_shop__a_wrong_change_spoils_the_score() -> None:
    env = CustomerServiceEnv()
    env.reset(seed=0, options={"task": "train/ask/1"})
    order = next(iter(env._database.rows("orders")))[0]
    env._database.edit("orders", order)["status"] = "open"
    cancel = ToolCall("cancel_order", {"order_id": order, "reason": "mistake"})
    env.step(env._write(Message((cancel,))))
    over = False
    while not over:
        _, reward, terminated, truncated, info = env.step(env.oracle_action())
        over = terminated or truncated
    assert terminated and reward == 0.0 and not info["success"]
    assert info["extra"]["reward_parts"] == {"state": 0.0, "outputs": 1.0, "calls": 1.0}


def test_shop__only_a_handover_where_one_is_due_succeeds() -> None:
    env, won = CustomerServiceEnv(), dict[str, Any]()
    transfer = ToolCall("transfer_to_human_agents", {"summary": "x"})
    for kind in KINDS:
        env.reset(seed=0, options={"task": f"train/{kind}/0"})
        *_, terminated, _, info = env.step(env._write(Message((transfer,))))
        assert terminated
        won[kind] = info["success"]
    assert [kind for kind in KINDS if won[kind]] == ["human"]
