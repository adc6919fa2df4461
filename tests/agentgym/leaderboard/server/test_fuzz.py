"""The API against its own description: whatever is sent, it answers as it says, and never breaks."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import schemathesis
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from schemathesis import checks

from agentgym.leaderboard import Submission
from tests.agentgym.leaderboard.server.boards import API, Board, served

OPERATIONS = 16
CHECKS = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.unsupported_method,
]


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory, make: Callable[..., Submission]) -> Iterator[Board]:
    with served(tmp_path_factory.mktemp("board")) as board:
        board.store.add(make("wanderer:1"), owner="anna")
        board.store.add(make("wanderer:2"), owner="bert")
        yield board


def test_schema__describes_every_route_and_is_served(full: Board) -> None:
    schema = full.caller().get(f"{API}/openapi.json").json()
    found = [(path, method) for path, methods in schema["paths"].items() for method in methods]
    assert len(found) == OPERATIONS
    for path, method in found:
        operation = schema["paths"][path][method]
        assert operation["description"] and {"400", "422", "429", "503"} <= set(operation["responses"])


@pytest.mark.slow
@pytest.mark.parametrize("number", range(OPERATIONS))
def test_api__conforms_to_its_schema_whatever_is_sent(full: Board, number: int) -> None:
    described = schemathesis.openapi.from_url(f"{full.url}{API}/openapi.json")
    operation = list(described.get_all_operations())[number].ok()
    kinds = [operation.as_strategy(generation_mode=mode) for mode in schemathesis.GenerationMode]

    @settings(max_examples=50, derandomize=True, deadline=None, database=None, phases=[Phase.generate])
    @given(case=st.one_of(kinds))
    def send(case: schemathesis.Case) -> None:
        secret = full.store.tokens.new("fuzz", "admin")[
            1
        ]  # a new one, since the last may have been withdrawn
        case.call_and_validate(headers={"Authorization": f"Bearer {secret}"}, checks=CHECKS)

    send()
