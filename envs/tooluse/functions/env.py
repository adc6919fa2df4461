"""The function-calling environment: it joins cases, plays and rewards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from agentgym.errors import DataError, suggest
from agentgym.hashing import state_key
from envs.tooluse.core.call import ToolResult
from envs.tooluse.core.env import Outcome, Standing, ToolEnv
from envs.tooluse.core.prompt import Detail, system_text
from envs.tooluse.core.tool import run_call
from envs.tooluse.formats import Message
from envs.tooluse.functions.generator import Difficulty
from envs.tooluse.functions.play import TURN_STEPS, Play, play_of, replayed
from envs.tooluse.functions.sources import Cases, source_of

__all__ = ["FunctionCallingEnv"]

_POLICY = (
    "You serve a user by calling functions. Call what the request needs; when it is done, or when a function "
    "or a value is missing for it, reply in words. A reply ends the turn, and the user says what comes next."
)
_DONE, _CANNOT = "Done.", "I cannot do that: a function or a value is missing."
_MAX_EVENTS = 10_000


class FunctionCallingEnv(ToolEnv):
    """Do what a user asks, turn by turn, by calling functions of stateful services.

    Description:
        The Berkeley function-calling leaderboard's multi-turn and single-turn categories, on our own
        implementation of its eight services, and generated tasks on the same services. The user is a fixed
        list of turns; no model plays it.

    Observation:
        At the start of a turn what the user says; after calls their answers. When functions appear in the
        middle of a conversation the observation lists them, and `env.unwrapped.tools` holds them.

    Action:
        Calls in the action format, several at once if you like, or a reply in words, which ends the turn.

    Reward:
        "official": 1 when the conversation ends and every turn passed its check, else 0. "turn": each turn
        that passes gives 1/turns when it ends.

    Start:
        A task of the split, drawn by the seed or named by `options={"task": id}`. BFCL's cases keep their
        ids; generated tasks are called "<split>/<service>/<number>".

    End:
        Terminated after the last turn, or after more than 20 messages with calls in one turn; truncated
        after `max_steps` steps.

    Arguments:
        category: None for generated tasks; of BFCL "base", "miss_func", "miss_param", "long_context",
            "simple", "multiple", "parallel", "parallel_multiple" or "irrelevance". All of BFCL is one split,
            "test".
        data: The folder of BFCL's files. None: $AGENTGYM_DATA/bfcl.
        difficulty: Of generated tasks: "easy", "normal", "hard" or the fields of `Difficulty`.
        services: Of generated tasks: the services to play, e.g. ["MathAPI"]; None: all eight.
        reward: See Reward.
        action_format, repair, prompt: See `ToolEnv`.
        split: "train", "validation" or "test". None: "test" for BFCL, else "train".
        max_steps: See End.
        render_mode: None or "ansi".

    Extra info:
        Beside what `ToolEnv` gives: `predicted_calls` (those of the last step) and `reference_calls` (those
        of the turns that are over; all, once the episode is), each a list of `[name, {arguments}]`; `turn`
        and `turns`.

    Version history:
        v0: first version.

    References:
        Patil et al. 2025, https://gorilla.cs.berkeley.edu/leaderboard.html. Deviations: arguments that break
        a function's schema are refused and change nothing (the benchmark runs them); a message that cannot
        be read costs a step instead of ending the turn; ages are reckoned on a fixed day.
    """

    def __init__(
        self,
        *,
        category: str | None = None,
        data: str | Path | None = None,
        difficulty: str | Mapping[str, Any] | Difficulty = "normal",
        services: Sequence[str] | None = None,
        reward: Literal["official", "turn"] = "official",
        action_format: str = "hermes",
        repair: bool = False,
        prompt: Detail = "full",
        split: str | None = None,
        max_steps: int = 150,
        render_mode: str | None = None,
    ) -> None:
        if reward not in ("official", "turn"):
            raise suggest("reward", str(reward), ("official", "turn"))
        self._source: Cases = source_of(category, data, difficulty, services)
        super().__init__(
            action_format=action_format,
            repair=repair,
            prompt=prompt,
            split=split if split is not None else self._source.default_split,
            max_steps=max_steps,
            render_mode=render_mode,
        )
        self._by_turn = reward == "turn"
        self._play: Play | None = None
        self._events: list[list[dict[str, Any]] | None] = []
        self._key = ""
        self._rewarded = 0

    def tasks(self, split: str) -> Sequence[str]:
        """List the task ids of a split."""
        if split not in self.splits:
            raise suggest("split", split, self.splits)
        return self._source.tasks(split)

    @classmethod
    def kind_of(cls, task: str) -> str:
        """Name the category of a case of BFCL, or the service of a generated task."""
        parts = task.split("/")
        return parts[1] if len(parts) == 3 else task.rpartition("_")[0]

    @property
    def play(self) -> Play:
        """The episode."""
        assert self._play is not None  # the base class has seen to a reset
        return self._play

    def oracle_action(self) -> str:
        """Return the next reference call of the turn, or the reply that ends it.

        Calls of cases without services are judged together, so all of them are made at once; so are those of
        a turn that has more calls than messages.
        """
        calls = self.play.next_calls()
        if calls:
            at_once = self._source.at_once or len(calls) > TURN_STEPS
            return self._write(Message(calls if at_once else calls[:1]))
        return self._write(Message(text=_DONE if self._events and self._events[-1] else _CANNOT))

    def _open(self, task: str) -> str:
        self._take(play_of(self._source.case(task)), [])
        return self.play.words()

    def _take(self, play: Play, events: list[list[dict[str, Any]] | None]) -> None:
        self._play, self._events, self._key = play, events, ""
        self._rewarded = len(play.passed)
        self._equip(play.toolbox())

    def _policy(self) -> str:
        return _POLICY

    def _run(self, message: Message) -> list[ToolResult]:
        if not message.calls:
            return []
        results = [run_call(self.toolbox, call) for call in message.calls]
        self.play.called([result.call for result in results], [result.ran for result in results])
        self._events.append([result.call.to_record() for result in results])
        self._key = ""
        return results

    def _settle(self, results: Sequence[ToolResult]) -> Outcome:
        return self._outcome(self._format.answer(results))

    def _reply(self, text: str) -> Outcome:
        had = self.toolbox
        self.play.replied()
        self._events.append(None)
        self._key = ""
        if self.play.over:
            return self._outcome("")
        self._equip(self.play.toolbox())
        appeared = {name: tool for name, tool in self.toolbox.items() if name not in had}
        words = self.play.words()
        return self._outcome(system_text(words, appeared, self._format, self._detail) if appeared else words)

    def _outcome(self, observation: str) -> Outcome:
        """Reward the turns that have been judged since the last time."""
        share = sum(self.play.passed[self._rewarded :]) / self.play.turns
        self._rewarded = len(self.play.passed)
        reward = share if self._by_turn else float(self._won())
        return Outcome(observation, reward, self.play.over, {"turns": share})

    def _won(self) -> bool:
        return self.play.over and all(self.play.passed)

    def _standing(self) -> Standing:
        won = self._won()
        self._key = self._key or state_key(self.play.key())
        return Standing(self._key, self.play.progress(), float(won), won)

    def _more(self) -> dict[str, Any]:
        return {
            "predicted_calls": [[call["name"], call["arguments"]] for call in self._last.calls],
            "reference_calls": self.play.reference(whole=self._over),
            "turn": self.play.turn,
            "turns": self.play.turns,
        }

    def _save_state(self) -> dict[str, Any]:
        return {"events": list(self._events)}

    def _load_state(self, task: str, state: Any) -> None:
        events = state["events"]
        if not isinstance(events, list) or len(events) > _MAX_EVENTS:
            raise DataError("its events are no list, or too many")
        self._take(replayed(self._source.case(task), events), list(events))
