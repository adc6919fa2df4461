"""A small world of a shop: customers, products with variants, orders and deliveries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import product as combinations
from typing import Any, Final, Literal, TypeVar

import numpy as np

from envs.tooluse.customer.database import Row
from envs.tooluse.customer.shop.words import CARRIERS, CATALOGUE, CITIES, FIRST, LAST, STREETS

__all__ = ["TODAY", "Status", "World"]

TODAY: Final = date(2025, 6, 16)
"""The day of every task; the policy says so."""

Status = Literal["open", "sent", "delivered"]

_PRODUCTS: Final = 8
_OTHERS: Final = 3
_T = TypeVar("_T")


class World:
    """Tables of a shop, with one customer who is going to call, and builders of what that customer needs.

    Args:
        rng: Source of all chance.
        stamp: Residue modulo 3 of all order numbers: worlds of different stamps are never equal.
    """

    def __init__(self, rng: np.random.Generator, stamp: int) -> None:
        self._rng, self._stamp = rng, stamp
        self._numbers: set[int] = set()
        self._drawn: list[int] = []
        self.tables: dict[str, dict[str, Row]] = {
            "customers": {},
            "products": {},
            "orders": {},
            "deliveries": {},
        }
        for name in self.some(tuple(CATALOGUE), _PRODUCTS):
            self._add_product(name)
        self._unsold = self.some(tuple(self.tables["products"]), _PRODUCTS)
        people = self.some(tuple(combinations(FIRST, LAST)), _OTHERS + 1)
        self.caller, *others = [self._add_customer(first, last) for first, last in people]
        statuses: tuple[Status, ...] = ("open", "sent", "delivered")
        for other in others:
            self.add_order(other, self.one(statuses), [self.one(tuple(self.tables["products"]))])

    def one(self, things: Sequence[_T]) -> _T:
        """Draw one."""
        return things[int(self._rng.integers(len(things)))]

    def some(self, things: Sequence[_T], count: int) -> list[_T]:
        """Draw several different ones."""
        return [things[i] for i in self._rng.permutation(len(things))[:count]]

    def chance(self, share: float) -> bool:
        """Toss a coin."""
        return bool(self._rng.random() < share)

    def days(self, low: int, high: int) -> timedelta:
        """Draw a number of days in [low, high]."""
        return timedelta(days=int(self._rng.integers(low, high + 1)))

    def take_product(self) -> str:
        """Draw a product that the caller has not ordered, so that it names one order."""
        return self._unsold.pop()

    def order_of_caller(self, status: Status, **dates: date) -> Row:
        """Add an order of the caller, with one or two products that stand in no other order of hers."""
        products = [self.take_product() for _ in range(1 + self.chance(0.3))]
        return self.add_order(self.caller, status, products, **dates)

    def add_order(
        self,
        customer: Row,
        status: Status,
        products: Sequence[str],
        *,
        delivered: date | None = None,
        expected: date | None = None,
    ) -> Row:
        """Add an order.

        Args:
            customer: Who has ordered.
            status: How far it is.
            products: What was ordered: a variant of each.
            delivered: When it was delivered; None: within the last 25 days.
            expected: When it is expected, where it is on its way; None: in the next days.
        """
        order_id, delivery_id = self._number("A", self._stamp), self._number("D")
        lines = [self._line(product_id) for product_id in products]
        came = delivered or TODAY - self.days(1, 25)
        ordered = came - self.days(3, 9) if status == "delivered" else TODAY - self.days(10, 14)
        order = {
            "order_id": order_id,
            "customer_id": customer["customer_id"],
            "ordered_on": ordered.isoformat(),
            "status": status,
            "lines": lines,
            "total_cents": sum(line["price_cents"] for line in lines),
            "paid_with": self.one(_payers(customer)),
            "address": dict(customer["address"]),
            "delivery_id": None if status == "open" else delivery_id,
        }
        if status != "open":
            due = came if status == "delivered" else expected or TODAY + self.days(1, 6)
            self.tables["deliveries"][delivery_id] = {
                "delivery_id": delivery_id,
                "order_id": order_id,
                "carrier": self.one(CARRIERS),
                "expected_on": due.isoformat(),
                "delivered_on": came.isoformat() if status == "delivered" else None,
            }
        self.tables["orders"][order_id] = order
        customer["orders"].append(order_id)
        return order

    def address(self) -> dict[str, str]:
        """Make an address up."""
        street = f"{int(self._rng.integers(1, 200))} {self.one(STREETS)}"
        return {"street": street, "city": self.one(CITIES), "postcode": self._number("", None)}

    def _line(self, product_id: str) -> Row:
        product = self.tables["products"][product_id]
        variant = product["variants"][self.one(tuple(product["variants"]))]
        return {
            "item_id": variant["item_id"],
            "product_id": product_id,
            "name": product["name"],
            "price_cents": variant["price_cents"],
        }

    def _add_product(self, name: str) -> None:
        product_id = self._number("P")
        options = CATALOGUE[name]
        usual = int(self._rng.integers(900, 20_000))
        variants: dict[str, Row] = {}
        for values in self.some(tuple(combinations(*options.values())), 6):
            item_id = self._number("I")
            variants[item_id] = {
                "item_id": item_id,
                "options": dict(zip(options, values, strict=True)),
                "price_cents": usual + int(self._rng.integers(0, 2000)),
                "stock": 0 if self.chance(0.2) else int(self._rng.integers(1, 9)),
            }
        self.tables["products"][product_id] = {"product_id": product_id, "name": name, "variants": variants}

    def _add_customer(self, first: str, last: str) -> Row:
        customer_id = self._number("C")
        wallet: dict[str, dict[str, Any]] = {}
        for kind in self.some(("card", "account", "voucher"), 2):
            method_id = self._number(f"{kind}-")
            balance = {"balance_cents": int(self._rng.integers(500, 9000))} if kind == "voucher" else {}
            wallet[method_id] = {"method_id": method_id, "kind": kind, **balance}
        customer = {
            "customer_id": customer_id,
            "first_name": first,
            "last_name": last,
            "email": f"{first}.{last}{int(self._rng.integers(10, 100))}@example.org".lower(),
            "address": self.address(),
            "wallet": wallet,
            "orders": [],
        }
        self.tables["customers"][customer_id] = customer
        return customer

    def _number(self, prefix: str, residue: int | None = None) -> str:
        """Draw a number of six digits that no other thing of this world has."""
        while True:
            if not self._drawn:
                self._drawn = self._rng.integers(100_000, 1_000_000, 128).tolist()
            number = self._drawn.pop()
            number -= 0 if residue is None else (number - residue) % 3
            if number >= 100_000 and number not in self._numbers:
                self._numbers.add(number)
                return f"{prefix}{number}"


def _payers(customer: Row) -> list[str]:
    """List the methods that can pay an order: all but vouchers."""
    return [key for key, method in customer["wallet"].items() if method["kind"] != "voucher"]
