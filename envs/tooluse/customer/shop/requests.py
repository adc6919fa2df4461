"""What customers of the shop want: a maker for each kind of wish, which adds to the world what it needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from envs.tooluse.core import ToolCall
from envs.tooluse.customer.database import Row
from envs.tooluse.customer.shop.policy import RETURN_DAYS, VOUCHER_SHARE
from envs.tooluse.customer.shop.world import TODAY, World

__all__ = ["MAKERS", "Request", "money"]


@dataclass(frozen=True, slots=True)
class Request:
    """One wish.

    Attributes:
        wish: It, in the customer's words.
        details: What else is to be told.
        answers: What is answered when asked for a topic.
        calls: The calls that fulfil it, once the customer is found.
        outputs: What must be said.
        hand_over: Whether a human must take over.
    """

    wish: str
    details: tuple[str, ...] = ()
    answers: Mapping[str, str] | None = None
    calls: tuple[ToolCall, ...] = ()
    outputs: tuple[str, ...] = ()
    hand_over: bool = False


def money(cents: int) -> str:
    """Write an amount: 5730 is "57.30"."""
    return f"{cents // 100}.{cents % 100:02d}"


def cancel(world: World) -> Request:
    """Cancel an open order."""
    order = world.order_of_caller("open")
    reason, words = world.one(
        (
            ("not needed", "I do not need it any more."),
            ("mistake", "I ordered it by mistake."),
            ("too expensive", "I found it cheaper elsewhere: it is too expensive."),
        )
    )
    named, asked = _order_words(world, order)
    return Request(
        f"I want to cancel {named}.",
        (words,),
        {"order": asked, "reason": words},
        (_look(order), _call("cancel_order", order_id=order["order_id"], reason=reason)),
    )


def readdress(world: World) -> Request:
    """Send an open order elsewhere."""
    order, address = world.order_of_caller("open"), world.address()
    named, asked = _order_words(world, order)
    detail = "The new address is {street}, {city}, postcode {postcode}.".format(**address)
    return Request(
        f"Please send {named} to another address.",
        (detail,),
        {"order": asked},
        (_look(order), _call("change_address", order_id=order["order_id"], **address)),
    )


def swap(world: World) -> Request:
    """Change an item of an open order for another variant."""
    order = world.order_of_caller("open")
    line = world.one(order["lines"])
    product = world.tables["products"][line["product_id"]]
    variants = product["variants"]
    others = [variant for key, variant in variants.items() if key != line["item_id"]]
    new = world.one([variant for variant in others if variant["stock"]] or others)
    new["stock"] = max(1, new["stock"])
    named, asked = _order_words(world, order, line["name"])
    return Request(
        f"I want another {line['name']} than the one in {named}.",
        (f"It should be this one: {_options(new)}.",),
        {"order": asked},
        (
            _look(order),
            _call("get_product", product_id=product["product_id"]),
            _call(
                "swap_item",
                order_id=order["order_id"],
                item_id=line["item_id"],
                new_item_id=new["item_id"],
            ),
        ),
    )


def send_back(world: World) -> Request:
    """Return an item in time."""
    order = world.order_of_caller("delivered")
    line = world.one(order["lines"])
    vouchers = [key for key, method in world.caller["wallet"].items() if method["kind"] == "voucher"]
    by_voucher = bool(vouchers) and world.chance(0.5)
    words = "Please put the money on my voucher." if by_voucher else "Please refund what I paid with."
    named, asked = _order_words(world, order, line["name"])
    return Request(
        f"I want to return the {line['name']} from {named}.",
        (words,),
        {"order": asked, "payment": words},
        (
            _look(order),
            _call("get_delivery", delivery_id=order["delivery_id"]),
            _call(
                "return_items",
                order_id=order["order_id"],
                item_ids=[line["item_id"]],
                refund_to=vouchers[0] if by_voucher else order["paid_with"],
            ),
        ),
    )


def late(world: World) -> Request:
    """Ask for something in return for a late delivery."""
    order = world.order_of_caller("sent", expected=TODAY - world.days(1, 6))
    named, asked = _order_words(world, order)
    return Request(
        f"I am still waiting for {named} and want something in return.",
        (),
        {"order": asked},
        (
            _look(order),
            _call("get_delivery", delivery_id=order["delivery_id"]),
            _call(
                "send_voucher",
                order_id=order["order_id"],
                amount_cents=order["total_cents"] // VOUCHER_SHARE,
            ),
        ),
    )


def buy(world: World) -> Request:
    """Order the cheapest variant that has a certain option."""
    product = world.tables["products"][world.take_product()]
    wanted = world.one(tuple(product["variants"].values()))
    wanted["stock"] = max(1, wanted["stock"])
    option = world.one(tuple(wanted["options"]))
    value = wanted["options"][option]
    fitting = [v for v in product["variants"].values() if v["options"][option] == value and v["stock"]]
    best = min(fitting, key=lambda variant: variant["price_cents"])
    best["price_cents"] -= 1  # no other is as cheap
    payer = world.one([m for m in world.caller["wallet"].values() if m["kind"] != "voucher"])
    words = f"I pay with my {payer['kind']}."
    return Request(
        f"I want to buy a {product['name']} with {option} {value}, the cheapest that you have in stock.",
        (words,),
        {"payment": words},
        (
            _call("list_products"),
            _call("get_product", product_id=product["product_id"]),
            _call(
                "place_order",
                customer_id=world.caller["customer_id"],
                item_ids=[best["item_id"]],
                pay_with=payer["method_id"],
            ),
        ),
    )


def ask(world: World) -> Request:
    """Ask for a total, a day or a price."""
    if world.chance(0.4):
        product = world.tables["products"][world.take_product()]
        variant = world.one(tuple(product["variants"].values()))
        return Request(
            f"What does the {product['name']} cost with {_options(variant)}?",
            calls=(_call("list_products"), _call("get_product", product_id=product["product_id"])),
            outputs=(money(variant["price_cents"]),),
        )
    order = world.order_of_caller(world.one(("sent", "delivered")))
    named, asked = _order_words(world, order)
    if world.chance(0.5):
        total = (money(order["total_cents"]),)
        return Request(f"What is the total of {named}?", (), {"order": asked}, (_look(order),), total)
    delivery = world.tables["deliveries"][order["delivery_id"]]
    look = _look(order), _call("get_delivery", delivery_id=order["delivery_id"])
    day = (delivery["expected_on"],)
    return Request(f"For which day was {named} expected?", (), {"order": asked}, look, day)


def refuse(world: World) -> Request:
    """Want what the rules forbid, and then ask for a day."""
    if world.chance(0.5):
        order = world.order_of_caller("sent")
        wish, otherwise = (
            "I want to cancel {}.",
            "If you cannot do that, tell me for which day it is expected.",
        )
        key = "expected_on"
    else:
        long_ago: date = TODAY - timedelta(days=RETURN_DAYS) - world.days(2, 30)
        order = world.order_of_caller("delivered", delivered=long_ago)
        wish, otherwise = (
            "I want to return all of {}.",
            "If you cannot do that, tell me when it was delivered.",
        )
        key = "delivered_on"
    named, asked = _order_words(world, order)
    delivery = world.tables["deliveries"][order["delivery_id"]]
    return Request(
        wish.format(named),
        (otherwise,),
        {
            "order": asked,
            "payment": "Please refund what I paid with.",
            "reason": "I do not need it any more.",
        },
        (_look(order), _call("get_delivery", delivery_id=order["delivery_id"])),
        (delivery[key],),
    )


def human(world: World) -> Request:
    """Want what no tool can do."""
    wish = world.one(
        (
            "I have married and want another last name on my account.",
            "The courier has damaged my door. I want to talk about it with somebody.",
            "I want to delete my account.",
            "I want to sell my own products in your shop.",
            "I want an invoice with a tax number for last year.",
        )
    )
    return Request(wish, hand_over=True)


MAKERS: Final[dict[str, Callable[[World], Request]]] = {
    "cancel": cancel,
    "address": readdress,
    "swap": swap,
    "return": send_back,
    "late": late,
    "buy": buy,
    "ask": ask,
    "refuse": refuse,
    "human": human,
}


def _order_words(world: World, order: Row, known: str = "") -> tuple[str, str]:
    """Name an order, by number or by what is in it; and say it again when asked."""
    if world.chance(0.6):
        return f"order {order['order_id']}", f"It is order {order['order_id']}."
    thing = known or order["lines"][0]["name"]
    return f"the order with the {thing}", f"I do not know its number. It is the one with the {thing}."


def _options(variant: Row) -> str:
    return ", ".join(f"{name} {value}" for name, value in variant["options"].items())


def _look(order: Row) -> ToolCall:
    return _call("get_order", order_id=order["order_id"])


def _call(name: str, **arguments: Any) -> ToolCall:
    return ToolCall(name, arguments)
