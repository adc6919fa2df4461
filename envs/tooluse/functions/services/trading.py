"""TradingBot: stocks, orders, a watch list and an account, on a clock that stands still."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from envs.tooluse.functions.services.filler import Filler
from envs.tooluse.functions.services.service import Answer, FunctionService, Scenario

__all__ = ["SYMBOLS", "TradingBot"]

_NOW: Final = datetime(2024, 9, 1, 10, 30)
_DAY_S: Final = 24 * 60 * 60
_DATE: Final = "%Y-%m-%d"
_TIME: Final = "%Y-%m-%d %H:%M:%S"
SYMBOLS: Final = {
    "Apple": "AAPL",
    "Google": "GOOG",
    "Tesla": "TSLA",
    "Microsoft": "MSFT",
    "Nvidia": "NVDA",
    "Zeta Corp": "ZETA",
    "Alpha Tech": "ALPH",
    "Omega Industries": "OMEG",
    "Quasar Ltd.": "QUAS",
    "Neptune Systems": "NEPT",
    "Synex Solutions": "SYNX",
    "Amazon": "AMZN",
    "Gorilla": "GORI",
}
_SECTORS: Final = {"Technology": ["AAPL", "GOOG", "MSFT", "NVDA"], "Automobile": ["TSLA", "F", "GM"]}
_QUOTES: Final = {  # price, change in percent, volume, and the averages of 5 and of 20 days
    "AAPL": (227.16, 0.17, 2.552, 227.11, 227.09),
    "GOOG": (2840.34, 0.24, 1.123, 2835.67, 2842.15),
    "TSLA": (667.92, -0.12, 1.654, 671.15, 668.20),
    "MSFT": (310.23, 0.09, 3.234, 309.88, 310.11),
    "NVDA": (220.34, 0.34, 1.234, 220.45, 220.67),
    "ALPH": (1320.45, -0.08, 1.567, 1321.12, 1325.78),
    "OMEG": (457.23, 0.12, 2.345, 456.78, 458.12),
    "QUAS": (725.89, -0.03, 1.789, 726.45, 728.00),
    "NEPT": (88.34, 0.19, 0.654, 88.21, 88.67),
    "SYNX": (345.67, 0.11, 2.112, 345.34, 346.12),
    "ZETA": (22.09, -0.05, 0.789, 22.12, 22.34),
}
_COLUMNS: Final = ("price", "percent_change", "volume", "MA(5)", "MA(20)")


def _order(number: int, kind: str, symbol: str, price: float, amount: int, status: str) -> dict[str, Any]:
    return {
        "id": number,
        "order_type": kind,
        "symbol": symbol,
        "price": price,
        "amount": amount,
        "status": status,
    }


class TradingBot(FunctionService):
    """Look at stocks, trade them, and manage the account."""

    about: ClassVar[str] = "Stocks, orders and an account."
    seed: ClassVar[int] = 1053520
    defaults: ClassVar[Mapping[str, Any]] = {
        "orders": {
            12345: _order(12345, "Buy", "AAPL", 210.65, 10, "Completed"),
            12446: _order(12446, "Sell", "GOOG", 2840.56, 5, "Pending"),
        },
        "account_info": {"account_id": 12345, "balance": 10000.0, "binding_card": 1974202140965533},
        "authenticated": False,
        "market_status": "Closed",
        "order_counter": 12446,
        "stocks": {symbol: dict(zip(_COLUMNS, quote, strict=True)) for symbol, quote in _QUOTES.items()},
        "watch_list": ["NVDA"],
        "transaction_history": [],
    }

    orders: dict[Any, dict[str, Any]]
    account_info: dict[str, Any]
    authenticated: bool
    market_status: str
    order_counter: int
    stocks: dict[str, dict[str, Any]]
    watch_list: list[str]
    transaction_history: list[dict[str, Any]]

    def __init__(self, scenario: Scenario | None = None, *, filler: Filler | None = None) -> None:
        super().__init__(scenario, filler=filler)
        self.long_context = self._padded
        self.orders = {
            int(number) if isinstance(number, str) and number.isdecimal() else number: order
            for number, order in self.orders.items()
        }

    def get_current_time(self) -> Answer:
        """Tell the time."""
        return {"current_time": _NOW.strftime("%I:%M %p")}

    def get_symbol_by_name(self, name: str) -> Answer:
        """Look up the stock symbol of a company.

        Args:
            name: Name of the company.
        """
        return {"symbol": SYMBOLS.get(name, "Stock not found")}

    def get_stock_info(self, symbol: str) -> Answer:
        """Show price, change, volume and moving averages of a stock.

        Args:
            symbol: Symbol of the stock.
        """
        if symbol not in self.stocks:
            return {"error": f"Stock with symbol '{symbol}' not found."}
        if not self._padded:
            return self.stocks[symbol]
        averages = {"MA(5)": self._filler.ma_5_extension, "MA(20)": self._filler.ma_20_extension}
        return {**self.stocks[symbol], **averages}

    def get_order_details(self, order_id: int) -> Answer:
        """Show an order.

        Args:
            order_id: Id of the order.
        """
        if order_id not in self.orders:
            known = f"Here is the list of orders_id: {list(self.orders)}"
            return {"error": f"Order with ID {order_id} not found.{known}"}
        order = self.orders[order_id]
        if not self._padded:
            return order
        texts = self._filler.order_detail_extension.items()
        metadata = {key: text.replace("{symbol}", order["symbol"]) for key, text in texts}
        return {**order, "metadata": metadata}

    def cancel_order(self, order_id: int) -> Answer:
        """Cancel an order.

        Args:
            order_id: Id of the order.
        """
        if order_id not in self.orders:
            return {"error": f"Order with ID {order_id} not found."}
        if self.orders[order_id]["status"] == "Completed":
            return {"error": f"Can't cancel order {order_id}. Order is already completed."}
        self.orders[order_id]["status"] = "Cancelled"
        return {"order_id": order_id, "status": "Cancelled"}

    def place_order(self, order_type: str, symbol: str, price: float, amount: int) -> Answer:
        """Place an order.

        Args:
            order_type: "Buy" or "Sell".
            symbol: Symbol of the stock.
            price: Price of a share.
            amount: Number of shares.
        """
        if not self.authenticated:
            return _refused("place an order")
        if symbol not in self.stocks:
            return {"error": f"Invalid stock symbol: {symbol}"}
        if price <= 0 or amount <= 0:
            return {"error": "Price and amount must be positive values."}
        cost, balance = float(price) * int(amount), self.account_info.get("balance", 0)
        if order_type.lower() == "buy" and cost > balance:
            return {"error": f"Insufficient funds: required ${cost:.2f} but only ${balance:.2f} available."}
        order_id = self.order_counter
        self.orders[order_id] = _order(order_id, order_type, symbol, float(price), amount, "Open")
        self.order_counter += 1
        return {
            "order_id": order_id,
            "order_type": order_type,
            "status": "Pending",
            "price": float(price),
            "amount": amount,
        }

    def withdraw_funds(self, amount: float) -> Answer:
        """Withdraw money from the account.

        Args:
            amount: The sum.
        """
        if not self.authenticated:
            return _refused("make a transaction")
        if self.market_status != "Open":
            return {"error": "Market is closed. Transactions are not allowed."}
        if amount <= 0:
            return {"error": "Transaction amount must be positive."}
        if amount > self.account_info["balance"]:
            return {"error": "Insufficient funds for withdrawal."}
        return {"status": "Withdrawal successful", "new_balance": self._book("withdrawal", amount)}

    def fund_account(self, amount: float) -> Answer:
        """Pay money into the account.

        Args:
            amount: The sum.
        """
        if not self.authenticated:
            return _refused("fund the account")
        if amount <= 0:
            return {"error": "Funding amount must be positive."}
        return {"status": "Account funded successfully", "new_balance": self._book("deposit", amount)}

    def _book(self, kind: str, amount: float) -> float:
        """Change the balance at a drawn moment of the next day; return the new one."""
        balance: float = self.account_info["balance"] + (amount if kind == "deposit" else -amount)
        self.account_info["balance"] = balance
        moment = _NOW + timedelta(seconds=self._random.randint(0, _DAY_S))
        entry = {"type": kind, "amount": amount, "timestamp": moment.strftime(_TIME)}
        self.transaction_history.append(entry)
        return balance

    def get_account_info(self) -> Answer:
        """Show account, balance and card."""
        return self.account_info if self.authenticated else _refused("view account information")

    def trading_login(self, username: str, password: str) -> Answer:
        """Log in to the trading system.

        Args:
            username: Name of the user.
            password: Password of the user.
        """
        if self.authenticated:
            return {"status": "Already logged in"}
        self.authenticated = True
        return {"status": "Logged in successfully"}

    def trading_get_login_status(self) -> Answer:
        """Tell whether the user is logged in to the trading system."""
        return {"status": bool(self.authenticated)}

    def trading_logout(self) -> Answer:
        """Log out of the trading system."""
        if not self.authenticated:
            return {"status": "No user is currently logged in"}
        self.authenticated = False
        return {"status": "Logged out successfully"}

    def remove_stock_from_watchlist(self, symbol: str) -> Answer:
        """Take a stock off the watch list.

        Args:
            symbol: Symbol of the stock.
        """
        if not self.authenticated:
            return _refused("modify the watchlist")
        if symbol not in self.watch_list:
            return {"error": f"Stock {symbol} not found in watchlist."}
        self.watch_list.remove(symbol)
        return {"status": f"Stock {symbol} removed from watchlist successfully."}

    def get_watchlist(self) -> Answer | list[str]:
        """Show the watch list."""
        if not self.authenticated:
            return [f"Error: {_refused('view the watchlist')['error']}"]
        if self._padded:
            return self.watch_list + self._filler.watch_list_extension
        return {"watchlist": self.watch_list}

    def get_order_history(self) -> Answer | list[Answer]:
        """List the ids of all orders."""
        return {"history": list(self.orders)} if self.authenticated else [_refused("view order history")]

    def get_transaction_history(
        self, start_date: str | None = None, end_date: str | None = None
    ) -> Answer | list[Answer]:
        """Show the payments to and from the account.

        Args:
            start_date: First day, as YYYY-MM-DD.
            end_date: Last moment, the start of a day as YYYY-MM-DD.
        """
        if not self.authenticated:
            return [_refused("view transaction history")]
        start = datetime.strptime(start_date, _DATE) if start_date else datetime.min
        end = datetime.strptime(end_date, _DATE) if end_date else datetime.max
        history = [
            entry
            for entry in self.transaction_history
            if start <= datetime.strptime(entry["timestamp"], _TIME) <= end
        ]
        padding = self._filler.transaction_history_extension if self._padded else []
        return {"transaction_history": [*history, *padding]}

    def get_available_stocks(self, sector: str) -> Answer:
        """List the stocks of a sector.

        Args:
            sector: "Technology" or "Automobile".
        """
        padding = {
            "Technology": self._filler.technology_extension,
            "Automobile": self._filler.automobile_extension,
        }
        more = padding.get(sector, []) if self._padded else []
        return {"stock_list": _SECTORS.get(sector, []) + more}

    def filter_stocks_by_price(self, stocks: list[str], min_price: float, max_price: float) -> Answer:
        """Keep the stocks whose price lies in a range.

        Args:
            stocks: Symbols of the stocks.
            min_price: Least price.
            max_price: Greatest price.
        """
        prices = {symbol: self.stocks.get(symbol, {}).get("price", 0) for symbol in stocks}
        kept = [symbol for symbol in stocks if min_price <= prices[symbol] <= max_price]
        return {"filtered_stocks": kept}

    def add_to_watchlist(self, stock: str) -> Answer:
        """Put a stock on the watch list.

        Args:
            stock: Symbol of the stock.
        """
        if stock in self.stocks and stock not in self.watch_list:
            self.watch_list.append(stock)
        return {"watchlist": self.watch_list}

    def notify_price_change(self, stocks: list[str], threshold: float) -> Answer:
        """Tell which stocks have changed much.

        Args:
            stocks: Symbols of the stocks.
            threshold: Least change in percent, up or down.
        """
        changed = [
            symbol
            for symbol in stocks
            if symbol in self.stocks and abs(self.stocks[symbol]["percent_change"]) >= threshold
        ]
        if not changed:
            return {"notification": "No significant price changes in the selected stocks."}
        return {"notification": f"Stocks {', '.join(changed)} have significant price changes."}


def _refused(wish: str) -> Answer:
    return {"error": f"User not authenticated. Please log in to {wish}."}
