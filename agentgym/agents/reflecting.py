"""Reflect, then retry: after a failed episode the agent writes what went wrong and plays it again.

The collector's part is `agentgym.rollout.tries`: it begins a failed episode anew as long as `again` says so.
What counts as the episode is its last try alone, an episode like any other: replay and the leaderboard
execute it as they do all. It carries what the tries before it cost.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from agentgym.agents.accounting import with_costs_of
from agentgym.agents.protocol import Agent
from agentgym.agents.specs import make_agent
from agentgym.agents.writing import said, writer
from agentgym.errors import ArgumentError, suggest
from agentgym.hashing import derive_seed
from agentgym.trajectory import Decision, Step, Trajectory, Turn

__all__ = ["ReflectingAgent"]

_ASK: Final = (
    "You played this and failed:\n\n{story}\n\nIt did not reach the goal. Say in a few sentences what went "
    "wrong and what to do otherwise."
)
_ASK_TURN: Final = " Begin with 'Turn N.', N being the number of the turn from which to play again."
_NOTE: Final = "You failed in an earlier try. Your reflection on it: {reflection}"
_NAMED: Final = re.compile(r"\bturn\W{0,3}(\d{1,6})", re.IGNORECASE)
_MOST_TURNS: Final = 50  # that a reflection is shown, the last ones
_LONGEST: Final = 600  # characters of an observation or an action shown in it
_LONGEST_REFLECTION: Final = 4000


@dataclass(slots=True)
class _Retry:
    """A second or later try of an episode.

    Attributes:
        number: Number of the try, from 1; the first one is number 0.
        failed: The try before it.
        model_s: Seconds spent in the agent in all tries before it.
        env_s: Seconds spent in the environment.
        reflection: What was written about the failure; None: nothing yet.
        kept: Number of turns that are played as before.
    """

    number: int
    failed: Trajectory
    model_s: float
    env_s: float
    reflection: Decision | None = None
    kept: int = 0

    @property
    def note(self) -> str:
        """What is told at each turn of the try."""
        text = "" if self.reflection is None else said(self.reflection)[:_LONGEST_REFLECTION]
        return _NOTE.format(reflection=text) if text else ""


class ReflectingAgent:
    """Plays as another agent does, and after a failure again, with its own words on it in the prompt.

    Args:
        inner: Who plays and reflects.
        tries: Greatest number of tries of an episode, at least 1. What has succeeded is not played again, so
            the agent is told whether it has: success rates are those of agents that may ask.
        retry_from: "start", or "turn": the reflection names a turn, and all before it is played as it was,
            with the very same answers.
        reflection_tokens: Greatest number of tokens of a reflection.

    Raises:
        ArgumentError: A number is out of range.
        UnknownNameError: `retry_from` is neither.

    References:
        Shi et al. 2026, reflect-then-retry (R3L), https://arxiv.org/abs/2601.03715. Deviation from the paper:
        this is its way of playing alone; the training that it serves is the branching policy "r3l".
    """

    def __init__(
        self,
        inner: Agent,
        *,
        tries: int = 2,
        retry_from: Literal["start", "turn"] = "start",
        reflection_tokens: int = 128,
    ) -> None:
        if retry_from not in ("start", "turn"):
            raise suggest("place to retry from", str(retry_from), ("start", "turn"))
        if tries < 1 or reflection_tokens < 1:
            raise ArgumentError(
                f"tries={tries}, reflection_tokens={reflection_tokens}: both must be at least 1."
            )
        self.spec, self.wants_oracle = f"reflect:{inner.spec}", inner.wants_oracle
        self.template = getattr(inner, "template", None)
        self.words = _ASK + _ASK_TURN * (retry_from == "turn") + _NOTE
        self._inner, self._tries, self._names_turn = inner, tries, retry_from == "turn"
        self._writer = writer(inner, marker="Reflection:", max_new_tokens=reflection_tokens)
        self._retries: dict[int, _Retry] = {}  # by episode

    @classmethod
    def over(
        cls,
        spec: str,
        *,
        tries: int = 2,
        retry_from: Literal["start", "turn"] = "start",
        reflection_tokens: int = 128,
        **options: Any,
    ) -> ReflectingAgent:
        """Make the agent of a specification "reflect:<agent>"; other options are those of the agent."""
        inner = make_agent(spec, **options)
        return cls(inner, tries=tries, retry_from=retry_from, reflection_tokens=reflection_tokens)

    def again(self, ended: Trajectory) -> bool:
        """Say whether an episode that has ended is to be played once more, and remember its failure.

        One that broke off is no failure to learn from: it is not played again.
        """
        before = self._retries.get(ended.episode)
        number = 1 if before is None else before.number + 1
        if ended.success or ended.error is not None or number >= self._tries:
            return False
        spent = (0.0, 0.0) if before is None else (before.model_s, before.env_s)
        clocks = spent[0] + ended.model_s, spent[1] + ended.env_s
        self._retries[ended.episode] = _Retry(number, ended, *clocks)
        return True

    def settled(self, ended: Trajectory) -> Trajectory:
        """Return the last try of an episode with the clocks of all; forget what came before it."""
        retry = self._retries.pop(ended.episode, None)
        if retry is None:
            return ended
        return replace(ended, model_s=ended.model_s + retry.model_s, env_s=ended.env_s + retry.env_s)

    def act(self, turns: Sequence[Turn]) -> list[Decision | Exception]:
        """Answer every turn; where a second try begins, reflect first."""
        failures = self._reflect([turn for turn in turns if self._is_to_reflect(turn)])
        found: dict[int, Decision | Exception] = {**failures}
        asked = []
        for turn in turns:
            retry = self._retries.get(turn.episode)
            if turn.episode in found:
                continue
            if retry is not None and turn.index < retry.kept:
                found[turn.episode] = retry.failed.steps[turn.index].decision
            else:
                asked.append(turn if retry is None else self._told(turn, retry))
        for turn, decision in zip(asked, self._inner.act(asked) if asked else (), strict=True):
            found[turn.episode] = self._charged(turn, decision)
        return [found[turn.episode] for turn in turns]

    def _is_to_reflect(self, turn: Turn) -> bool:
        retry = self._retries.get(turn.episode)
        return retry is not None and retry.reflection is None

    def _reflect(self, turns: Sequence[Turn]) -> dict[int, Exception]:
        """Write the reflections on some failures; return by episode why one could not be written."""
        asked = [self._question(turn, self._retries[turn.episode]) for turn in turns]
        failures = {}
        for turn, decision in zip(turns, self._writer.act(asked) if asked else (), strict=True):
            if isinstance(decision, Exception):
                failures[turn.episode] = decision
                continue
            retry = self._retries[turn.episode]
            retry.reflection = decision
            named = _NAMED.search(said(decision)) if self._names_turn else None
            retry.kept = 0 if named is None else min(int(named[1]), len(retry.failed.steps) - 1)
        return failures

    def _question(self, turn: Turn, retry: _Retry) -> Turn:
        ask = _ASK + _ASK_TURN * self._names_turn
        return replace(
            turn,
            seed=derive_seed(turn.seed, retry.number, 1),
            observation=ask.format(story=_story(retry.failed)),
            info={**turn.info, "admissible_actions": None},
            history=(),
        )

    def _told(self, turn: Turn, retry: _Retry) -> Turn:
        """Show a turn of a second try: with the reflection, and with chance of its own."""
        note = "\n\n".join(text for text in (turn.note, retry.note) if text)
        return replace(turn, seed=derive_seed(turn.seed, retry.number), note=note)

    def _charged(self, turn: Turn, decision: Decision | Exception) -> Decision | Exception:
        """Let the first new decision of a second try carry the reflection, and what was spent before it."""
        retry = self._retries.get(turn.episode)
        if retry is None or turn.index != retry.kept or isinstance(decision, Exception):
            return decision
        dropped = [step.decision for step in retry.failed.steps[retry.kept :]]
        spent = dropped if retry.reflection is None else [*dropped, retry.reflection]
        return replace(with_costs_of(decision, spent), note=retry.note)


def _story(failed: Trajectory) -> str:
    """Tell a failed try, its turns numbered from 0."""
    first = max(0, len(failed.steps) - _MOST_TURNS)
    lines = [_line(number, step) for number, step in enumerate(failed.steps[first:], first)]
    return "\n".join([*lines, failed.final_observation[:_LONGEST]])


def _line(number: int, step: Step) -> str:
    failed = "" if step.valid else " (not understood)"
    seen, done = step.observation[:_LONGEST], step.decision.action[:_LONGEST]
    return f"{seen}\nTurn {number}: {done}{failed}"
