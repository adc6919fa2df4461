"""The tools of the shop."""

from __future__ import annotations

from typing import Final, Literal

from envs.tooluse.core import tool
from envs.tooluse.customer.database import Row
from envs.tooluse.customer.desk import Desk

__all__ = ["ShopDesk"]

_NO_CUSTOMER: Final = "Error: there is no such customer."
_NO_ORDER: Final = "Error: there is no such order."


class ShopDesk(Desk):
    """The desk of an online shop, over four tables. Amounts are whole cents."""

    @tool
    def find_customer_by_email(self, email: str) -> str:
        """Find a customer's id by email.

        Args:
            email: The email, such as "ada.abel42@example.org".
        """
        for customer_id, row in self.database.rows("customers"):
            if row["email"] == email.strip().lower():
                return customer_id
        return _NO_CUSTOMER

    @tool
    def find_customer_by_name(self, first_name: str, last_name: str, postcode: str) -> str:
        """Find a customer's id by name and postcode.

        Args:
            first_name: First name.
            last_name: Last name.
            postcode: Postcode of the customer's address, such as "123456".
        """
        wanted = first_name.lower(), last_name.lower(), postcode
        for customer_id, row in self.database.rows("customers"):
            if (row["first_name"].lower(), row["last_name"].lower(), row["address"]["postcode"]) == wanted:
                return customer_id
        return _NO_CUSTOMER

    @tool
    def get_customer(self, customer_id: str) -> Row | str:
        """Look a customer up, with address, wallet and orders.

        Args:
            customer_id: The id, such as "C123456".
        """
        known = self.database.has("customers", customer_id)
        return self.database.row("customers", customer_id) if known else _NO_CUSTOMER

    @tool
    def get_order(self, order_id: str) -> Row | str:
        """Look an order up.

        Args:
            order_id: The id, such as "A123456".
        """
        return self.database.row("orders", order_id) if self.database.has("orders", order_id) else _NO_ORDER

    @tool
    def get_delivery(self, delivery_id: str) -> Row | str:
        """Look up how far a delivery is.

        Args:
            delivery_id: The id, such as "D123456"; it stands in the order.
        """
        if not self.database.has("deliveries", delivery_id):
            return "Error: there is no such delivery."
        return self.database.row("deliveries", delivery_id)

    @tool
    def list_products(self) -> dict[str, str]:
        """List names and ids of all products."""
        return {row["name"]: product_id for product_id, row in self.database.rows("products")}

    @tool
    def get_product(self, product_id: str) -> Row | str:
        """Look a product up, with options, prices and stock of its variants.

        Args:
            product_id: The id, such as "P123456".
        """
        if not self.database.has("products", product_id):
            return "Error: there is no such product."
        return self.database.row("products", product_id)

    @tool
    def cancel_order(
        self, order_id: str, reason: Literal["not needed", "mistake", "too expensive"]
    ) -> Row | str:
        """Cancel an open order. The money goes back to what it was paid with.

        Args:
            order_id: The id, such as "A123456".
            reason: Why.
        """
        refusal = self._not(order_id, "open")
        if refusal:
            return refusal
        for line in self.database.row("orders", order_id)["lines"]:
            self._restock(line, 1)
        order = self.database.edit("orders", order_id)
        order["status"], order["reason"] = "cancelled", reason
        return order

    @tool
    def change_address(self, order_id: str, street: str, city: str, postcode: str) -> Row | str:
        """Send an open order to another address.

        Args:
            order_id: The id, such as "A123456".
            street: Number and street, such as "12 Mill Road".
            city: The city.
            postcode: The postcode.
        """
        refusal = self._not(order_id, "open")
        if refusal:
            return refusal
        order = self.database.edit("orders", order_id)
        order["address"] = {"street": street, "city": city, "postcode": postcode}
        return order

    @tool
    def swap_item(self, order_id: str, item_id: str, new_item_id: str) -> Row | str:
        """Change an item of an open order for another variant of its product; the difference is settled.

        Args:
            order_id: The id, such as "A123456".
            item_id: The item that is ordered, such as "I123456".
            new_item_id: The variant to send instead.
        """
        refusal = self._not(order_id, "open")
        if refusal:
            return refusal
        lines = self.database.row("orders", order_id)["lines"]
        place = next((n for n, line in enumerate(lines) if line["item_id"] == item_id), None)
        if place is None:
            return "Error: the order holds no such item."
        variants = self.database.row("products", lines[place]["product_id"])["variants"]
        if new_item_id not in variants:
            return "Error: the product has no such variant."
        if variants[new_item_id]["stock"] < 1:
            return "Error: the variant is out of stock."
        self._restock(lines[place], 1)
        order = self.database.edit("orders", order_id)
        line = order["lines"][place]
        line["item_id"], line["price_cents"] = new_item_id, variants[new_item_id]["price_cents"]
        self._restock(line, -1)
        order["total_cents"] = sum(line["price_cents"] for line in order["lines"])
        return order

    @tool
    def return_items(self, order_id: str, item_ids: list[str], refund_to: str) -> Row | str:
        """Take items of a delivered order back.

        Args:
            order_id: The id, such as "A123456".
            item_ids: The items, such as ["I123456"].
            refund_to: What gets the money: what the order was paid with, or a voucher of the customer.
        """
        refusal = self._not(order_id, "delivered")
        if refusal:
            return refusal
        order = self.database.row("orders", order_id)
        wallet = self.database.row("customers", order["customer_id"])["wallet"]
        if refund_to != order["paid_with"] and wallet.get(refund_to, {}).get("kind") != "voucher":
            return "Error: the money goes to what the order was paid with, or to a voucher of the customer."
        prices = {line["item_id"]: line["price_cents"] for line in order["lines"]}
        returned = {entry["item_id"] for entry in order.get("returns", [])}
        if (
            not item_ids
            or len(set(item_ids)) < len(item_ids)
            or not set(item_ids) <= prices.keys() - returned
        ):
            return "Error: the order holds no such items, or they were returned before."
        order = self.database.edit("orders", order_id)
        entries = [{"item_id": item_id, "refund_to": refund_to} for item_id in sorted(item_ids)]
        order["returns"] = sorted([*order.get("returns", []), *entries], key=lambda entry: entry["item_id"])
        if wallet.get(refund_to, {}).get("kind") == "voucher":
            customer = self.database.edit("customers", order["customer_id"])
            customer["wallet"][refund_to]["balance_cents"] += sum(prices[item_id] for item_id in item_ids)
        return order

    @tool
    def send_voucher(self, order_id: str, amount_cents: int) -> str:
        """Give the customer of an order a voucher for a late delivery.

        Args:
            order_id: The id, such as "A123456".
            amount_cents: What it is worth, in cents.
        """
        if not self.database.has("orders", order_id):
            return _NO_ORDER
        if amount_cents < 1:
            return "Error: a voucher is worth at least one cent."
        method_id = f"voucher-{order_id}"
        customer_id = self.database.row("orders", order_id)["customer_id"]
        if method_id in self.database.row("customers", customer_id)["wallet"]:
            return "Error: this order has got its voucher."
        wallet = self.database.edit("customers", customer_id)["wallet"]
        wallet[method_id] = {"method_id": method_id, "kind": "voucher", "balance_cents": amount_cents}
        return f"{method_id} was given."

    @tool
    def place_order(self, customer_id: str, item_ids: list[str], pay_with: str) -> Row | str:
        """Place an order, to be sent to the customer's address.

        Args:
            customer_id: The id, such as "C123456".
            item_ids: The items, such as ["I123456"].
            pay_with: A card or account of the customer.
        """
        if not self.database.has("customers", customer_id):
            return _NO_CUSTOMER
        customer = self.database.row("customers", customer_id)
        if customer["wallet"].get(pay_with, {}).get("kind") not in ("card", "account"):
            return "Error: the customer has no such card or account."
        lines = self._lines(item_ids)
        if isinstance(lines, str):
            return lines
        order_id = f"N{sum(1 for _ in self.database.rows('orders')) + 1}"
        order = {
            "order_id": order_id,
            "customer_id": customer_id,
            "status": "open",
            "lines": lines,
            "total_cents": sum(line["price_cents"] for line in lines),
            "paid_with": pay_with,
            "address": dict(customer["address"]),
            "delivery_id": None,
        }
        for line in lines:
            self._restock(line, -1)
        self.database.add("orders", order_id, order)
        self.database.edit("customers", customer_id)["orders"].append(order_id)
        return order

    @tool
    def transfer_to_human_agents(self, summary: str) -> str:
        """Hand the customer over to a human and end the conversation.

        Args:
            summary: What the customer wants.
        """
        return "A human takes over."

    def _not(self, order_id: str, status: str) -> str:
        """Say why an order is not what it should be; "" where it is."""
        if not self.database.has("orders", order_id):
            return _NO_ORDER
        found = self.database.row("orders", order_id)["status"]
        return "" if found == status else f"Error: the order is {found}, not {status}."

    def _lines(self, item_ids: list[str]) -> list[Row] | str:
        """Make the lines of a new order, or say why there can be none."""
        if not item_ids or len(set(item_ids)) < len(item_ids):
            return "Error: an order holds at least one item, and none twice."
        found = {
            item_id: {
                "item_id": item_id,
                "product_id": product_id,
                "name": row["name"],
                "price_cents": variant["price_cents"],
            }
            for product_id, row in self.database.rows("products")
            for item_id, variant in row["variants"].items()
            if item_id in item_ids and variant["stock"] > 0
        }
        missing = [item_id for item_id in item_ids if item_id not in found]
        if missing:
            return f"Error: {missing[0]} does not exist or is out of stock."
        return [found[item_id] for item_id in item_ids]

    def _restock(self, line: Row, pieces: int) -> None:
        product = self.database.edit("products", line["product_id"])
        product["variants"][line["item_id"]]["stock"] += pieces
