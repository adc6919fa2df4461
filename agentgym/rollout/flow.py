"""Episodes that go on each by itself: no turn waits for the answers or the environments of others.

While a model samples, the environments whose answers are there act: those in processes of their own always,
those in this process where the model works elsewhere, on a GPU.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any

from agentgym.agents.protocol import TurnStream
from agentgym.errors import AgentGymError
from agentgym.rollout.isolation import IsolatedEnv, Isolation
from agentgym.rollout.plan import Episode
from agentgym.rollout.pool import EnvPool
from agentgym.rollout.slots import Slot, ask_oracle, begin, begin_again, decide, take_step, turn_of
from agentgym.trajectory import Decision, Turn

__all__ = ["Flow"]


class Flow:
    """The live episodes of a run whose agent answers turn by turn.

    Args:
        agent: Who acts; it has `stream`.
        stream: What it began.
        agent_seed: Seed of the agent's own chance.
        pool: The environments.
        isolation: How often a failed environment is replaced; None: never.
    """

    def __init__(
        self, agent: Any, stream: TurnStream, agent_seed: int, pool: EnvPool, isolation: Isolation | None
    ) -> None:
        self._agent, self._stream, self._agent_seed = agent, stream, agent_seed
        self._pool, self._isolation = pool, isolation
        self._asked: dict[int, tuple[Slot, Turn, float]] = {}  # by the turn's identity; the clock when asked
        self._acting: list[tuple[Slot, Decision]] = []  # in processes of their own
        self._over: list[Slot] = []
        self._clock = 0.0  # seconds that the agent took, each divided by the number of turns under way

    def __len__(self) -> int:
        """Return the number of live episodes, and of those that are over and were not yet given."""
        return len(self._asked) + len(self._acting) + len(self._over)

    def begin(self, waiting: Iterator[Episode], slots: int) -> None:
        """Begin episodes as long as slots are free."""
        begun: list[Slot] = []
        while len(self) + len(begun) < slots and (episode := next(waiting, None)) is not None:
            begun.append(begin(episode, self._pool))
        self._go_on(begun)

    def advance(self) -> list[Slot]:
        """Let the agent work for a moment and the environments act; return the episodes that are over."""
        stepped = []
        for slot, decision in self._answers():
            if isinstance(decision, Exception):
                slot.fail("agent", decision)
                stepped.append(slot)
            elif isinstance(slot.env, IsolatedEnv):
                slot.env.post_step(decision.action)
                self._acting.append((slot, decision))
            else:
                take_step(slot, decision)
                stepped.append(slot)
        self._go_on([*stepped, *self._acted()])
        over, self._over = self._over, []
        return over

    def _acted(self) -> list[Slot]:
        """Take what environments in other processes have answered; wait for one if nothing else is to do."""
        done = [pair for pair in self._acting if pair[0].env.answered()]  # type: ignore[union-attr]
        if not done and not self._asked:
            done = self._acting[:1]
        for pair in done:
            self._acting.remove(pair)
            take_step(*pair)
        return [slot for slot, _ in done]

    def _go_on(self, slots: Sequence[Slot]) -> None:
        """Ask the agent about episodes that are alive; put those that are over aside."""
        live = []
        for slot in (begin_again(slot, self._pool, self._isolation) for slot in slots):
            ask_oracle(slot, self._agent)
            if slot.over:
                self._stream.leave(slot.episode.number)
                self._over.append(slot)
            else:
                live.append(slot)
        if live:
            self._submit(live)

    def _submit(self, live: Sequence[Slot]) -> None:
        turns = [turn_of(slot, self._agent_seed) for slot in live]
        begun = time.perf_counter()
        for slot, turn in zip(live, turns, strict=True):
            self._asked[id(turn)] = slot, turn, self._clock
        try:
            self._stream.submit(turns)
        except AgentGymError:
            raise
        except Exception:
            self._stream = _Broken()
        share = (time.perf_counter() - begun) / len(live)
        for slot in live:
            slot.model_s += share

    def _answers(self) -> list[tuple[Slot, Decision | Exception]]:
        """Let the agent work for a moment; return what it has answered."""
        if not self._asked:
            return []
        begun = time.perf_counter()
        answers: Sequence[tuple[Turn, Decision | Exception]]
        try:
            answers = self._stream.poll()
        except AgentGymError:
            raise
        except Exception:  # find whose turn it was, and begin anew
            turns = [turn for _, turn, _ in self._asked.values()]
            answers = list(zip(turns, decide(self._agent, turns), strict=True))
            self._stream = self._agent.stream()
        self._clock += (time.perf_counter() - begun) / len(self._asked)
        found = []
        for turn, decision in answers:
            slot, _, asked_at = self._asked.pop(id(turn))
            slot.model_s += self._clock - asked_at
            found.append((slot, decision))
        return found


class _Broken:
    """Stands for a stream that raised when it was asked; the next `poll` finds out why."""

    def __len__(self) -> int:
        return 0

    def submit(self, turns: Sequence[Turn]) -> None:
        """Ask nobody."""

    def poll(self) -> list[tuple[Turn, Decision]]:
        """Raise, so that the turns are decided one by one."""
        raise RuntimeError("the stream is broken")

    def leave(self, episode: int) -> None:
        """Tell nobody."""
