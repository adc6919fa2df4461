"""The services: what they refuse, what keeps them bounded, and numbers worked by hand."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import pytest

from agentgym.errors import DataError
from envs.tooluse.core.call import ToolCall
from envs.tooluse.functions.document import own_documents
from envs.tooluse.functions.services import SERVICES, answer_text
from envs.tooluse.functions.services.files import GorillaFileSystem
from envs.tooluse.functions.services.flights import ROUTES, fare
from envs.tooluse.functions.services.mathematics import MathAPI
from envs.tooluse.functions.services.messages import MessageAPI
from envs.tooluse.functions.services.precision import logarithm
from envs.tooluse.functions.services.tickets import TicketAPI
from envs.tooluse.functions.services.trading import TradingBot
from envs.tooluse.functions.services.travel import TravelAPI
from envs.tooluse.functions.services.twitter import TwitterAPI
from envs.tooluse.functions.services.vehicle import VehicleControlAPI
from envs.tooluse.functions.session import Session, state_digest

_COUNTS = {
    "GorillaFileSystem": 18,
    "MathAPI": 17,
    "MessageAPI": 10,
    "TwitterAPI": 14,
    "TicketAPI": 9,
    "TradingBot": 20,
    "TravelAPI": 18,
    "VehicleControlAPI": 22,
}


def _files(**entries: str) -> GorillaFileSystem:
    contents = {name: {"type": "file", "content": content} for name, content in entries.items()}
    return GorillaFileSystem({"root": {"home": {"type": "directory", "contents": contents}}})


def test_services__have_all_functions_of_the_benchmark_with_a_description() -> None:
    assert {name: len(own_documents(name)) for name in SERVICES} == _COUNTS
    for name in SERVICES:
        for document in own_documents(name).values():
            properties = document.schema.parameters["properties"]
            assert document.description
            assert all(part["description"] for part in properties.values()), document.name


@pytest.mark.parametrize("name", SERVICES)
def test_services__survive_arguments_of_any_kind(name: str) -> None:
    """Whatever is called with whatever: an answer, never an exception, and a state that can be hashed."""
    chance = random.Random(7)
    values = ["", "a", "/", "..", 0, -1, 3.5, True, None, [], ["x"], {}, {"status": 1}, "2024-01-01", 10**30]
    session = Session([name], {})
    for _ in range(400):
        document = chance.choice(list(own_documents(name).values()))
        arguments = {each: chance.choice(values) for each in document.schema.names}
        assert isinstance(session.run(ToolCall(document.name, arguments)), str)
    assert len(state_digest(session.state())) == 64


@pytest.mark.parametrize(
    ("scenario", "words"),
    [
        ({"tweets": []}, "`tweets` of TwitterAPI is a list"),
        ({"tweets": {"first": {}}}, "no number"),
        ({"username": 3}, "`username`"),
    ],
)
def test_scenario__with_a_field_of_the_wrong_kind_is_refused(scenario: dict[str, Any], words: str) -> None:
    with pytest.raises(DataError, match=words):
        TwitterAPI(scenario)


def test_scenario__is_copied() -> None:
    scenario = {"ticket_queue": [{"id": 1, "status": "Open", "created_by": "me"}], "current_user": "me"}
    TicketAPI(scenario).close_ticket(1)
    assert scenario["ticket_queue"][0]["status"] == "Open"  # type: ignore[index]


def test_scenario__too_deep_is_refused() -> None:
    deep: dict[str, Any] = {}
    for _ in range(100):
        deep = {"x": deep}
    with pytest.raises(DataError, match="nested"):
        TwitterAPI({"comments": deep})


# ---- files -----------------------------------------------------------------------------------------------


def test_files__are_moved_copied_and_read() -> None:
    files = _files(**{"b.txt": "two\none", "c.txt": "two\nthree"})
    assert files.mkdir("box") is None
    assert files.mv("b.txt", "box") == {"result": "'b.txt' moved to 'box/b.txt'"}
    assert files.cp("c.txt", "d.txt") == {"result": "'c.txt' copied to 'd.txt'"}
    assert files.cd("box") == {"current_working_directory": "box"}
    assert files.pwd() == {"current_working_directory": "/home/box"}
    assert files.sort("b.txt") == {"sorted_content": "one\ntwo"}
    assert files.cd("..") == {}
    assert files.diff("c.txt", "d.txt") == {"diff_lines": ""}
    assert files.find(".", "b") == {"matches": ["./box", "./box/b.txt"]}
    assert files.du() == {"disk_usage": "25 bytes"}


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (("cd", "nowhere"), "cd: 'nowhere': No such file or directory"),
        (("cd", "a/b"), "cd: a/b: Unsupported path. Only one folder level at a time is supported."),
        (("cd", ".."), "Current directory is already the root. Cannot go back."),
        (("mkdir", "a:b"), "mkdir: cannot create directory 'a:b': Invalid character"),
        (("touch", "a.txt"), "touch: cannot touch 'a.txt': File exists"),
        (("cat", "b.txt"), "cat: 'b.txt': No such file or directory"),
        (("wc", "a.txt", "x"), "wc: invalid mode 'x'"),
        (("mv", "b", "c"), "mv: cannot move 'b': No such file or directory"),
        (("rmdir", "a.txt"), "rmdir: cannot remove 'a.txt': Not a directory"),
        (("echo", "x", "none.txt"), "echo: cannot write to 'none.txt': No such file"),
    ],
)
def test_files__say_what_is_wrong(call: tuple[str, ...], error: str) -> None:
    name, *arguments = call
    assert getattr(_files(**{"a.txt": "x"}), name)(*arguments) == {"error": error}


def test_files__close_no_circle() -> None:
    files = _files()
    files.mkdir("a")
    for command in (files.cp, files.mv):
        assert "Too many" in command("a", "a")["error"]
    assert files.find() == {"matches": ["./a"]}


def test_files__cannot_be_doubled_without_end() -> None:
    files = _files(**{"x.txt": "x"})
    files.mkdir("a")
    answers = []
    for _ in range(40):  # a holds two copies of what it held
        files.cp("a", "b")
        files.mkdir("c")
        answers += [files.mv("a", "c"), files.mv("b", "c")]
        files.mv("c", "a")
    assert any("Too many" in answer.get("error", "") for answer in answers)
    assert len(files.find()["matches"]) < 50_000
    assert len(state_digest({"files": files.canonical_state()})) == 64


# ---- numbers ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "base", "digits", "text"),
    [
        (36.0, 6.0, 4, "mpf('2.0')"),
        (20, 10, 2, "mpf('1.3027')"),
        (630.0, 10, 5, "mpf('2.7993393')"),
        (980.0, 20, 10, "mpf('2.299121531134')"),
        (1, 10, 15, "mpf('0.0')"),
        (1.5, 10, 15, "mpf('0.17609125905568124')"),
        (1.0000001, 10, 8, "mpf('4.3429446095e-8')"),
        (1.0000000253821668, 20, 26, "mpf('8.4727753260022372705142601357e-9')"),
    ],
)
def test_logarithm__is_written_as_mpmath_writes_it(value: float, base: float, digits: int, text: str) -> None:
    assert repr(logarithm(value, base, digits)) == text


@pytest.mark.parametrize(("value", "base", "digits"), [(-1, 10, 5), (5, 1, 5), (5, 10, 0), (5, 10, 10**9)])
def test_logarithm__without_a_value_is_an_error(value: float, base: float, digits: int) -> None:
    assert "error" in MathAPI().logarithm(value, base, digits)


def test_math__is_bounded() -> None:
    math = MathAPI()
    assert "error" in math.power(9, 9**9)
    assert "error" in math.square_root(2, 10**9)
    assert "error" in math.round_number(5, -(10**9))
    assert math.square_root(2, 5) == {"result": Decimal("1.4142")}
    assert answer_text(math.square_root(2, 5)) == "{'result': Decimal('1.4142')}"


def test_math__converts_units() -> None:
    math = MathAPI()
    assert math.si_unit_conversion(2.5, "km", "m") == {"result": 2500.0}
    assert math.imperial_si_conversion(100, "celsius", "fahrenheit") == {"result": 212.0}
    assert "not supported" in math.imperial_si_conversion(1, "kg", "ft")["error"]


# ---- the others ------------------------------------------------------------------------------------------


def test_messages__draw_their_ids_in_the_original_order() -> None:
    messages = MessageAPI()
    assert messages.send_message("USR002", "x") == {"error": "No user is currently logged in."}
    messages.message_login("USR001")
    sent = messages.send_message("USR002", "hello")
    assert sent["message_id"] == {"new_id": 67410}
    assert messages.add_contact("Eve")["user_id"] == "USR005"
    assert messages.delete_message("USR002")["deleted_status"] is True


def test_twitter__keeps_lists_of_posts_apart() -> None:
    twitter = TwitterAPI({"authenticated": True})
    twitter.post_tweet("one")
    twitter.mention(0, ["@ann"])
    assert twitter.post_tweet("two")["mentions"] == []  # the original shares one list between posts


def test_tickets__refuse_unknown_fields_and_priorities() -> None:
    tickets = TicketAPI({"current_user": "me"})
    assert "between 1 and 5" in tickets.create_ticket("x", priority=6)["error"]
    tickets.create_ticket("x")
    assert "owner" in tickets.edit_ticket(1, {"owner": "you"})["error"]
    assert tickets.close_ticket(1)["status"].endswith("successfully.")
    assert "already closed" in tickets.close_ticket(1)["error"]


def test_trading__checks_funds_and_log_in() -> None:
    trading = TradingBot()
    assert "log in" in trading.place_order("Buy", "AAPL", 1.0, 1)["error"]
    trading.trading_login("me", "secret")
    assert "Insufficient funds" in trading.place_order("Buy", "GOOG", 2840.0, 100)["error"]
    assert trading.place_order("Buy", "AAPL", 227, 10)["status"] == "Pending"
    assert trading.withdraw_funds(1.0) == {"error": "Market is closed. Transactions are not allowed."}
    assert trading.fund_account(5.0)["new_balance"] == 10005.0
    history = trading.get_transaction_history("2024-09-01", "2024-09-03")
    assert isinstance(history, dict)
    assert [entry["amount"] for entry in history["transaction_history"]] == [5.0]


def test_travel__books_pays_and_pays_back() -> None:
    card = {"card": {"card_number": "1", "balance": 1000.0}}
    travel = TravelAPI({"credit_card_list": card, "access_token": "t", "token_expires_in": 9})
    date = "2025-01-01"  # the digits have the sum 11: no double fare
    assert travel.get_flight_cost("SFO", "LAX", date, "business") == {"travel_cost_list": [400.0]}
    booked = travel.book_flight("t", "card", date, "SFO", "LAX", "business")
    assert travel.credit_card_list["card"]["balance"] == 600.0
    assert travel.retrieve_invoice("t", booked["booking_id"])["invoice"]["travel_cost"] == 400.0
    assert travel.book_flight("t", "card", date, "SFO", "LAX", "first")["error"] == "Insufficient funds"
    assert travel.cancel_booking("t", booked["booking_id"]) == {"cancel_status": True}
    assert travel.credit_card_list["card"]["balance"] == 1000.0
    assert travel.book_flight("u", "card", date, "SFO", "LAX", "first")["error"] == "Invalid access token"


def test_flights__double_on_even_dates() -> None:
    assert fare(ROUTES["SFO", "LAX"], "economy", "2025-01-01") == 200.0
    assert fare(ROUTES["SFO", "LAX"], "economy", "2025-01-02") == 400.0


@pytest.mark.parametrize(
    ("traveller", "birth", "passport", "failure"),
    [
        (("A", "B"), "1990-01-01", "US1", None),
        (("X", "B"), "1990-01-01", "US1", "another user"),
        (("A", "B"), "2007-01-01", "US1", "18 years"),
        (("A", "B"), "1990-13-01", "US1", "YYYY-MM-DD"),
        (("A", "B"), "1990-01-01", "DE1", "United States"),
    ],
)
def test_travel__verifies_who_may_travel(
    traveller: tuple[str, str], birth: str, passport: str, failure: str | None
) -> None:
    travel = TravelAPI({"user_first_name": "A", "user_last_name": "B"})
    verdict = travel.verify_traveler_information(*traveller, birth, passport)
    assert verdict["verification_status"] is (failure is None)
    assert (failure or "") in verdict.get("verification_failure", "")


def test_vehicle__starts_with_locked_doors_and_a_pressed_brake() -> None:
    vehicle = VehicleControlAPI({"fuelLevel": 5.0})
    assert "driver, passenger" in vehicle.startEngine("START")["error"]
    vehicle.lockDoors(False, ["driver", "passenger", "rear_left", "rear_right"])
    assert "Brake pedal" in vehicle.startEngine("START")["error"]
    vehicle.pressBrakePedal(0.5)
    assert "fully" in vehicle.startEngine("START")["error"]
    vehicle.pressBrakePedal(1)
    assert vehicle.startEngine("START")["engineState"] == "running"
    assert vehicle.setCruiseControl(63, True, 10) == {"error": "Invalid speed"}
    assert "Unknown doors" in vehicle.lockDoors(True, ["driver", "trunk"])["error"]
    assert vehicle.remainingUnlockedDoors == 0
    assert vehicle.estimate_drive_feasibility_by_mileage(100.0) == {"canDrive": True}
