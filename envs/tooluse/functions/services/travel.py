"""TravelAPI: flights, credit cards, insurance and a budget."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Final

from envs.tooluse.functions.services.currencies import exchange
from envs.tooluse.functions.services.filler import Filler
from envs.tooluse.functions.services.flights import AIRPORTS, CITIES, CLASSES, ROUTES, fare, route_fare
from envs.tooluse.functions.services.passports import why_no_traveller
from envs.tooluse.functions.services.service import Answer, FunctionService, Scenario, copied

__all__ = ["TravelAPI"]

_THANKS: Final = (
    "Thank you for contacting customer support. Your message has been received and we will get back to you "
    "shortly."
)


class TravelAPI(FunctionService):
    """Book flights, pay for them, and insure them."""

    about: ClassVar[str] = "Flights, credit cards and a budget."
    seed: ClassVar[int] = 141053
    defaults: ClassVar[Mapping[str, Any]] = {
        "credit_card_list": {},
        "booking_record": {},
        "access_token": None,
        "token_type": None,
        "token_expires_in": None,
        "token_scope": None,
        "user_first_name": None,
        "user_last_name": None,
        "budget_limit": None,
    }

    credit_card_list: dict[str, dict[str, Any]]
    booking_record: dict[str, dict[str, Any]]
    access_token: str | None
    token_type: str | None
    token_expires_in: int | None
    token_scope: str | None
    user_first_name: str | None
    user_last_name: str | None
    budget_limit: float | None

    def __init__(self, scenario: Scenario | None = None, *, filler: Filler | None = None) -> None:
        super().__init__(scenario, filler=filler)
        self.long_context = self._padded
        if self._padded:
            _add_missing(self.credit_card_list, self._filler.credit_card_extension)
            _add_missing(self.booking_record, self._filler.booking_record_extension)

    def authenticate_travel(
        self,
        client_id: str,
        client_secret: str,
        refresh_token: str,
        grant_type: str,
        user_first_name: str,
        user_last_name: str,
    ) -> Answer:
        """Log in to the travel system and get an access token.

        Args:
            client_id: Id of the application.
            client_secret: Secret of the application.
            refresh_token: Token of an earlier log-in.
            grant_type: "read_write", "read" or "write".
            user_first_name: First name of the user.
            user_last_name: Last name of the user.
        """
        self.token_expires_in = 2
        self.access_token = str(self._random.randint(100000, 999999))
        self.token_type = "Bearer"
        self.token_scope = grant_type
        self.user_first_name = user_first_name
        self.user_last_name = user_last_name
        return {
            "expires_in": 2,
            "access_token": self.access_token,
            "token_type": "Bearer",
            "scope": grant_type,
        }

    def travel_get_login_status(self) -> Answer:
        """Tell whether the user is logged in to the travel system."""
        return {"status": self.token_expires_in not in (None, 0)}

    def get_budget_fiscal_year(
        self, lastModifiedAfter: str | None = None, includeRemoved: str | None = None
    ) -> Answer:
        """Tell the fiscal year of the budget.

        Args:
            lastModifiedAfter: Only years changed after this moment, as YYYY-MM-DDTHH:MM:SS.
            includeRemoved: "true" for removed years too.
        """
        return {"budget_fiscal_year": "2018"}

    def register_credit_card(
        self,
        access_token: str,
        card_number: str,
        expiration_date: str,
        cardholder_name: str,
        card_verification_number: int,
    ) -> Answer:
        """Register a credit card.

        Args:
            access_token: Access token.
            card_number: Number of the card.
            expiration_date: As MM/YYYY.
            cardholder_name: Name on the card.
            card_verification_number: Verification number of the card.
        """
        if self.token_expires_in is None:
            return {"error": "Token not initialized"}
        refusal = self._refusal(access_token)
        if refusal is not None:
            return refusal
        if card_number in self.credit_card_list:
            return {"error": "Card already registered"}
        card_id = str(self._random.randint(100000000000, 999999999999))
        self.credit_card_list[card_id] = {
            "card_number": card_number,
            "expiration_date": expiration_date,
            "cardholder_name": cardholder_name,
            "card_verification_number": card_verification_number,
            "balance": self._random.randint(10000, 99999),
        }
        return {"card_id": card_id}

    def get_flight_cost(
        self, travel_from: str, travel_to: str, travel_date: str, travel_class: str
    ) -> Answer:
        """Look up what a flight costs, in USD.

        Args:
            travel_from: Code of the airport of departure.
            travel_to: Code of the airport of arrival.
            travel_date: As YYYY-MM-DD.
            travel_class: "economy", "business" or "first".
        """
        cost = route_fare(travel_from, travel_to, travel_date, travel_class)
        if not self._padded:
            return {"travel_cost_list": [cost]}
        return {"travel_cost_list": [fare(base, travel_class, travel_date) for base in ROUTES.values()]}

    def get_credit_card_balance(self, access_token: str, card_id: str) -> Answer:
        """Show the balance of a card.

        Args:
            access_token: Access token.
            card_id: Id of the card.
        """
        refusal = self._refusal(access_token)
        if refusal is not None:
            return refusal
        if card_id not in self.credit_card_list:
            known = list(self.credit_card_list)
            return {"error": f"Card not registered. Here are a list of card_id's: {known}"}
        return {"card_balance": self.credit_card_list[card_id]["balance"]}

    def book_flight(
        self,
        access_token: str,
        card_id: str,
        travel_date: str,
        travel_from: str,
        travel_to: str,
        travel_class: str,
    ) -> Answer:
        """Book a flight.

        Args:
            access_token: Access token.
            card_id: Id of the card to pay with.
            travel_date: As YYYY-MM-DD.
            travel_from: Code of the airport of departure.
            travel_to: Code of the airport of arrival.
            travel_class: "economy", "business" or "first".
        """
        refusal = self._refusal(access_token) or self._no_flight(
            card_id, travel_date, travel_from, travel_to, travel_class
        )
        if refusal is not None:
            return {"booking_status": False, **refusal}
        cost = route_fare(travel_from, travel_to, travel_date, travel_class)
        self.credit_card_list[card_id]["balance"] -= cost
        booking_id = str(self._random.randint(1000000, 9999999))
        transaction_id = str(self._random.randint(10000000, 99999999))
        self.booking_record[booking_id] = {
            "card_id": card_id,
            "travel_date": travel_date,
            "travel_from": travel_from,
            "travel_to": travel_to,
            "travel_class": travel_class,
            "travel_cost": cost,
            "transaction_id": transaction_id,
        }
        return {
            "booking_id": booking_id,
            "transaction_id": transaction_id,
            "booking_status": True,
            "booking_history": self.booking_record if self._padded else {},
        }

    def _no_flight(
        self, card_id: str, travel_date: str, travel_from: str, travel_to: str, travel_class: str
    ) -> Answer | None:
        """Say why a flight cannot be booked; None where it can."""
        card = self.credit_card_list.get(card_id)
        if card is None:
            return {"error": "Card not registered"}
        if "balance" not in card:
            return {"error": "Balance not found"}
        if travel_from not in AIRPORTS:
            return {"error": f"Invalid departure airport code: {travel_from}"}
        if travel_to not in AIRPORTS:
            return {"error": f"Invalid destination airport code: {travel_to}"}
        try:
            datetime.strptime(travel_date, "%Y-%m-%d")
        except ValueError:
            return {"error": "Invalid date format. Use YYYY-MM-DD."}
        if travel_class not in CLASSES:
            return {"error": f"Invalid travel class. Must be one of {', '.join(CLASSES)}"}
        try:
            cost = route_fare(travel_from, travel_to, travel_date, travel_class)
        except ValueError as error:
            return {"error": str(error)}
        if card["balance"] < cost:
            return {"error": "Insufficient funds"}
        if self.budget_limit is not None and card["balance"] < self.budget_limit:
            return {"error": "Balance is less than budget limit"}
        return None

    def retrieve_invoice(
        self, access_token: str, booking_id: str | None = None, insurance_id: str | None = None
    ) -> Answer:
        """Show the invoice of a booking.

        Args:
            access_token: Access token.
            booking_id: Id of the booking.
            insurance_id: Id of the insurance.
        """
        refusal = self._refusal(access_token)
        if refusal is not None:
            return refusal
        if booking_id is None or booking_id not in self.booking_record:
            return {"error": "Booking not found"}
        booking = self.booking_record[booking_id]
        shown = ("travel_date", "travel_from", "travel_to", "travel_class", "travel_cost", "transaction_id")
        return {"invoice": {"booking_id": booking_id, **{field: booking[field] for field in shown}}}

    def get_booking_history(self, access_token: str) -> Answer:
        """Show all bookings.

        Args:
            access_token: Access token.
        """
        return self._refusal(access_token) or {"booking_history": self.booking_record}

    def list_all_airports(self) -> list[str]:
        """List the codes of all airports."""
        return list(AIRPORTS)

    def cancel_booking(self, access_token: str, booking_id: str) -> Answer:
        """Cancel a booking and pay its cost back.

        Args:
            access_token: Access token.
            booking_id: Id of the booking.
        """
        refusal = self._refusal(access_token)
        if refusal is not None:
            return {"cancel_status": False, **refusal}
        if booking_id not in self.booking_record:
            return {"cancel_status": False, "error": "Booking not found"}
        booking = self.booking_record[booking_id]
        self.credit_card_list[booking["card_id"]]["balance"] += booking["travel_cost"]
        del self.booking_record[booking_id]
        return {"cancel_status": True}

    def compute_exchange_rate(self, base_currency: str, target_currency: str, value: float) -> Answer:
        """Convert a sum between USD and another currency.

        Args:
            base_currency: Currency of the sum: USD, RMB, EUR, JPY, GBP, CAD, AUD, INR, RUB, BRL or MXN.
            target_currency: Currency wanted. One of the two is USD.
            value: The sum.
        """
        return {"exchanged_value": exchange(base_currency, target_currency, value)}

    def verify_traveler_information(
        self, first_name: str, last_name: str, date_of_birth: str, passport_number: str
    ) -> Answer:
        """Check whether the user may travel.

        Args:
            first_name: First name of the traveller.
            last_name: Last name of the traveller.
            date_of_birth: As YYYY-MM-DD.
            passport_number: Number of the passport; those of the United States start with US.
        """
        user = (self.user_first_name, self.user_last_name)
        failure = why_no_traveller(user, (first_name, last_name), date_of_birth, passport_number)
        if failure is None:
            return {"verification_status": True}
        return {"verification_status": False, "verification_failure": failure}

    def set_budget_limit(self, access_token: str, budget_limit: float) -> Answer:
        """Set the budget.

        Args:
            access_token: Access token.
            budget_limit: The budget in USD.
        """
        refusal = self._refusal(access_token)
        if refusal is not None:
            return refusal
        self.budget_limit = float(budget_limit)
        return {"budget_limit": self.budget_limit}

    def get_nearest_airport_by_city(self, location: str) -> Answer:
        """Look up the airport of a city.

        Args:
            location: Name of the city.
        """
        return {"nearest_airport": CITIES.get(location, "Unknown")}

    def purchase_insurance(
        self,
        access_token: str,
        insurance_type: str,
        insurance_cost: float,
        booking_id: str,
        card_id: str,
    ) -> Answer:
        """Buy insurance for a booking.

        Args:
            access_token: Access token.
            insurance_type: Type of the insurance.
            insurance_cost: What it costs.
            booking_id: Id of the booking.
            card_id: Id of the card to pay with.
        """
        refusal = self._refusal(access_token)
        if refusal is None and self.budget_limit is not None and self.budget_limit < insurance_cost:
            refusal = {"error": "Exceeded budget limit"}
        if refusal is None and booking_id not in self.booking_record:
            refusal = {"error": "Booking not found"}
        if refusal is None and card_id not in self.credit_card_list:
            refusal = {"error": "Credit card not registered"}
        if refusal is not None:
            return {"insurance_status": False, **refusal}
        self.credit_card_list[card_id]["balance"] -= insurance_cost
        return {"insurance_id": str(self._random.randint(100000000, 999999999)), "insurance_status": True}

    def contact_customer_support(self, booking_id: str, message: str) -> Answer:
        """Write to customer support about a booking.

        Args:
            booking_id: Id of the booking.
            message: The message.
        """
        if booking_id not in self.booking_record:
            return {"error": "Booking not found"}
        return {"customer_support_message": _THANKS}

    def get_all_credit_cards(self) -> Answer:
        """Show all registered cards."""
        return {"credit_card_list": self.credit_card_list}

    def _refusal(self, access_token: str) -> Answer | None:
        if self.token_expires_in == 0:
            return {"error": "Token expired"}
        return {"error": "Invalid access token"} if access_token != self.access_token else None


def _add_missing(records: dict[str, dict[str, Any]], more: Mapping[str, Mapping[str, Any]]) -> None:
    for key, record in more.items():
        records.setdefault(key, copied(dict(record)))
