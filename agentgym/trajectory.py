"""What passes between environment, agent and file: `Turn`, `Decision`, `Step`, `Trajectory`.

A `Turn` is what the agent sees; a `Decision` is what it answers; a `Step` is a decision with its
consequences; a `Trajectory` is one episode of steps with everything needed to execute it again. On disk a
trajectory is one JSON line: it is whole or it is not there. Its turns form a hash chain, so that an edit
shows where it was made.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agentgym.errors import TrajectoryError
from agentgym.hashing import canonical_json, digest, digest_text
from agentgym.turns import EXTRA_COLUMNS, Decision, Step, Turn
from agentgym.version import __version__

__all__ = [
    "EXTRA_COLUMNS",
    "SCHEMA",
    "Decision",
    "Step",
    "Trajectory",
    "Turn",
    "read_trajectories",
    "write_trajectories",
]

SCHEMA = "agentgym.trajectory/1"


@dataclass(frozen=True, slots=True)
class Trajectory:
    """One episode, with all that is needed to execute it again.

    Attributes:
        env_id: Registered id, version included.
        env_kwargs: Constructor arguments beyond the id's own (JSON values).
        seed: Seed of the reset.
        task_id: The task played.
        split: Its split.
        episode: Number of the episode within its run.
        group: Number of the group of episodes that started alike.
        agent: The agent's specification, e.g. "hf:runs/demo/model".
        steps: The steps, oldest first.
        final_observation: The text after the last step.
        error: Why the episode broke off, if environment or agent raised; such an episode counts as a failure.
        model_s: Seconds spent in the agent; no part of the chain.
        env_s: Seconds spent in the environment; no part of the chain.
        package: Version of this package that recorded it.
        final_info: What the environment told after the last step; not on disk, empty once read back.
    """

    env_id: str
    env_kwargs: Mapping[str, Any]
    seed: int
    task_id: str
    split: str
    episode: int
    group: int
    agent: str
    steps: tuple[Step, ...]
    final_observation: str
    error: str | None = None
    model_s: float = 0.0
    env_s: float = 0.0
    package: str = field(default=__version__)
    final_info: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def total_reward(self) -> float:
        """Sum of the rewards."""
        return float(sum(step.reward for step in self.steps))

    @property
    def success(self) -> bool:
        """Whether the episode ended in success; an errored one did not."""
        return self.error is None and bool(self.steps) and self.steps[-1].success

    @property
    def score(self) -> float:
        """Final score in [0, 1]; 0 for an errored episode."""
        return self.steps[-1].score if self.error is None and self.steps else 0.0

    @property
    def seat(self) -> int:
        """Number of the player whose episode it is: the argument `seat` of a game, else 0."""
        seat = self.env_kwargs.get("seat")
        return seat if isinstance(seat, int) else 0

    @property
    def tokens(self) -> int:
        """Number of response tokens, sampled here or counted by a server."""
        return sum(step.decision.tokens for step in self.steps)

    @property
    def cost(self) -> float:
        """What its answers cost, in the currency of the agent's prices."""
        return sum((step.decision.usage or {}).get("cost", 0.0) for step in self.steps)

    def to_json(self) -> str:
        """Encode as one line of JSON with its hash chain.

        Raises:
            TrajectoryError: A number is NaN or infinite; the turn is named.
        """
        header, canonical = _encoded(self._header())
        chain = digest_text(canonical)
        turns = []
        for number, step in enumerate(self.steps):
            try:
                turn, canonical = _encoded(_step_to_record(step, digest(step.observation)))
            except ValueError as error:
                raise TrajectoryError(f"Turn {number} holds NaN or infinity: {error}.") from error
            chain = digest_text(f'["{chain}",{canonical}]')
            turns.append(f'{turn},"chain":"{chain}"}}')
        end, canonical = _encoded(
            {
                "final_observation": self.final_observation,
                "final_observation_hash": digest(self.final_observation),
                "error": self.error,
            }
        )
        chain = digest_text(f'["{chain}",{canonical}]')
        timing = _dumps(self._timing())
        return f'{header},"turns":[{",".join(turns)}],{end[1:]},"chain":"{chain}","timing":{timing}}}'

    @classmethod
    def from_json(cls, line: str, *, strict: bool = False) -> Trajectory:
        """Decode a line and check its hash chain.

        Args:
            line: The line, without its line break.
            strict: Whether to take it only as `to_json` writes it: no key twice or unknown, no 1 for 1.0, no
                other order, spacing or escape. What is checked is then what every reader sees.

        Raises:
            TrajectoryError: The line is no trajectory of this schema, or the chain breaks; the turn is named.
        """
        record = _parse(line)
        try:
            steps = _checked_steps(record)
            trajectory = cls(
                env_id=str(record["env_id"]),
                env_kwargs=dict(record["env_kwargs"]),
                seed=int(record["seed"]),
                task_id=str(record["task_id"]),
                split=str(record["split"]),
                episode=int(record["episode"]),
                group=int(record["group"]),
                agent=str(record["agent"]),
                steps=steps,
                final_observation=str(record["final_observation"]),
                error=record["error"],
                model_s=float(record["timing"]["model_s"]),
                env_s=float(record["timing"]["env_s"]),
                package=str(record["package"]),
            )
            if strict:
                _refuse_other_spelling(line, record, trajectory)
            return trajectory
        except _MALFORMED as error:
            raise TrajectoryError(f"A trajectory field is missing or malformed: {error!r}.") from error

    def _header(self) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "package": self.package,
            "env_id": self.env_id,
            "env_kwargs": dict(self.env_kwargs),
            "seed": self.seed,
            "task_id": self.task_id,
            "split": self.split,
            "episode": self.episode,
            "group": self.group,
            "agent": self.agent,
        }

    def _timing(self) -> dict[str, float]:
        return {"model_s": round(self.model_s, 6), "env_s": round(self.env_s, 6)}

    def without_timing(self) -> Trajectory:
        """Return the same trajectory with both clocks at 0: what two equal runs have in common."""
        return replace(self, model_s=0.0, env_s=0.0)


def write_trajectories(path: Path, trajectories: Iterable[Trajectory]) -> None:
    """Write a file of trajectories, one a line, and put it in place whole."""
    partial = path.with_name(path.name + ".partial")
    with partial.open("w", encoding="ascii", newline="\n") as file:
        for trajectory in trajectories:
            file.write(trajectory.to_json() + "\n")
    partial.replace(path)


def read_trajectories(path: Path) -> Iterator[Trajectory]:
    """Read a file of trajectories, one at a time.

    Raises:
        TrajectoryError: A line is corrupt, altered or half-written. The message names file, line and turn.
    """
    with path.open("rb") as file:
        for number, raw in enumerate(file, start=1):
            if not raw.endswith(b"\n"):
                raise TrajectoryError(
                    f"{path}:{number}: the last line is half-written. Resume the run to mend it."
                )
            try:
                yield Trajectory.from_json(raw.decode("ascii"))
            except (TrajectoryError, UnicodeDecodeError) as error:
                raise TrajectoryError(f"{path}:{number}: {error}") from error


def _parse(line: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise TrajectoryError(f"This line is no JSON: {error}.") from error
    if not isinstance(record, dict) or record.get("schema") != SCHEMA:
        found = record.get("schema") if isinstance(record, dict) else type(record).__name__
        raise TrajectoryError(f"The schema is {found!r}; this version reads {SCHEMA!r}.")
    return record


_HEADER = (
    "schema", "package", "env_id", "env_kwargs", "seed", "task_id", "split", "episode", "group", "agent",
)  # fmt: skip
_END = ("final_observation", "final_observation_hash", "error")
_MALFORMED = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError)
_ARRAYS = (
    ("prompt_ids", np.int64),
    ("token_ids", np.int64),
    ("logprobs", np.float64),
    ("entropies", np.float64),
)


def _checked_steps(record: Mapping[str, Any]) -> tuple[Step, ...]:
    chain = digest({key: record[key] for key in _HEADER})
    steps = []
    for number, turn in enumerate(record["turns"]):
        try:
            step, chain = _checked_step(number, turn, chain)
        except _MALFORMED as error:
            told = f"A field of turn {number} is missing or malformed: {error!r}."
            raise TrajectoryError(told, turn=number) from error
        steps.append(step)
    end = {key: record[key] for key in _END}
    if record["chain"] != digest([chain, end]) or end["final_observation_hash"] != digest(
        end["final_observation"]
    ):
        raise TrajectoryError(
            "The hash chain breaks after the last turn: turns were cut off or the end was altered.",
            turn=len(steps),
        )
    return tuple(steps)


def _checked_step(number: int, turn: Mapping[str, Any], chain: str) -> tuple[Step, str]:
    """Return a step and the hash chain up to it."""
    body = {key: value for key, value in turn.items() if key != "chain"}
    chain = digest([chain, body])
    if turn["chain"] != chain:
        where = "turn 0 or the header" if number == 0 else f"turn {number}"
        told = f"The hash chain breaks at {where}: it was altered after it was recorded."
        raise TrajectoryError(told, turn=number)
    if body["observation_hash"] != digest(body["observation"]):
        raise TrajectoryError(f"Turn {number}: the observation does not match its hash.", turn=number)
    return _step_from_record(body), chain


def _refuse_other_spelling(line: str, record: dict[str, Any], trajectory: Trajectory) -> None:
    """Compare a line with what `to_json` would write of it, whose hashes are known to be right."""
    turns = record["turns"]
    expected = [
        {**_step_to_record(step, turn["observation_hash"]), "chain": turn["chain"]}
        for step, turn in zip(trajectory.steps, turns, strict=True)
    ]
    if _dumps(expected) != _dumps(turns):
        pairs = enumerate(zip(expected, turns, strict=True))
        turn = next((n for n, (one, two) in pairs if _dumps(one) != _dumps(two)), None)
        where = "its turns" if turn is None else f"turn {turn}"
        raise TrajectoryError(f"{where}: {_OTHER_SPELLING}", turn=turn)
    whole = {
        **trajectory._header(),
        "turns": turns,
        "final_observation": trajectory.final_observation,
        "final_observation_hash": record["final_observation_hash"],
        "error": trajectory.error,
        "chain": record["chain"],
        "timing": trajectory._timing(),
    }
    if _dumps(whole) != line:
        raise TrajectoryError(_OTHER_SPELLING)


_OTHER_SPELLING = (
    "it is not written as this package writes it (a key twice or unknown, a number or text of another type, "
    "another order or spacing)"
)


_dumps = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode


def _encoded(record: Mapping[str, Any]) -> tuple[str, str]:
    """Encode an object as it is written, its last brace left open, and as it is hashed; each value once."""
    written, hashed = [], []
    for name, value in record.items():
        text = _dumps(value)
        written.append(f'"{name}":{text}')
        hashed.append(
            f'"{name}":{canonical_json(value).decode()}' if isinstance(value, dict) else written[-1]
        )
    return "{" + ",".join(written), "{" + ",".join(sorted(hashed)) + "}"


def _step_to_record(step: Step, observation_hash: str) -> dict[str, Any]:
    decision = step.decision
    record: dict[str, Any] = {
        "observation": step.observation,
        "observation_hash": observation_hash,
        "state": step.state,
        "action": decision.action,
        "response": decision.response,
        "reward": float(step.reward),
        "terminated": bool(step.terminated),
        "truncated": bool(step.truncated),
        "valid": bool(step.valid),
        "progress": float(step.progress),
        "score": float(step.score),
        "success": bool(step.success),
    }
    for name, _ in _ARRAYS:
        array = getattr(decision, name)
        if array is not None:
            record[name] = array.tolist()
    if decision.value is not None:
        record["value"] = float(decision.value)
    if decision.usage is not None:
        record["usage"] = {name: float(count) for name, count in decision.usage.items()}
    if decision.note:
        record["note"] = decision.note
    return record


def _step_from_record(record: Mapping[str, Any]) -> Step:
    arrays = {name: _array(name, record[name], kind) for name, kind in _ARRAYS if name in record}
    value, usage = record.get("value"), record.get("usage")
    return Step(
        observation=str(record["observation"]),
        state=str(record["state"]),
        decision=Decision(
            action=str(record["action"]),
            response=str(record["response"]),
            value=None if value is None else float(value),
            usage=None if usage is None else {str(name): float(count) for name, count in usage.items()},
            note=str(record.get("note", "")),
            **arrays,
        ),
        reward=float(record["reward"]),
        terminated=bool(record["terminated"]),
        truncated=bool(record["truncated"]),
        valid=bool(record["valid"]),
        progress=float(record["progress"]),
        score=float(record["score"]),
        success=bool(record["success"]),
    )


def _array(name: str, values: Any, kind: type) -> NDArray[Any]:
    array: NDArray[Any] = np.asarray(values, dtype=kind)
    if array.ndim != 1:
        raise ValueError(f"`{name}` is no list of numbers")
    return array
