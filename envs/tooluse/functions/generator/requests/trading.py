"""What users ask of a broker."""

from __future__ import annotations

from typing import Final

from envs.tooluse.functions.generator.request import request

__all__ = ["REQUESTS"]

REQUESTS: Final = (
    request("Show the stock {symbol}.", "How does {symbol} stand?", get_stock_info={"symbol": "$symbol"}),
    request(
        "Add {symbol} to the watch list.", "I want to watch {symbol}.", add_to_watchlist={"stock": "$symbol"}
    ),
    request(
        "Remove {watched} from the watch list.",
        "I need not watch {watched} any more.",
        remove_stock_from_watchlist={"symbol": "$watched"},
    ),
    request(
        "Buy {amount} shares of {symbol} at {price}.",
        "I want {amount} shares of {symbol}, for {price} each.",
        place_order={"order_type": "Buy", "symbol": "$symbol", "price": "$price", "amount": "$amount"},
    ),
    request(
        "Sell {amount} shares of {symbol} at {price}.",
        "Get rid of {amount} shares of {symbol}, for {price} each.",
        place_order={"order_type": "Sell", "symbol": "$symbol", "price": "$price", "amount": "$amount"},
    ),
    request(
        "Show the order {order}.", "What became of order {order}?", get_order_details={"order_id": "$order"}
    ),
    request(
        "Cancel the order {order}.",
        "I do not want order {order} any more.",
        cancel_order={"order_id": "$order"},
    ),
    request(
        "Pay {money} into the account.",
        "My account should have {money} more.",
        fund_account={"amount": "$money"},
    ),
    request(
        "Withdraw {money} from the account.",
        "Pay me {money} from my account.",
        withdraw_funds={"amount": "$money"},
    ),
    request(
        "Look up the symbol of {company}.",
        "Which symbol has {company}?",
        get_symbol_by_name={"name": "$company"},
    ),
    request(
        "Look up the symbol of {company} and add it to the watch list.",
        "I want to watch {company}; look its symbol up.",
        get_symbol_by_name={"name": "$company"},
        add_to_watchlist={"stock": "$company_symbol"},
    ),
    request(
        "Look up the symbol of {company} and buy {amount} shares at {price}.",
        "Get me {amount} shares of {company} for {price} each; look its symbol up.",
        get_symbol_by_name={"name": "$company"},
        place_order={
            "order_type": "Buy",
            "symbol": "$company_symbol",
            "price": "$price",
            "amount": "$amount",
        },
    ),
)
