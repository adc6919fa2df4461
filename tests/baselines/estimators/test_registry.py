from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import pytest

from agentgym import StepBatch
from agentgym.columns import FloatArray
from agentgym.errors import AgentGymError, ArgumentError, MissingColumnError, UnknownNameError
from baselines.estimators import Advantages, advantages, make_estimator, method, names, register, registry
from tests.baselines.estimators.batches import make

BATCH = make([0, 1], [0.0, 1.0])


class CountingAdvantages(NamedTuple):
    step: FloatArray
    token: FloatArray | None
    calls: int


class Counting:
    """A method with memory and a further result."""

    def __init__(self, *, start: int = 0) -> None:
        self.calls = start

    def __call__(self, batch: StepBatch) -> CountingAdvantages:
        self.calls += 1
        return CountingAdvantages(batch.outcome, None, self.calls)

    def state_dict(self) -> dict[str, Any]:
        return {"calls": self.calls}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self.calls = state["calls"]


@pytest.fixture(autouse=True)
def restored_registry() -> Iterator[None]:
    names()
    before = dict(registry._METHODS)
    yield
    registry._METHODS.clear()
    registry._METHODS.update(before)


def test_names__lists_the_methods_and_their_aliases() -> None:
    assert {"grpo", "rloo", "reinforce_pp", "gigpo"} <= set(names(aliases=False))
    assert "dr_grpo" in names()
    assert "dr_grpo" not in names(aliases=False)


def test_advantages__unknown_name_suggests_close_ones() -> None:
    with pytest.raises(UnknownNameError, match="gigpo"):
        advantages("gipgo", BATCH)


def test_advantages__unknown_keyword_suggests_close_ones() -> None:
    with pytest.raises(UnknownNameError, match=r"keyword of 'gigpo' named 'gama'.*'gamma'"):
        advantages("gigpo", BATCH, gama=0.9)


def test_advantages__missing_column_names_column_and_method() -> None:
    register("needy", paper="", needs=("entropy",))(lambda batch: Advantages(batch.outcome))
    with pytest.raises(MissingColumnError, match=r"needy needs the column 'entropy'"):
        advantages("needy", BATCH)
    entropic = BATCH.with_columns(entropy=[0.0, 0.0])
    np.testing.assert_array_equal(advantages("needy", entropic).step, [0.0, 1.0])


@pytest.mark.parametrize("bad", [np.zeros(3), np.array([0.0, np.nan])])
def test_advantages__a_faulty_method_is_found_out(bad: FloatArray) -> None:
    register("faulty", paper="")(lambda batch: Advantages(bad))
    with pytest.raises(AgentGymError, match="'faulty' returned step"):
        advantages("faulty", BATCH)
    register("faulty_token", paper="")(lambda batch: Advantages(batch.outcome, bad))
    with pytest.raises(AgentGymError, match="'faulty_token' returned token"):
        advantages("faulty_token", BATCH)


def test_register__a_taken_name_is_an_error() -> None:
    with pytest.raises(ArgumentError, match=r"'grpo' is taken by baselines\.estimators\.grpo"):
        register("grpo", paper="")(Counting)


def test_make_estimator__keeps_the_memory_of_a_class() -> None:
    register("counting", paper="")(Counting)
    estimator = make_estimator("counting", start=5)
    assert estimator(BATCH).calls == 6  # type: ignore[attr-defined]
    assert estimator.state_dict() == {"calls": 6}
    other = make_estimator("counting")
    other.load_state_dict(estimator.state_dict())
    assert other(BATCH).calls == 7  # type: ignore[attr-defined]
    assert advantages("counting", BATCH).calls == advantages("counting", BATCH).calls == 1
    with pytest.raises(UnknownNameError, match="'start'"):
        make_estimator("counting", stat=1)


def test_make_estimator__a_function_has_no_memory() -> None:
    estimator = make_estimator("grpo", norm="mean")
    np.testing.assert_array_equal(estimator(BATCH).step, [-0.5, 0.5])
    assert estimator.state_dict() == {}
    estimator.load_state_dict({})
    with pytest.raises(ArgumentError, match="no memory"):
        estimator.load_state_dict({"calls": 1})


def test_method__every_one_carries_its_paper_and_docstring() -> None:
    for name in names():
        found = method(name)
        assert found.paper
        assert "References:" in (found.body.__doc__ or "")
        assert found.arxiv in (found.body.__doc__ or "")
        assert "eviation" in (found.body.__doc__ or "")
    assert method("gigpo").keywords["gamma"] == 0.95
    assert method("dr_grpo").keywords["norm"] == "mean"


def test_estimators__import_numpy_alone() -> None:
    code = "import sys, baselines.estimators as e; e.names(); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
