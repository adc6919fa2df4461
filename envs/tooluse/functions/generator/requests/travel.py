"""What users ask of a travel agency."""

from __future__ import annotations

from typing import Final

from envs.tooluse.functions.generator.request import request

__all__ = ["REQUESTS"]

REQUESTS: Final = (
    request(
        "Find the airport of {city}.",
        "Which airport is nearest to {city}?",
        get_nearest_airport_by_city={"location": "$city"},
    ),
    request(
        "Look up the cost from {start} to {goal} on {date} in {class}.",
        "What is a {class} ticket from {start} to {goal} on {date}?",
        get_flight_cost={
            "travel_from": "$start",
            "travel_to": "$goal",
            "travel_date": "$date",
            "travel_class": "$class",
        },
    ),
    request(
        "With token {token} and card {card}, book {start} to {goal} on {date} in {class}.",
        "I fly from {start} to {goal} on {date}, {class}: book it with card {card}; the token is {token}.",
        book_flight={
            "access_token": "$token",
            "card_id": "$card",
            "travel_date": "$date",
            "travel_from": "$start",
            "travel_to": "$goal",
            "travel_class": "$class",
        },
    ),
    request(
        "With token {token}, cancel the booking {booking}.",
        "I cannot fly: cancel booking {booking}; the token is {token}.",
        cancel_booking={"access_token": "$token", "booking_id": "$booking"},
    ),
    request(
        "With token {token}, set the budget to {money}.",
        "I can spend {money}: set that as my budget; the token is {token}.",
        set_budget_limit={"access_token": "$token", "budget_limit": "$money"},
    ),
    request(
        "Convert {money} USD to {currency}.",
        "How much is {money} USD in {currency}?",
        compute_exchange_rate={"base_currency": "USD", "target_currency": "$currency", "value": "$money"},
    ),
    request(
        "With token {token}, show the balance of {card}.",
        "How much is left on {card}? The token is {token}.",
        get_credit_card_balance={"access_token": "$token", "card_id": "$card"},
    ),
    request(
        "Look up what {start} to {goal} on {date} in {class} costs, and book it; card {card}, token {token}.",
        "What is a {class} ticket from {start} to {goal} on {date}? Book it; card {card}, token {token}.",
        get_flight_cost={
            "travel_from": "$start",
            "travel_to": "$goal",
            "travel_date": "$date",
            "travel_class": "$class",
        },
        book_flight={
            "access_token": "$token",
            "card_id": "$card",
            "travel_date": "$date",
            "travel_from": "$start",
            "travel_to": "$goal",
            "travel_class": "$class",
        },
    ),
)
