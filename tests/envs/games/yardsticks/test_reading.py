"""Reading policies off information states: agents whose policy is known, and a language model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from agentgym.agents import make_agent
from agentgym.errors import ArgumentError
from agentgym.trajectory import Decision, Turn
from envs.games.yardsticks.reading import read_policy, stand

pytest.importorskip("pyspiel", reason="the extra games is not installed")

_KUHN = "agentgym/KuhnPoker-v0"


class Passive:
    """Passes, and now and then says something that is no action."""

    spec, wants_oracle = "passive", False

    def __init__(self) -> None:
        self.seen: list[Turn] = []

    def act(self, turns: Sequence[Turn]) -> list[Decision]:
        self.seen += turns
        return [Decision("what?" if turn.rng().random() < 0.25 else "pass") for turn in turns]


def test_reading__of_a_player_that_always_passes() -> None:
    agent = Passive()
    reading = read_policy(_KUHN, agent, samples=200)
    assert len(reading.table) == 12
    assert all(dict(chances) == {0: 1.0, 1: 0.0} for chances in reading.table.values())
    assert reading.legal == pytest.approx(0.75, abs=0.05)
    standing = stand(_KUHN, reading)
    # Who always passes loses 1 to whoever always bets, in either seat.
    assert standing.exploitability == pytest.approx(1.0)
    assert standing.equilibrium == pytest.approx((-1 / 18, 1 / 18), abs=2e-3)
    assert standing.against_equilibrium[0] < standing.equilibrium[0] + 1e-9


def test_reading__shows_what_a_player_would_see() -> None:
    agent = Passive()
    read_policy(_KUHN, agent, samples=1)
    assert len({turn.observation for turn in agent.seen}) == 12
    assert all(turn.info["admissible_actions"] == ("pass", "bet") for turn in agent.seen)
    again = [turn for turn in agent.seen if turn.index == 1]
    assert len(again) == 3  # the first player, once for each card, after pass and bet
    assert all(turn.history[0].decision.action == "pass" for turn in again)
    assert all("Kuhn poker." in turn.history[0].observation for turn in again)
    assert not any("Kuhn poker." in turn.observation for turn in again)


def test_reading__of_a_player_that_never_answers_is_uniform() -> None:
    class Silent(Passive):
        def act(self, turns: Sequence[Turn]) -> list[Decision]:
            return [Decision("") for _ in turns]

    reading = read_policy(_KUHN, Silent(), samples=2)
    assert reading.legal == 0.0
    assert stand(_KUHN, reading).exploitability == pytest.approx(0.458333, abs=1e-5)


def test_reading__needs_probabilities_or_samples_and_a_small_game() -> None:
    with pytest.raises(ArgumentError, match="ask it for samples"):
        read_policy(_KUHN, make_agent("random"))
    with pytest.raises(ArgumentError, match="too large"):
        read_policy("agentgym/TicTacToe-v0", make_agent("random"), samples=1)
    with pytest.raises(ArgumentError, match="cannot be walked"):
        read_policy("agentgym/Ultimatum-v0", make_agent("random"), samples=1)


def test_reading__a_models_probabilities_are_those_of_its_samples() -> None:
    pytest.importorskip("torch", reason="the extra train is not installed")
    from agentgym.agents.hf import HFAgent
    from baselines.models import build_nano, train_tokenizer

    tokenizer: Any = train_tokenizer(["pass", "bet"] * 50, vocabulary=300)
    model = build_nano(tokenizer, hidden=16, layers=1, heads=2, seed=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(model.lm_head, "forward", _biased(model.lm_head.forward, tokenizer))
        agent = HFAgent(model, tokenizer, max_new_tokens=3)
        told = read_policy(_KUHN, agent)
        asked = read_policy(_KUHN, agent, samples=60)
    assert told.legal == pytest.approx(asked.legal, abs=0.06)
    assert told.legal > 0.1
    for key, chances in told.table.items():
        found = dict(asked.table[key])
        assert all(found[action] == pytest.approx(p, abs=0.25) for action, p in chances)


def _biased(forward: Any, tokenizer: Any) -> Any:
    """Make the words likely that the model is to say: an untrained model would babble."""
    import torch

    ids = [*tokenizer("pass")["input_ids"], *tokenizer("bet")["input_ids"], tokenizer.eos_token_id]
    bias = torch.zeros(len(tokenizer))
    bias[ids] = torch.tensor(np.full(len(ids), 9.0), dtype=torch.float32)
    return lambda hidden: forward(hidden) + bias
