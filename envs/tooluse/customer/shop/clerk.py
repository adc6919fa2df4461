"""A clerk without a model: rules over the words of the customer and the answers of the tools.

It knows how to find a customer and an order, and serves what can be served with an order alone: it cancels,
sends elsewhere, takes back, gives vouchers and answers questions. Everything else it hands over to a human.
It stands between the floor and the oracle, and shows what a score is worth.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from agentgym.trajectory import Decision, Turn
from envs.tooluse.core import Tool, ToolCall, toolbox
from envs.tooluse.customer.database import Row
from envs.tooluse.customer.shop.policy import VOUCHER_SHARE
from envs.tooluse.customer.shop.requests import money
from envs.tooluse.customer.shop.world import TODAY
from envs.tooluse.customer.task import TRANSFER
from envs.tooluse.customer.users import STOP
from envs.tooluse.formats import Message, format_named

__all__ = ["ClerkAgent"]

_WHO: Final = "What is your email, or your name and postcode?"
_MORE: Final = "I see. What else do you want?"
_EMAIL: Final = re.compile(r"[\w.]+@[\w.]+\w")
_NAME: Final = re.compile(r"My name is (\w+) (\w+)")
_POSTCODE: Final = re.compile(r"[Mm]y postcode is (\d+)")
_ORDER: Final = re.compile(r"\b(A\d{6})\b")
_THING: Final = re.compile(r"the order with the ([a-z ]+?)(?= to |\.|,|\?| and | was )")
_ADDRESS: Final = re.compile(r"address is (.+), (.+), postcode (\d+)")
_REASONS: Final = {"mistake": "mistake", "expensive": "too expensive"}

Step = ToolCall | str
"""What the clerk does next: a call, or words."""


class ClerkAgent:
    """Serves the shop's customers by rules.

    Args:
        action_format: The format that the environment reads.
    """

    spec = "clerk"
    wants_oracle = False

    def __init__(self, action_format: str = "hermes") -> None:
        self._format = format_named(action_format)

    def act(self, turns: Sequence[Turn]) -> list[Decision]:
        """Answer every turn by what was said in its conversation."""
        return [Decision(self._answer(turn.info["extra"])) for turn in turns]

    def _answer(self, extra: Mapping[str, Any]) -> str:
        step = _next(extra["messages"])
        tools = toolbox(Tool.from_openai(record, dict) for record in extra["tools"])
        return self._format.write(Message(text=step) if isinstance(step, str) else Message((step,)), tools)


def _next(messages: Sequence[Mapping[str, Any]]) -> Step:
    """Choose the next step of a conversation."""
    heard = [message["content"] for message in messages if message["role"] == "user"]
    said = {message["content"] for message in messages if message["role"] == "assistant"}
    known = _results(messages)
    if _WHO not in said:
        return _WHO
    if _MORE not in said:
        return _MORE
    who = _who(" ".join(heard), known)
    if isinstance(who, ToolCall):
        return who
    order = _order(" ".join(heard), who, known)
    return order if isinstance(order, ToolCall) else _serve(" ".join(heard), order, known)


def _results(messages: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], Any]:
    """Return what each call has brought, by name and arguments; a text where it is no JSON."""
    calls = {call["id"]: call["function"] for message in messages for call in message.get("tool_calls", ())}
    found = {}
    for message in messages:
        if message["role"] == "tool":
            call = calls[message["tool_call_id"]]
            found[call["name"], json.dumps(call["arguments"])] = _decoded(message["content"])
    return found


def _decoded(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _look(known: Mapping[tuple[str, str], Any], name: str, **arguments: Any) -> Any:
    """Return what a call has brought; the call itself where it was not made yet."""
    return known.get((name, json.dumps(arguments)), ToolCall(name, arguments))


def _who(heard: str, known: Mapping[tuple[str, str], Any]) -> Row | ToolCall:
    """Find the customer's row, or the call that leads to it."""
    email, name, postcode = _EMAIL.search(heard), _NAME.search(heard), _POSTCODE.search(heard)
    if email:
        found = _look(known, "find_customer_by_email", email=email[0])
    elif name and postcode:
        found = _look(
            known, "find_customer_by_name", first_name=name[1], last_name=name[2], postcode=postcode[1]
        )
    else:
        found = _hand_over("I do not know who this is.")
    found = found if isinstance(found, ToolCall) else _look(known, "get_customer", customer_id=found)
    return found if isinstance(found, dict | ToolCall) else _hand_over(str(found))


def _order(heard: str, customer: Row, known: Mapping[tuple[str, str], Any]) -> Row | ToolCall | None:
    """Find the order that is meant, or the call that leads to it; None where none is."""
    number, thing = _ORDER.search(heard), _THING.search(heard)
    if number:
        found = _look(known, "get_order", order_id=number[1])
        return found if isinstance(found, dict | ToolCall) else None
    for order_id in customer["orders"] if thing else ():
        order = _look(known, "get_order", order_id=order_id)
        if isinstance(order, ToolCall):
            return order
        if thing and thing[1] in (line["name"] for line in order["lines"]):
            return dict(order)
    return None


def _serve(heard: str, order: Row | None, known: Mapping[tuple[str, str], Any]) -> Step:
    """Do what is wanted with an order; once it is done, say what there is to say and leave."""
    serve = next((serve for words, serve in _SERVICES.items() if words in heard), None)
    if serve is None or order is None:
        return _hand_over(heard[:200])
    delivery: Any = None
    if order["delivery_id"]:
        delivery = _look(known, "get_delivery", delivery_id=order["delivery_id"])
        if isinstance(delivery, ToolCall):
            return delivery
    step = serve(heard, order, delivery or {})
    if isinstance(step, ToolCall):
        result = _look(known, step.name, **step.arguments)
        return result if isinstance(result, ToolCall) else f"That is done. {STOP}"
    return f"{step} {STOP}"


def _cancel(heard: str, order: Row, delivery: Row) -> Step:
    if order["status"] != "open":
        return f"It is on its way and {_expected(delivery)}: it cannot be cancelled."
    reason = next((reason for word, reason in _REASONS.items() if word in heard), "not needed")
    return ToolCall("cancel_order", {"order_id": order["order_id"], "reason": reason})


def _send_elsewhere(heard: str, order: Row, delivery: Row) -> Step:
    address = _ADDRESS.search(heard)
    if address is None:
        return "I have not understood the address."
    street, city, postcode = address.groups()
    where = {"street": street, "city": city, "postcode": postcode}
    return ToolCall("change_address", {"order_id": order["order_id"], **where})


def _take_back(heard: str, order: Row, delivery: Row) -> Step:
    names = [line for line in order["lines"] if f"return the {line['name']}" in heard]
    if not names:
        return f"It was delivered on {delivery.get('delivered_on')}: it cannot be returned."
    refund = {"item_ids": [names[0]["item_id"]], "refund_to": order["paid_with"]}
    return ToolCall("return_items", {"order_id": order["order_id"], **refund})


def _compensate(heard: str, order: Row, delivery: Row) -> Step:
    if delivery.get("expected_on", "") >= TODAY.isoformat():
        return f"It is not late: it was {_expected(delivery)}."
    amount = order["total_cents"] // VOUCHER_SHARE
    return ToolCall("send_voucher", {"order_id": order["order_id"], "amount_cents": amount})


def _tell(heard: str, order: Row, delivery: Row) -> Step:
    return f"The total is {money(order['total_cents'])}; it was {_expected(delivery)}."


def _expected(delivery: Row) -> str:
    return f"expected on {delivery['expected_on']}" if delivery else "not sent yet"


def _hand_over(why: str) -> ToolCall:
    return ToolCall(TRANSFER, {"summary": why})


_SERVICES: Final[dict[str, Callable[[str, Row, Row], Step]]] = {
    "want to cancel": _cancel,
    "to another address": _send_elsewhere,
    "want to return": _take_back,
    "still waiting": _compensate,
    "the total of": _tell,
    "For which day": _tell,
}
