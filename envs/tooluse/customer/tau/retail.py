"""The tools of tau-bench's retail domain, and `get_item_details`, which tau2-bench adds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from envs.tooluse.core import tool
from envs.tooluse.customer.database import Row
from envs.tooluse.customer.tau.desk import TauDesk

__all__ = ["RetailDesk"]


class RetailDesk(TauDesk):
    """A shop's desk, over the tables `orders`, `products` and `users`."""

    @tool
    def find_user_id_by_email(self, email: str) -> str:
        """Find a user id by email.

        Args:
            email: The email, such as "something@example.com".
        """
        for user_id, user in self.database.rows("users"):
            if user["email"].lower() == email.lower():
                return user_id
        return "Error: user not found"

    @tool
    def find_user_id_by_name_zip(self, first_name: str, last_name: str, zip: str) -> str:
        """Find a user id by first name, last name and zip code, where the email is not known.

        Args:
            first_name: First name, such as "John".
            last_name: Last name, such as "Doe".
            zip: Zip code, such as "12345".
        """
        wanted = first_name.lower(), last_name.lower(), zip
        for user_id, user in self.database.rows("users"):
            name = user["name"]
            if (name["first_name"].lower(), name["last_name"].lower(), user["address"]["zip"]) == wanted:
                return user_id
        return "Error: user not found"

    @tool
    def get_user_details(self, user_id: str) -> Row | str:
        """Look a user up, with addresses, payment methods and orders.

        Args:
            user_id: The user id, such as "sara_doe_496".
        """
        return self._found("users", user_id, "Error: user not found")

    @tool
    def get_order_details(self, order_id: str) -> Row | str:
        """Look an order up.

        Args:
            order_id: The order id with its "#", such as "#W0000000".
        """
        return self._found("orders", order_id, "Error: order not found")

    @tool
    def get_product_details(self, product_id: str) -> Row | str:
        """Look a product up, with its variants.

        Args:
            product_id: The product id, such as "6086499569"; it is not the id of an item.
        """
        return self._found("products", product_id, "Error: product not found")

    @tool
    def get_item_details(self, item_id: str) -> Row | str:
        """Look an item up: one variant of a product.

        Args:
            item_id: The item id, such as "1008292230"; it is not the id of a product.
        """
        for _, product in self.database.rows("products"):
            if item_id in product["variants"]:
                variant: Row = product["variants"][item_id]
                return variant
        return "Error: item not found"

    @tool
    def list_all_product_types(self) -> dict[str, str]:
        """List names and ids of all products."""
        return dict(sorted((row["name"], row["product_id"]) for _, row in self.database.rows("products")))

    @tool
    def modify_user_address(
        self, user_id: str, address1: str, address2: str, city: str, state: str, country: str, zip: str
    ) -> Row | str:
        """Change a user's default address.

        Args:
            user_id: The user id, such as "sara_doe_496".
            address1: First line, such as "123 Main St".
            address2: Second line, such as "Apt 1" or "".
            city: City, such as "San Francisco".
            state: State, such as "CA".
            country: Country, such as "USA".
            zip: Zip code, such as "12345".
        """
        if not self.database.has("users", user_id):
            return "Error: user not found"
        user = self.database.edit("users", user_id)
        user["address"] = _address(address1, address2, city, state, country, zip)
        return user

    @tool
    def modify_pending_order_address(
        self, order_id: str, address1: str, address2: str, city: str, state: str, country: str, zip: str
    ) -> Row | str:
        """Change the address that a pending order is sent to.

        Args:
            order_id: The order id with its "#", such as "#W0000000".
            address1: First line, such as "123 Main St".
            address2: Second line, such as "Apt 1" or "".
            city: City, such as "San Francisco".
            state: State, such as "CA".
            country: Country, such as "USA".
            zip: Zip code, such as "12345".
        """
        refusal = self._refusal(order_id, "pending", "modified")
        if refusal:
            return refusal
        order = self.database.edit("orders", order_id)
        order["address"] = _address(address1, address2, city, state, country, zip)
        return order

    @tool
    def cancel_pending_order(
        self, order_id: str, reason: Literal["no longer needed", "ordered by mistake"]
    ) -> Row | str:
        """Cancel a pending order and pay it back: to a gift card at once, otherwise in 5-7 days.

        Args:
            order_id: The order id with its "#", such as "#W0000000".
            reason: Why the user cancels.
        """
        refusal = self._refusal(order_id, "pending", "cancelled")
        if refusal:
            return refusal
        if reason not in ("no longer needed", "ordered by mistake"):
            return "Error: invalid reason"
        payments = self.database.row("orders", order_id)["payment_history"]
        cards = [payment for payment in payments if "gift_card" in payment["payment_method_id"]]
        methods = self._methods(order_id)
        for payment in cards:
            methods[payment["payment_method_id"]]  # raises here, before anything is changed
        for payment in cards:
            self._credit(order_id, payment["payment_method_id"], payment["amount"])
        order = self.database.edit("orders", order_id)
        order["status"], order["cancel_reason"] = "cancelled", reason
        order["payment_history"] += [
            _entry("refund", payment["amount"], payment["payment_method_id"]) for payment in payments
        ]
        return order

    @tool
    def modify_pending_order_payment(self, order_id: str, payment_method_id: str) -> Row | str:
        """Pay a pending order by another payment method.

        Args:
            order_id: The order id with its "#", such as "#W0000000".
            payment_method_id: The method, such as "gift_card_0000000"; it stands in the user's details.
        """
        refusal = self._refusal(order_id, "pending", "modified")
        methods = {} if refusal else self._methods(order_id)
        if refusal or payment_method_id not in methods:
            return refusal or "Error: payment method not found"
        payments = self.database.row("orders", order_id)["payment_history"]
        if len(payments) > 1 or payments[0]["transaction_type"] != "payment":
            return "Error: there should be exactly one payment for a pending order"
        former, amount = payments[0]["payment_method_id"], payments[0]["amount"]
        if former == payment_method_id:
            return "Error: the new payment method should be different from the current one"
        method = methods[payment_method_id]
        if method["source"] == "gift_card" and method["balance"] < amount:
            return "Error: insufficient gift card balance to pay for the order"
        if "gift_card" in former:
            methods[former]  # raises here, before anything is changed
            self._credit(order_id, former, amount)
        if method["source"] == "gift_card":
            self._credit(order_id, payment_method_id, -amount)
        order = self.database.edit("orders", order_id)
        order["payment_history"] += [
            _entry("payment", amount, payment_method_id),
            _entry("refund", amount, former),
        ]
        return order

    @tool
    def modify_pending_order_items(
        self, order_id: str, item_ids: list[str], new_item_ids: list[str], payment_method_id: str
    ) -> Row | str:
        """Change items of a pending order to other items of the same products. It can be done once.

        Args:
            order_id: The order id with its "#", such as "#W0000000".
            item_ids: The items to change; an item may stand twice.
            new_item_ids: The items to change them to, in the same order.
            payment_method_id: What pays or receives the difference; it stands in the user's details.
        """
        refusal = self._refusal(order_id, "pending", "modified") or self._swap_refusal(
            order_id, item_ids, new_item_ids
        )
        if refusal:
            return refusal
        difference = sum(
            new["price"] - old["price"] for old, new in self._swaps(order_id, item_ids, new_item_ids)
        )
        refusal = self._cannot_pay(order_id, payment_method_id, difference, "new item")
        if refusal:
            return refusal
        if self._methods(order_id)[payment_method_id]["source"] == "gift_card":
            self._credit(order_id, payment_method_id, -difference)
        order = self.database.edit("orders", order_id)
        kind = "payment" if difference > 0 else "refund"
        order["payment_history"].append(_entry(kind, abs(difference), payment_method_id))
        for item_id, new_item_id in zip(item_ids, new_item_ids, strict=True):
            item = _item(order, item_id)
            variant = self.database.row("products", item["product_id"])["variants"][new_item_id]
            item.update(item_id=new_item_id, price=variant["price"], options=dict(variant["options"]))
        order["status"] = "pending (item modified)"
        return order

    @tool
    def exchange_delivered_order_items(
        self, order_id: str, item_ids: list[str], new_item_ids: list[str], payment_method_id: str
    ) -> Row | str:
        """Exchange items of a delivered order for other items of the same products. It can be done once.

        Args:
            order_id: The order id with its "#", such as "#W0000000".
            item_ids: The items to exchange; an item may stand twice.
            new_item_ids: The items to get for them, in the same order.
            payment_method_id: What pays or receives the difference; it stands in the user's details.
        """
        refusal = self._refusal(order_id, "delivered", "exchanged") or self._swap_refusal(
            order_id, item_ids, new_item_ids
        )
        if refusal:
            return refusal
        pairs = self._swaps(order_id, item_ids, new_item_ids)
        difference = round(sum(new["price"] - old["price"] for old, new in pairs), 2)
        refusal = self._cannot_pay(order_id, payment_method_id, difference, "price difference")
        if refusal:
            return refusal
        order = self.database.edit("orders", order_id)
        order["status"] = "exchange requested"
        order["exchange_items"], order["exchange_new_items"] = sorted(item_ids), sorted(new_item_ids)
        order["exchange_payment_method_id"] = payment_method_id
        order["exchange_price_difference"] = difference
        return order

    @tool
    def return_delivered_order_items(
        self, order_id: str, item_ids: list[str], payment_method_id: str
    ) -> Row | str:
        """Take items of a delivered order back.

        Args:
            order_id: The order id with its "#", such as "#W0000000".
            item_ids: The items; an item may stand twice.
            payment_method_id: What receives the refund: what the order was paid by, or a gift card.
        """
        refusal = self._refusal(order_id, "delivered", "returned")
        if refusal:
            return refusal
        order = self.database.row("orders", order_id)
        if payment_method_id not in self._methods(order_id):
            return "Error: payment method not found"
        original = order["payment_history"][0]["payment_method_id"]
        if "gift_card" not in payment_method_id and payment_method_id != original:
            return "Error: payment method should be either the original payment method or a gift card"
        if next(_not_in(order, item_ids), None) is not None:
            return "Error: some item not found"
        order = self.database.edit("orders", order_id)
        order["status"] = "return requested"
        order["return_items"], order["return_payment_method_id"] = sorted(item_ids), payment_method_id
        return order

    def _found(self, table: str, key: str, otherwise: str) -> Row | str:
        return self.database.row(table, key) if self.database.has(table, key) else otherwise

    def _refusal(self, order_id: str, status: str, verb: str) -> str:
        """Say why nothing can be done to an order; "" where it has the status for it."""
        if not self.database.has("orders", order_id):
            return "Error: order not found"
        if self.database.row("orders", order_id)["status"] != status:
            return f"Error: non-{status} order cannot be {verb}"
        return ""

    def _swap_refusal(self, order_id: str, item_ids: list[str], new_item_ids: list[str]) -> str:
        order = self.database.row("orders", order_id)
        missing = next(_not_in(order, item_ids), None)
        if missing is not None:
            return f"Error: {missing} not found"
        if len(item_ids) != len(new_item_ids):
            return "Error: the number of items to be exchanged should match"
        for item_id, new_item_id in zip(item_ids, new_item_ids, strict=True):
            variants = self.database.row("products", _item(order, item_id)["product_id"])["variants"]
            if new_item_id not in variants or not variants[new_item_id]["available"]:
                return f"Error: new item {new_item_id} not found or available"
        return ""

    def _swaps(self, order_id: str, item_ids: list[str], new_item_ids: list[str]) -> list[tuple[Row, Row]]:
        """Pair each item of an order with the variant that is to take its place."""
        order = self.database.row("orders", order_id)
        olds = [_item(order, item_id) for item_id in item_ids]
        return [
            (old, self.database.row("products", old["product_id"])["variants"][new_item_id])
            for old, new_item_id in zip(olds, new_item_ids, strict=True)
        ]

    def _methods(self, order_id: str) -> dict[str, Row]:
        """Return the payment methods of the user of an order."""
        user_id = self.database.row("orders", order_id)["user_id"]
        methods: dict[str, Row] = self.database.row("users", user_id)["payment_methods"]
        return methods

    def _cannot_pay(self, order_id: str, payment_method_id: str, amount: float, what: str) -> str:
        method = self._methods(order_id).get(payment_method_id)
        if method is None:
            return "Error: payment method not found"
        if method["source"] == "gift_card" and method["balance"] < amount:
            return f"Error: insufficient gift card balance to pay for the {what}"
        return ""

    def _credit(self, order_id: str, payment_method_id: str, amount: float) -> None:
        """Add to a gift card of the user of an order."""
        user = self.database.edit("users", self.database.row("orders", order_id)["user_id"])
        card = user["payment_methods"][payment_method_id]
        card["balance"] = round(card["balance"] + amount, 2)


def _address(address1: str, address2: str, city: str, state: str, country: str, zip: str) -> Row:
    return {
        "address1": address1,
        "address2": address2,
        "city": city,
        "state": state,
        "country": country,
        "zip": zip,
    }


def _entry(kind: str, amount: float, payment_method_id: str) -> dict[str, Any]:
    return {"transaction_type": kind, "amount": amount, "payment_method_id": payment_method_id}


def _item(order: Row, item_id: str) -> Row:
    """Return the first item of an order that has this id."""
    item: Row = next(item for item in order["items"] if item["item_id"] == item_id)
    return item


def _not_in(order: Row, item_ids: list[str]) -> Iterator[str]:
    """Yield the items that an order does not hold, or not as often."""
    held = [item["item_id"] for item in order["items"]]
    return (item_id for item_id in item_ids if item_ids.count(item_id) > held.count(item_id))
