"""The tools of tau-bench's airline domain, and those that tau2-bench adds."""

from __future__ import annotations

from typing import Any, Final, Literal, TypedDict

from envs.tooluse.core import tool
from envs.tooluse.customer.database import Row, copied
from envs.tooluse.customer.tau.desk import TauDesk

__all__ = ["AirlineDesk"]

_AIRPORTS: Final = {
    "SFO": "San Francisco",
    "JFK": "New York",
    "LAX": "Los Angeles",
    "ORD": "Chicago",
    "DFW": "Dallas",
    "DEN": "Denver",
    "SEA": "Seattle",
    "ATL": "Atlanta",
    "MIA": "Miami",
    "BOS": "Boston",
    "PHX": "Phoenix",
    "IAH": "Houston",
    "LAS": "Las Vegas",
    "MCO": "Orlando",
    "EWR": "Newark",
    "CLT": "Charlotte",
    "MSP": "Minneapolis",
    "DTW": "Detroit",
    "PHL": "Philadelphia",
    "LGA": "LaGuardia",
}
_NEW_RESERVATIONS: Final = ("HATHAT", "HATHAU", "HATHAV")
_NEW_CERTIFICATES: Final = ("certificate_3221322", "certificate_3221323", "certificate_3221324")
_NOW: Final = "2024-05-15T15:00:00"

Cabin = Literal["basic_economy", "economy", "business"]


class Flight(TypedDict):
    """A flight on a day.

    Attributes:
        flight_number: Its number, such as "HAT001".
        date: The day, as in "2024-05-01".
    """

    flight_number: str
    date: str


class Passenger(TypedDict):
    """A passenger.

    Attributes:
        first_name: First name, such as "Noah".
        last_name: Last name, such as "Brown".
        dob: Date of birth, as in "1990-01-01".
    """

    first_name: str
    last_name: str
    dob: str


class Payment(TypedDict):
    """A part of a payment.

    Attributes:
        payment_id: A payment method of the user, such as "gift_card_7815826".
        amount: What it pays.
    """

    payment_id: str
    amount: float


class AirlineDesk(TauDesk):
    """An airline's desk, over the tables `flights`, `reservations` and `users`."""

    @tool
    def get_user_details(self, user_id: str) -> Row | str:
        """Look a user up, with payment methods and reservations.

        Args:
            user_id: The user id, such as "sara_doe_496".
        """
        return self.database.row("users", user_id) if self.database.has("users", user_id) else _NO_USER

    @tool
    def get_reservation_details(self, reservation_id: str) -> Row | str:
        """Look a reservation up.

        Args:
            reservation_id: The reservation id, such as "8JX2WO".
        """
        if self.database.has("reservations", reservation_id):
            return self.database.row("reservations", reservation_id)
        return _NO_USER  # the original's words

    @tool
    def list_all_airports(self) -> dict[str, str]:
        """List all airports and their cities."""
        return _AIRPORTS

    @tool
    def search_direct_flight(self, origin: str, destination: str, date: str) -> list[Row]:
        """Search the flights between two airports on a day.

        Args:
            origin: Airport, such as "JFK".
            destination: Airport, such as "LAX".
            date: The day, as in "2024-05-01".
        """
        return [
            _on_day(flight, date)
            for _, flight in self.database.rows("flights")
            if (flight["origin"], flight["destination"]) == (origin, destination) and _open(flight, date)
        ]

    @tool
    def search_onestop_flight(self, origin: str, destination: str, date: str) -> list[list[Row]]:
        """Search the pairs of flights between two airports, with one stop, on a day.

        Args:
            origin: Airport, such as "JFK".
            destination: Airport, such as "LAX".
            date: The day, as in "2024-05-01".
        """
        flights = [flight for _, flight in self.database.rows("flights")]
        onward = [flight for flight in flights if flight["destination"] == destination]
        found = []
        for first in flights:
            if first["origin"] != origin:
                continue
            arrival = first["scheduled_arrival_time_est"]
            for second in onward:
                if second["origin"] != first["destination"]:
                    continue
                next_date = f"2024-05-{int(date[-2:]) + 1}" if "+1" in arrival else date
                if arrival > second["scheduled_departure_time_est"]:
                    continue
                if _open(first, date) and _open(second, next_date):
                    # As in the original, seats and prices of the second are those of the first day.
                    later = {**_on_day(second, date), "date": next_date}
                    found.append([{**_on_day(first, date), "date": date}, later])
        return found

    @tool
    def book_reservation(
        self,
        user_id: str,
        origin: str,
        destination: str,
        flight_type: Literal["one_way", "round_trip"],
        cabin: Cabin,
        flights: list[Flight],
        passengers: list[Passenger],
        payment_methods: list[Payment],
        total_baggages: int,
        nonfree_baggages: int,
        insurance: Literal["yes", "no"],
    ) -> Row | str:
        """Book a reservation.

        Args:
            user_id: Who books, such as "sara_doe_496".
            origin: Airport, such as "SFO".
            destination: Airport, such as "JFK".
            flight_type: Whether it is a return trip.
            cabin: The cabin, one for all flights.
            flights: The flights, in order.
            passengers: The passengers.
            payment_methods: What pays it; the amounts add up to the price.
            total_baggages: Number of bags.
            nonfree_baggages: Number of bags that cost 50 each.
            insurance: Whether there is an insurance, 30 a passenger.
        """
        if not self.database.has("users", user_id):
            return _NO_USER
        priced = self._priced(flights, cabin, len(passengers))
        if isinstance(priced, str):
            return priced
        price = sum(flight["price"] * len(passengers) for flight in priced)
        price += 30 * len(passengers) * (insurance == "yes") + 50 * nonfree_baggages
        refusal = self._cannot_be_paid(user_id, payment_methods, price)
        if refusal:
            return refusal
        taken = [key for key in _NEW_RESERVATIONS if self.database.has("reservations", key)]
        reservation_id = _NEW_RESERVATIONS[min(len(taken), len(_NEW_RESERVATIONS) - 1)]
        reservation = {
            "reservation_id": reservation_id,
            "user_id": user_id,
            "origin": origin,
            "destination": destination,
            "flight_type": flight_type,
            "cabin": cabin,
            "flights": priced,
            "passengers": copied(passengers),
            "payment_history": copied(payment_methods),
            "created_at": _NOW,
            "total_baggages": total_baggages,
            "nonfree_baggages": nonfree_baggages,
            "insurance": insurance,
        }
        self._pay(user_id, payment_methods)
        self.database.add("reservations", reservation_id, reservation)
        self.database.edit("users", user_id)["reservations"].append(reservation_id)
        return reservation

    @tool
    def cancel_reservation(self, reservation_id: str) -> Row | str:
        """Cancel a whole reservation.

        Args:
            reservation_id: The reservation id, such as "ZFA04Y".
        """
        if not self.database.has("reservations", reservation_id):
            return _NO_RESERVATION
        reservation = self.database.edit("reservations", reservation_id)
        reservation["payment_history"] += [
            {"payment_id": payment["payment_id"], "amount": -payment["amount"]}
            for payment in reservation["payment_history"]
        ]
        reservation["status"] = "cancelled"
        return reservation

    @tool
    def update_reservation_flights(
        self, reservation_id: str, cabin: Cabin, flights: list[Flight], payment_id: str
    ) -> Row | str:
        """Change the flights or the cabin of a reservation.

        Args:
            reservation_id: The reservation id, such as "ZFA04Y".
            cabin: The cabin, one for all flights.
            flights: All flights of the new reservation, those that stay as well.
            payment_id: What pays or receives the difference, such as "gift_card_7815826".
        """
        if not self.database.has("reservations", reservation_id):
            return _NO_RESERVATION
        reservation = self.database.row("reservations", reservation_id)
        people = len(reservation["passengers"])
        kept = reservation["flights"] if cabin == reservation["cabin"] else []
        priced = self._priced(flights, cabin, people, kept)
        if isinstance(priced, str):
            return priced
        price = sum(flight["price"] * people for flight in priced)
        price -= sum(flight["price"] for flight in reservation["flights"]) * people
        refusal = self._charge(reservation, payment_id, price)
        if refusal:
            return refusal
        reservation = self.database.edit("reservations", reservation_id)
        reservation["flights"] = priced
        return reservation

    @tool
    def update_reservation_baggages(
        self, reservation_id: str, total_baggages: int, nonfree_baggages: int, payment_id: str
    ) -> Row | str:
        """Change the number of bags of a reservation.

        Args:
            reservation_id: The reservation id, such as "ZFA04Y".
            total_baggages: The new number of bags.
            nonfree_baggages: The new number of bags that cost 50 each.
            payment_id: What pays the difference, such as "gift_card_7815826".
        """
        if not self.database.has("reservations", reservation_id):
            return _NO_RESERVATION
        reservation = self.database.row("reservations", reservation_id)
        price = 50 * max(0, nonfree_baggages - reservation["nonfree_baggages"])
        refusal = self._charge(reservation, payment_id, price)
        if refusal:
            return refusal
        reservation = self.database.edit("reservations", reservation_id)
        reservation["total_baggages"], reservation["nonfree_baggages"] = total_baggages, nonfree_baggages
        return reservation

    @tool
    def update_reservation_passengers(self, reservation_id: str, passengers: list[Passenger]) -> Row | str:
        """Change the passengers of a reservation, but not their number.

        Args:
            reservation_id: The reservation id, such as "ZFA04Y".
            passengers: All passengers of the new reservation.
        """
        if not self.database.has("reservations", reservation_id):
            return _NO_RESERVATION
        if len(passengers) != len(self.database.row("reservations", reservation_id)["passengers"]):
            return "Error: number of passengers does not match"
        reservation = self.database.edit("reservations", reservation_id)
        reservation["passengers"] = copied(passengers)
        return reservation

    @tool
    def send_certificate(self, user_id: str, amount: float) -> str | None:
        """Send a certificate to a user.

        Args:
            user_id: The user id, such as "sara_doe_496".
            amount: What it is worth.
        """
        if not self.database.has("users", user_id):
            return _NO_USER
        methods = self.database.row("users", user_id)["payment_methods"]
        new = next((key for key in _NEW_CERTIFICATES if key not in methods), None)
        if new is None:
            return None
        methods = self.database.edit("users", user_id)["payment_methods"]
        methods[new] = {"source": "certificate", "amount": amount, "id": new}
        return f"Certificate {new} added to user {user_id} with amount {amount}."

    def _priced(
        self, flights: list[Flight], cabin: str, people: int, kept: list[Row] | None = None
    ) -> list[Row] | str:
        """Copy flights, with prices and airports; those that are kept keep their price."""
        priced = []
        for flight in flights:
            number, date = flight["flight_number"], flight["date"]
            same = [old for old in kept or () if (old["flight_number"], old["date"]) == (number, date)]
            if same:
                priced.append({**copied(flight), **{key: same[0][key] for key in _PRICED}})
                continue
            if not self.database.has("flights", number):
                return f"Error: flight {number} not found"
            known = self.database.row("flights", number)
            day = known["dates"].get(date)
            if day is None:
                return f"Error: flight {number} not found on date {date}"
            if day["status"] != "available":
                return f"Error: flight {number} not available on date {date}"
            if day["available_seats"][cabin] < people:
                return f"Error: not enough seats on flight {number}"
            price = {"price": day["prices"][cabin]}
            priced.append({**copied(flight), **price, **{key: known[key] for key in _PRICED[1:]}})
        return priced

    def _cannot_be_paid(self, user_id: str, payments: list[Payment], price: float) -> str:
        methods = self.database.row("users", user_id)["payment_methods"]
        for payment in payments:
            method = methods.get(payment["payment_id"])
            if method is None:
                return f"Error: payment method {payment['payment_id']} not found"
            if method["source"] in ("gift_card", "certificate") and method["amount"] < payment["amount"]:
                return f"Error: not enough balance in payment method {payment['payment_id']}"
        paid = sum(payment["amount"] for payment in payments)
        if paid != price:
            return f"Error: payment amount does not add up, total price is {price}, but paid {paid}"
        return ""

    def _pay(self, user_id: str, payments: list[Payment]) -> None:
        """Take the amounts off gift cards; certificates are used up."""
        methods = self.database.edit("users", user_id)["payment_methods"]
        for payment in payments:
            method = methods.get(payment["payment_id"])
            if method is not None and method["source"] == "gift_card":
                method["amount"] -= payment["amount"]
            elif method is not None and method["source"] == "certificate":
                del methods[payment["payment_id"]]

    def _charge(self, reservation: Row, payment_id: str, price: float) -> str:
        """Let a user pay for a change of a reservation; say why that cannot be, or ""."""
        method = self.database.row("users", reservation["user_id"])["payment_methods"].get(payment_id)
        if method is None:
            return "Error: payment method not found"
        if method["source"] == "certificate":
            return "Error: certificate cannot be used to update reservation"
        if method["source"] == "gift_card" and method["amount"] < price:
            return "Error: gift card balance is not enough"
        if method["source"] == "gift_card":
            user = self.database.edit("users", reservation["user_id"])
            user["payment_methods"][payment_id]["amount"] -= price
        if price != 0:
            edited = self.database.edit("reservations", reservation["reservation_id"])
            edited["payment_history"].append({"payment_id": payment_id, "amount": price})
        return ""


_PRICED: Final = ("price", "origin", "destination")
_NO_USER: Final = "Error: user not found"
_NO_RESERVATION: Final = "Error: reservation not found"


def _open(flight: Row, date: str) -> bool:
    """Whether a flight can be booked on a day."""
    day = flight["dates"].get(date)
    return day is not None and day["status"] == "available"


def _on_day(flight: Row, date: str) -> dict[str, Any]:
    """Return what is known of a flight on a day."""
    return {**{key: value for key, value in flight.items() if key != "dates"}, **flight["dates"][date]}
