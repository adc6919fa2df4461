"""Read the policy of an agent off every information state of a small game, and measure it exactly.

The agent sees at each information state just what a player sees there. A language model tells its policy by
the probabilities of the legal actions as answers; any other agent is asked several times.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agentgym.agents.hf import HFAgent
from agentgym.agents.protocol import Agent, decisions_of
from agentgym.errors import ArgumentError
from agentgym.registry import make_env
from agentgym.trajectory import Decision, Step, Turn
from envs.games.env import GameEnv
from envs.games.match import Match
from envs.games.openspiel import SpielGame, spiel_state
from envs.games.opponents.nash import Nash
from envs.games.parsing import match_action
from envs.games.protocol import IllegalMoveError
from envs.games.yardsticks.exact import Point, Table, exploitability, information_states, play_value

__all__ = ["Reading", "Standing", "read_policy", "stand"]

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Reading:
    """A policy as it was read.

    Attributes:
        table: Information state to the probabilities of its legal actions, illegal answers left out.
        legal: Probability that an answer is a legal action, mean over information states.
    """

    table: Table
    legal: float


@dataclass(frozen=True, slots=True)
class Standing:
    """How a policy stands against the theory of its game.

    Attributes:
        exploitability: What it loses on average to somebody who knows it, mean of the seats.
        against_equilibrium: Expected return of each seat against an equilibrium at the others.
        equilibrium: Expected return of each seat in equilibrium.
        legal: See `Reading`.
    """

    exploitability: float
    against_equilibrium: tuple[float, ...]
    equilibrium: tuple[float, ...]
    legal: float


def read_policy(
    env_id: str,
    agent: Agent,
    *,
    samples: int = 0,
    seed: int = 0,
    env_kwargs: Mapping[str, Any] | None = None,
) -> Reading:
    """Read a policy.

    Args:
        env_id: Id of the single-agent view of a small game of OpenSpiel, e.g. "agentgym/KuhnPoker-v0".
        agent: Whose policy it is.
        samples: Answers to each information state. 0: the log-probabilities of the legal actions under a
            language model (`hf:`), each in its one usual spelling, divided by their sum.
        seed: Seed of the agent's chance, where it is asked for samples.
        env_kwargs: Arguments of the view, e.g. {"show_legal": False}.

    Raises:
        ArgumentError: The game is too large or none of OpenSpiel, or the agent has no probabilities.
    """
    match = _match_of(env_id, env_kwargs or {})
    turns, legal = [], []
    for turn, words in _turns(match, env_id, seed):
        turns.append(turn)
        legal.append(words)
    if samples:
        chances = _asked(agent, turns, legal, samples)
    elif isinstance(agent, HFAgent):
        chances = _told(agent, turns, legal)
    else:
        raise ArgumentError(f"{agent.spec} is no language model: ask it for samples, e.g. samples=100.")
    numbers = [list(words.values()) for words in legal]
    keys = [str(turn.info["key"]) for turn in turns]
    table = {
        key: list(zip(acts, _shares(p), strict=True))
        for key, acts, p in zip(keys, numbers, chances, strict=True)
    }
    return Reading(table, float(np.mean([p.sum() for p in chances])))


def stand(env_id: str, reading: Reading, *, env_kwargs: Mapping[str, Any] | None = None) -> Standing:
    """Measure a policy that was read."""
    game = _game_of(_match_of(env_id, env_kwargs or {}))
    spiel, nash = game.spiel, Nash(game, 1000 if game.facts.name == "kuhn_poker" else 400).policy()
    seats = range(game.facts.seats)
    mixed = [play_value(spiel, [reading.table if k == seat else nash for k in seats])[seat] for seat in seats]
    return Standing(
        exploitability(spiel, reading.table),
        tuple(mixed),
        play_value(spiel, [nash for _ in seats]),
        reading.legal,
    )


def _match_of(env_id: str, env_kwargs: Mapping[str, Any]) -> Match:
    env = make_env(env_id, **env_kwargs)
    if not isinstance(env, GameEnv):
        raise ArgumentError(f"{env_id} is no strategic game. Pass e.g. agentgym/KuhnPoker-v0.")
    return env.match


def _game_of(match: Match) -> SpielGame:
    if not isinstance(match.game, SpielGame):
        raise ArgumentError(f"{match.game.facts.name} is no game of OpenSpiel: its tree cannot be walked.")
    return match.game


def _turns(match: Match, env_id: str, seed: int) -> Iterator[tuple[Turn, dict[str, int]]]:
    """Show every information state as a turn, with its legal actions and their numbers."""
    for number, point in enumerate(information_states(_game_of(match).spiel).values()):
        past: list[Step] = []
        for history, action in _own_decisions(match, point):
            _put(match, history)
            observation, words = match.observation(point.player), _words(match, point.player)
            if action is None:
                info = {
                    "instruction": match.prefaces[point.player],
                    "admissible_actions": tuple(words),
                    "key": point.key,
                }
                yield Turn(env_id, number, seed, observation, info, past), words
            else:
                said = next(word for word, k in words.items() if k == action)
                past.append(Step(observation, "", Decision(said), 0.0, False, False, True, 0.0, 0.0, False))


def _own_decisions(match: Match, point: Point) -> Iterator[tuple[list[int], int | None]]:
    """Walk to an information state and stop where its player decides; None stands for the last decision."""
    state, history = _game_of(match).spiel.new_initial_state(), list(point.history)
    for k, action in enumerate(history):
        if state.current_player() == point.player:
            yield history[:k], action
        state.apply_action(action)
    yield history, None


def _put(match: Match, history: Sequence[int]) -> None:
    """Bring a match to a position."""
    game = _game_of(match)
    chance = np.random.default_rng(0).bit_generator.state if game.facts.chance else None
    saved = {"history": list(history), "rng_seed": None, "chance": chance}
    seats = range(game.facts.seats)
    log = game.load_state(saved).log
    blank: dict[str, Any] = {name: [0 for _ in seats] for name in ("illegal", "tries")}
    blank |= {"pending": [], "forfeited": [], "over": False, "notes": ["" for _ in seats]}
    match.load({"game": saved, "spoken": [sum(who == seat for who, _ in log) for seat in seats], **blank})


def _words(match: Match, seat: int) -> dict[str, int]:
    return dict(spiel_state(match.state).words(seat))


def _asked(
    agent: Agent, turns: Sequence[Turn], legal: Sequence[Mapping[str, int]], samples: int
) -> list[FloatArray]:
    """Share of each legal action among several answers, N arrays of shape (L,)."""
    counts, n = [np.zeros(len(words)) for words in legal], len(turns)
    again = [replace(t, episode=t.episode + k * n) for k in range(samples) for t in turns]
    for number, decision in enumerate(decisions_of(agent, again)):
        words = list(legal[number % n])
        try:
            counts[number % n][words.index(match_action(decision.action, words))] += 1 / samples
        except IllegalMoveError:
            continue
    return counts


def _told(agent: HFAgent, turns: Sequence[Turn], legal: Sequence[Mapping[str, int]]) -> list[FloatArray]:
    """Probability of each legal action as an answer, N arrays of shape (L,)."""
    import torch

    prompts, tokenizer = agent.encode(turns), agent.tokenizer
    found = []
    for prompt, words in zip(prompts, legal, strict=True):
        answers = [tokenizer(word, add_special_tokens=False)["input_ids"] for word in words]
        longest = max(map(len, answers)) + 1
        rows = [[*prompt, *answer, *[tokenizer.eos_token_id] * (longest - len(answer))] for answer in answers]
        with torch.inference_mode():
            logits = agent.model(torch.tensor(rows, device=agent.model.device)).logits
        scaled = logits[:, len(prompt) - 1 : -1].double() / (agent.temperature or 1.0)
        chosen = torch.tensor(rows, device=scaled.device)[:, len(prompt) :]
        logprobs = scaled.log_softmax(-1).gather(-1, chosen[..., None]).squeeze(-1).cpu().numpy()
        found.append(
            np.array([np.exp(row[: len(a) + 1].sum()) for row, a in zip(logprobs, answers, strict=True)])
        )
    return found


def _shares(chances: FloatArray) -> list[float]:
    """Divide by the sum; a player that never answers legally plays anything."""
    total = chances.sum()
    shares = chances / total if total > 0 else np.full(len(chances), 1 / len(chances))
    return [float(share) for share in shares]
