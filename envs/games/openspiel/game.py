"""The rules of an OpenSpiel game, in words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from agentgym.errors import ArgumentError, DataError, require, suggest
from envs.games.openspiel.facts import facts_of
from envs.games.openspiel.state import SpielState, spiel_state
from envs.games.openspiel.wording import Wording
from envs.games.protocol import GameFacts, GameState

__all__ = ["SpielGame", "load_spiel", "open_spiel_game"]

_PLAIN_RULES = (
    "The rules are those of the game {title!r} of OpenSpiel. There are {seats} players. "
    "Returns lie between {least:g} and {most:g}; more is better."
)


class SpielGame:
    """A game of OpenSpiel (a `TextGame`).

    Args:
        name: Registered name of the game in this suite.
        spiel: The `pyspiel.Game`.
        params: The parameters that made it (JSON values).
        wording: Its words; None: OpenSpiel's own, behind a short preface.

    Raises:
        ArgumentError: It has no text that a player may see.
    """

    def __init__(
        self, name: str, spiel: Any, params: Mapping[str, Any], wording: Wording | None = None
    ) -> None:
        kind = spiel.get_type()
        self.spiel = spiel
        self.params = dict(params)
        self.facts: GameFacts = facts_of(name, spiel, wording)
        self.wording = wording or Wording(kind.long_name, _preface(self.facts), fixed_words=False)
        self.rules = self.wording.rules
        self.position_decides = self.wording.position_decides
        self.has_infostates = bool(kind.provides_information_state_string)
        self.has_infostate_tensors = self.facts.hidden and bool(kind.provides_information_state_tensor)
        self._seeded = "rng_seed" in kind.parameter_specification
        self._names: list[dict[int, str]] = [{} for _ in range(self.facts.seats)]
        self._word = self.wording.word or _own_word
        self._render = self.wording.render or _own_render(self.facts, kind)

    def new_state(self, chance: np.random.Generator) -> SpielState:
        """Start a play."""
        return self._blank(int(chance.integers(1 << 31)) if self._seeded else None, chance).start()

    def load_state(self, saved: Any) -> SpielState:
        """Take up a play that `SpielState.save` wrote, by playing its actions again.

        Raises:
            DataError: It is no play of this game.
        """
        seed, chance = saved["rng_seed"], np.random.PCG64(0)
        if self.facts.chance:
            chance.state = saved["chance"]
        elif saved["chance"] is not None:
            raise DataError("it holds a generator, and this game has no chance")
        if (seed is not None) != self._seeded or (self._seeded and not _is_seed(seed)):
            raise DataError(f"its rng_seed is {seed!r}")
        return self._blank(seed, np.random.Generator(chance)).replay(saved["history"])

    def expert(self, state: GameState, seat: int, rng: np.random.Generator) -> str:
        """Return a good action."""
        from envs.games.opponents import make_strategy

        if callable(self.wording.expert):
            return self.wording.expert(spiel_state(state), seat, rng)
        return make_strategy(self.wording.expert, self).act(state, seat, rng)

    def word(self, spiel: Any, seat: int, number: int) -> str:
        """Name a legal action of a seat."""
        if not self.wording.fixed_words:
            return self._word(spiel, seat, number)
        names = self._names[seat]
        if number not in names:
            names[number] = self._word(spiel, seat, number)
        return names[number]

    def words(self, spiel: Any, seat: int) -> dict[str, int]:
        """Name all legal actions of a seat: {canonical text: number}."""
        numbers, names = spiel.legal_actions(seat), self._names[seat]
        try:
            return {names[number]: number for number in numbers}
        except KeyError:  # a word is not fixed, or new
            return {self.word(spiel, seat, number): number for number in numbers}

    def render(self, state: SpielState, seat: int) -> str:
        """Write what a seat sees."""
        return self._render(state, seat)

    @property
    def tensor_shape(self) -> tuple[int, ...]:
        """Shape of `SpielState.tensor`.

        Raises:
            ArgumentError: OpenSpiel gives no tensor for this game.
        """
        kind = self.spiel.get_type()
        if self.has_infostate_tensors:
            return tuple(self.spiel.information_state_tensor_shape())
        if kind.provides_observation_tensor:
            return tuple(self.spiel.observation_tensor_shape())
        raise ArgumentError(f"OpenSpiel gives no tensor for {self.facts.name}. Leave numeric=True out.")

    def rng_seed_of(self, spiel: Any) -> int | None:
        """Return the seed of a play whose game keeps its own generator; None for other games."""
        return int(spiel.get_game().get_parameters()["rng_seed"]) if self._seeded else None

    def _blank(self, seed: int | None, chance: np.random.Generator) -> SpielState:
        # A game with a generator of its own is loaded anew: a reset must not go on where the last play ended.
        name = self.spiel.get_type().short_name
        spiel = self.spiel if seed is None else load_spiel(name, {**self.params, "rng_seed": seed})
        return SpielState(self, spiel.new_initial_state(), chance)

    def __reduce__(self) -> tuple[Any, ...]:
        from envs.games.registration import load_game

        return load_game, (self.facts.name, self.params)


def open_spiel_game(name: str, **params: Any) -> SpielGame:
    """Load any OpenSpiel game with its own texts.

    Args:
        name: Its name in OpenSpiel.
        params: Its parameters: numbers, truth values, or texts; a game as a parameter is a text, too:
            game="goofspiel(num_cards=4)".

    Raises:
        ArgumentError: OpenSpiel refuses the parameters.
        MissingExtraError: OpenSpiel is not installed.
    """
    return _load_plain(name, json.dumps(params, sort_keys=True))


@lru_cache(maxsize=64)
def _load_plain(name: str, params: str) -> SpielGame:
    given = json.loads(params)
    return SpielGame(name, load_spiel(name, given), given)


def load_spiel(name: str, params: Mapping[str, Any]) -> Any:
    """Load a `pyspiel.Game`.

    Raises:
        ArgumentError: OpenSpiel refuses the parameters.
        MissingExtraError: OpenSpiel is not installed.
    """
    pyspiel = require("pyspiel", extra="games", who=f"The game {name!r}")
    if name.startswith("python_"):
        require("open_spiel.python.games", extra="games", who=f"The game {name!r}")
    if name not in pyspiel.registered_names():
        raise suggest("OpenSpiel game", name, pyspiel.registered_names())
    for key, value in params.items():
        if not isinstance(value, (bool, int, float, str)) or "file" in f"{key} {value}":
            raise ArgumentError(
                f"The parameter {key!r} of {name!r} is {value!r}. Pass a number, a truth value or a text, "
                "and no file: parameters come with the records of strangers."
            )
    arguments = ",".join(f"{key}={value}" for key, value in params.items())
    try:
        return pyspiel.load_game(f"{name}({arguments})")
    except pyspiel.SpielError as error:
        raise ArgumentError(
            f"OpenSpiel refuses {name}({arguments}): {error}. Pass parameters that it knows."
        ) from error


def _preface(facts: GameFacts) -> str:
    return _PLAIN_RULES.format(title=facts.title, seats=facts.seats, least=facts.least, most=facts.most)


def _own_word(spiel: Any, seat: int, number: int) -> str:
    return str(spiel.action_to_string(seat, number))


def _own_render(facts: GameFacts, kind: Any) -> Any:
    """Choose OpenSpiel's text for a seat.

    `str(state)` is never shown in a game with secrets. Where all is open the observation is the position; the
    information state would be a list of move numbers.
    """
    information = lambda state, seat: state.spiel.information_state_string(seat)  # noqa: E731
    observation = lambda state, seat: state.spiel.observation_string(seat)  # noqa: E731
    if facts.hidden and kind.provides_information_state_string:
        return information
    if kind.provides_observation_string:
        return observation
    if kind.provides_information_state_string:
        return information
    raise ArgumentError(f"OpenSpiel gives no text for {facts.name}, so it cannot be played in text.")


def _is_seed(seed: Any) -> bool:
    return type(seed) is int and 0 <= seed < 1 << 31
