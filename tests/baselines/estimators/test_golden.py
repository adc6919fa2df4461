"""Every golden case of every registered method and of every primitive that exists."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

from agentgym import StepBatch
from baselines.estimators import advantages, names, primitives
from baselines.estimators.primitives import broadcast, token_mean
from tests.baselines.golden import Case, cases, counts

ESTIMATORS = cases(lambda method: method in names())
PRIMITIVES = cases(lambda method: method.startswith("primitive:") and hasattr(primitives, method[10:]))


@pytest.mark.parametrize("case", ESTIMATORS)
def test_estimator__gives_the_golden_numbers(case: Case) -> None:
    batch = StepBatch.from_columns(**case["columns"])
    result = advantages(case["method"], batch, **case["kwargs"])
    for name, expected in case["expected"].items():  # `step`, `token` and the further fields by their names
        got = getattr(result, name)
        if name == "token" and got is None:
            got = broadcast(result.step, batch)
        np.testing.assert_allclose(got, expected, rtol=0, atol=case["atol"])
    if "step" not in case["expected"] and result.token is not None:
        np.testing.assert_allclose(result.step, token_mean(result.token, batch), rtol=0, atol=1e-12)


@pytest.mark.parametrize("case", PRIMITIVES)
def test_primitive__gives_the_golden_numbers(case: Case) -> None:
    function: Any = getattr(primitives, case["method"].removeprefix("primitive:"))
    read = inspect.signature(function).parameters
    got = function(
        **{name: case["columns"][name] for name in read if name in case["columns"]}, **case["kwargs"]
    )
    for name, expected in case["expected"].items():
        np.testing.assert_allclose(getattr(got, name, got), expected, rtol=0, atol=case["atol"])


@pytest.mark.parametrize(
    "method",
    [
        "empg",
        "gigpo",
        "grpo",
        "grpo_passk",
        "hgpo",
        "istar",
        "mars",
        "r3l",
        "reinforce_pp",
        "reinforce_pp_baseline",
        "rloo",
        "seeupo",
        "primitive:masked_whiten",
        "primitive:return_to_go",
        "primitive:seeupo_ratio",
    ],
)
def test_golden__has_cases_for(method: str) -> None:
    assert counts()[method] > 0
