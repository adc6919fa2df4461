"""The single-agent view: one seat is the agent's, opponents sit at the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

import numpy as np

from agentgym.api import Facts, TextEnv, Transition
from agentgym.errors import ArgumentError, DataError, EpisodeOverError
from envs.games.deals import chance_of, deals
from envs.games.match import Match, OnIllegal, slip_rng
from envs.games.opponents import OpponentSpec, Player, make_player
from envs.games.opponents.speakers import Callback, Speaker
from envs.games.registration import load_game

__all__ = ["GameEnv"]

_CONTINUE = "continue"


class GameEnv(TextEnv):
    r"""Play a strategic game against opponents.

    Description:
        One seat of a game is yours; opponents hold the others. `reset` plays until you must act. The same
        games, and many more, are PettingZoo environments for several agents: see `envs.games.aec.GameAEC`.

    Observation:
        The rules and your seat until you have spoken; then the position, the public history and the legal
        actions. After an illegal text, the first line says why. It holds no secret of another seat.

    Action:
        One legal action: alone, in `<answer>...</answer>`, in `\boxed{...}` or in `[...]`; letter case,
        spaces and the brackets `<>()[]` do not matter where that leaves one action. Other texts are illegal.

    Reward:
        What your seat gets until you act again; the rewards of an episode add up to your return.

    Start:
        Tasks are deals by number, "train/0" to "train/999999", and so for "validation" and "test": all cards
        and dice come from the number, whatever anybody does. Deals of different splits have different seeds
        (small games have few deals, so that equal ones occur). The seed draws the task and decides the
        opponents' chance, so that in a game without cards tasks differ by what opponents do.

    End:
        Terminated when the game is over, or lost by forfeit; truncated after `max_steps` steps. Whoever lets
        the steps run out after an illegal text forfeits: babbling must not save a lost game.

    Info:
        `score` is your return so far, mapped linearly from the range of the game to [0, 1]; `success` is a
        final return above the game's par (0 where that is a win, the score of full cooperation in a
        dilemma, all cards in Hanabi); `progress` is the share of the longest play that has been played, 1 at
        the end. `extra`: "seat", "opponent" (versioned names), "illegal" (your illegal texts), "returns"
        (your return so far) and "infostate_key".

        `state_key` is of the true state and so depends on hidden cards and on the deal: it is for replay and
        for grouping the episodes of one deal. Whatever plays or learns by looking things up must use
        `extra["infostate_key"]`, which depends only on what your seat knows.

    Args:
        game: Registered name of the game; the id chooses it.
        params: Parameters of the game.
        opponent: "random", "first", "expert", "minimax", "mcts:<simulations>[:<rollouts>]",
            "ismcts:<simulations>", "nash[:<iterations>]", "cfr[:<iterations>]", "agent:<agent>", "self" (the
            function set as `self_policy`), {"replay": [texts]}, a function (observation, facts) -> text, or a
            list with one of these for each other seat.
        seat: Your seat, or "random": the seed draws it.
        on_illegal: "retry": an illegal text costs a step, and after `max_retries` retries in one turn you
            forfeit. "lose": you forfeit at once. "random": a legal action is played for you. So for others.
        max_retries: Retries in one turn; None: no end but `max_steps`.
        show_legal: Whether the legal actions are listed; the game is harder without.
        split: The split from which `reset(seed=...)` draws its task.
        max_steps: Number of steps after which an episode is truncated.
        render_mode: "ansi" (what your seat sees) or None.

    Raises:
        ArgumentError: An argument has a value that cannot be used.
        MissingExtraError: The game needs OpenSpiel, which is not installed.

    Version history:
        v0: first version.

    References:
        Lanctot et al. 2019, OpenSpiel. Yuan et al. 2025, MARS (arXiv 2510.15414): games, presets, opponents.
        Deviation: deals follow the real distribution, search never sees hidden cards, and nobody is paid for
        another's illegal text but in zero-sum games.
    """

    oracle_success: ClassVar[float] = 0.0  # cards and good opponents beat every expert at times

    def __init__(
        self,
        game: str,
        *,
        params: Mapping[str, Any] | None = None,
        opponent: OpponentSpec | Sequence[OpponentSpec] = "random",
        seat: int | Literal["random"] = 0,
        on_illegal: OnIllegal = "retry",
        max_retries: int | None = None,
        show_legal: bool = True,
        split: str = "train",
        max_steps: int = 50,
        render_mode: str | None = None,
    ) -> None:
        super().__init__(split=split, max_steps=max_steps, render_mode=render_mode)
        rules = load_game(game, params)
        seats = rules.facts.seats
        if seat != "random" and (type(seat) is not int or not 0 <= seat < seats):
            raise ArgumentError(
                f"`seat` is {seat!r} in {self.name}. It must be 0 to {seats - 1}, or 'random'."
            )
        self.self_policy: Speaker | None = None
        self._match = Match(rules, on_illegal=on_illegal, max_retries=max_retries, show_legal=show_legal)
        self._wanted_seat: int | Literal["random"] = seat
        self._seat = 0 if seat == "random" else seat
        self._others = self._players(opponent)
        self._folded = False  # the game ended before our first turn; one formal step is left

    def tasks(self, split: str) -> Sequence[str]:
        """List the deals of a split; the list of a million is computed, not stored."""
        return deals(split)

    def oracle_action(self) -> str:
        """Return what the game's expert does; its chance comes from the state alone."""
        if self._folded:
            return _CONTINUE
        if self._match.over:
            raise EpisodeOverError(f"The episode of {self.name} is over. Call reset() to play another.")
        state = self._match.state
        return self._match.game.expert(state, self._seat, slip_rng(state))

    def render(self) -> str | None:
        """Return what the seat sees, for "ansi"; else None."""
        return self._tell() if self.render_mode == "ansi" else None

    @property
    def match(self) -> Match:
        """The match that is played."""
        return self._match

    @property
    def opponents(self) -> tuple[str, ...]:
        """Versioned names of the opponents, in the order of their seats."""
        return tuple(player.name for player in self._others)

    def _begin(self, task: str) -> str:
        chance = chance_of(task)
        number = int(task.rpartition("/")[2])
        draws = [int(draw) for draw in self.np_random.integers(1 << 62, size=2)]
        self.np_random = np.random.default_rng([*draws, self.splits.index(self._task_split), number])
        if self._wanted_seat == "random":
            self._seat = int(self.np_random.integers(self._match.game.facts.seats))
        self._match.start(chance)
        self._play_others()
        self._folded = self._match.over
        return self._tell()

    def _act(self, action: str) -> Transition:
        if self._folded:
            return self._confirm(action)
        # What the others won for us before our first turn is paid with it.
        before = self._match.returns()[self._seat] if self._match.spoken[self._seat] else 0.0
        valid = self._match.submit(self._seat, action)
        self._play_others()
        if not self._match.over and self._steps + 1 >= self.max_steps and self._match.illegal[self._seat]:
            self._match.forfeit(self._seat)
            return Transition(self._tell(), self._gain(before), valid=valid)
        return Transition(self._tell(), self._gain(before), self._match.over, valid)

    def _confirm(self, action: str) -> Transition:
        """Take the formal step of a game that others ended before our first turn."""
        if action.strip() != _CONTINUE:
            return Transition(f"Say {_CONTINUE!r}.\n{self._tell()}", valid=False)
        self._folded = False
        return Transition(self._tell(), self._match.returns()[self._seat], terminated=True)

    def _gain(self, before: float) -> float:
        return self._match.returns()[self._seat] - before

    def _play_others(self) -> None:
        """Let the others speak until it is our turn; where all act at once, they speak after us."""
        match = self._match
        while match.actors and self._seat not in match.actors:
            seat = match.actors[0]
            player = self._others[seat - (seat > self._seat)]
            match.submit(seat, player.speak(match, seat, self.np_random))

    def _tell(self) -> str:
        told = self._match.observation(self._seat)
        return f"{told}\nYou had no turn. Say {_CONTINUE!r}." if self._folded else told

    def _facts(self) -> Facts:
        match, facts = self._match, self._match.game.facts
        over = match.over and not self._folded
        gained = 0.0 if self._folded else match.returns()[self._seat]
        return Facts(
            instruction=match.prefaces[self._seat],
            state_key=match.state_key(),
            progress=1.0 if over else min(1.0, sum(match.spoken) / facts.longest),
            score=min(1.0, max(0.0, (gained - facts.least) / (facts.most - facts.least))),
            success=over and gained > facts.par,
            admissible_actions=(_CONTINUE,) if self._folded else match.legal(self._seat),
            extra={
                "seat": self._seat,
                "opponent": list(self.opponents),
                "illegal": match.illegal[self._seat],
                "returns": gained,
                "infostate_key": match.infostate_key(self._seat),
            },
        )

    def _save(self) -> dict[str, Any]:
        return {"match": self._match.save(), "seat": self._seat, "folded": self._folded}

    def _load(self, task: str, state: Any) -> None:
        seat, folded = state["seat"], state["folded"]
        if type(seat) is not int or not 0 <= seat < self._match.game.facts.seats:
            raise DataError(f"there is no seat {seat!r}")
        if self._wanted_seat not in (seat, "random"):
            raise DataError(f"it is of seat {seat}, and this environment is of seat {self._wanted_seat}")
        match = self._match.twin()
        match.load(state["match"])
        if folded not in (True, False) or (folded and not match.over):
            raise DataError(f"its `folded` is {folded!r}")
        if match.actors and seat not in match.actors:
            raise DataError(f"seat {seat} is not to move in it")
        self._match, self._seat, self._folded = match, seat, folded

    def _players(self, opponent: OpponentSpec | Sequence[OpponentSpec]) -> tuple[Player, ...]:
        """Make the player of each other seat."""
        rules = self._match.game
        count = rules.facts.seats - 1
        alone = isinstance(opponent, (str, Mapping)) or callable(opponent)
        specs: list[Any] = [opponent] * count if alone else list(opponent)  # type: ignore[arg-type]
        if len(specs) != count:
            raise ArgumentError(
                f"`opponent` lists {len(specs)} in {self.name}, but {count} other seats are to be filled."
            )
        return tuple(
            Callback(self._ask_self, "self@v1") if spec == "self" else make_player(spec, rules)
            for spec in specs
        )

    def _ask_self(self, observation: str, told: dict[str, Any]) -> str:
        if self.self_policy is None:
            raise ArgumentError(
                f"opponent='self' of {self.name} has no policy. Set env.unwrapped.self_policy to a function "
                "(observation, facts) -> text before the first reset."
            )
        return self.self_policy(observation, told)
