"""The tools of an adversary who knows the format: hash chains and digests are made whole after the edit."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import zstandard

from agentgym import Trajectory
from agentgym.evaluation import ExpandedSuite
from agentgym.hashing import digest
from agentgym.leaderboard.bundle import SCHEMA, AgentIdentity, Header, SuiteIdentity
from agentgym.leaderboard.bundle.frames import close_frame
from tests.agentgym.leaderboard.talker import TALKER

__all__ = ["Case", "dumps", "header_of", "joined", "raw_frame", "sealed", "trailer_of"]

_HEADER = (
    "schema", "package", "env_id", "env_kwargs", "seed", "task_id", "split", "episode", "group", "agent",
)  # fmt: skip
_END = ("final_observation", "final_observation_hash", "error")


@dataclass(frozen=True)
class Case:
    """What an adversary starts from.

    Attributes:
        suite: The suite.
        run: Its honest episodes.
    """

    suite: ExpandedSuite
    run: tuple[Trajectory, ...]

    @property
    def header(self) -> dict[str, Any]:
        """The honest header as JSON."""
        record: dict[str, Any] = json.loads(header_of(self.suite).to_line())
        return record

    @property
    def records(self) -> list[dict[str, Any]]:
        """The honest episodes as JSON."""
        return [json.loads(t.to_json()) for t in self.run]

    def file(self, run: Sequence[Trajectory] | None = None, **header: Any) -> bytes:
        """Write a file of some trajectories under a header with some changes."""
        lines = [(t.to_json() + "\n").encode() for t in (self.run if run is None else run)]
        return joined(dumps({**self.header, **header}), lines)

    def lines(self, change: Callable[[list[bytes]], list[bytes]]) -> bytes:
        """Write a file whose lines were changed as bytes, the trailer made whole."""
        return joined(dumps(self.header), change([(t.to_json() + "\n").encode() for t in self.run]))

    def episode(self, number: int, forge: Callable[[Trajectory], Trajectory]) -> bytes:
        """Write a file with one forged trajectory."""
        return self.file([forge(t) if t.episode == number else t for t in self.run])

    def record(self, number: int, forge: Callable[[dict[str, Any]], Any]) -> bytes:
        """Write a file with one trajectory forged as JSON, where objects would not let us."""
        records = self.records
        forge(records[number])
        return joined(dumps(self.header), [dumps(sealed(record)) for record in records])

    def turn(self, number: int, turn: int, **changes: Any) -> bytes:
        """Write a file with some values of one turn changed, as JSON."""
        return self.record(number, lambda record: record["turns"][turn].update(changes))

    def with_run(self, change: Callable[[list[Trajectory]], list[Trajectory]]) -> bytes:
        """Write a file of a changed list of trajectories."""
        return self.file(change(list(self.run)))

    def renumbered(self, run: Sequence[Trajectory]) -> list[Trajectory]:
        """Number episodes anew and let each claim the start of its place."""
        places = zip(self.suite.episodes, run, strict=False)
        return [
            replace(t, episode=e.number, task_id=str(e.task), seed=e.seed, group=e.group) for e, t in places
        ]


def header_of(suite: ExpandedSuite, agent: str = TALKER, **words: Any) -> Header:
    """Make the header of an honest submission."""
    identity = SuiteIdentity(name=suite.name, version=suite.version, hash=suite.hash)
    told: dict[str, Any] = {"package": "0.1.0", "name": "talker", **words}
    return Header(suite=identity, agent=AgentIdentity(spec=agent), **told)


def dumps(record: Any) -> bytes:
    """Write a line as the package does; NaN and infinity included."""
    return json.dumps(record, separators=(",", ":")).encode() + b"\n"


def joined(header: bytes, lines: Sequence[bytes]) -> bytes:
    """Write a file of lines, with a trailer that fits."""
    frames = [close_frame(line) for line in (header, *lines)]
    return b"".join([*frames, close_frame(trailer_of([header, *lines]))])


def trailer_of(lines: Sequence[bytes], **changes: Any) -> bytes:
    """Write the trailer of some lines."""
    found = hashlib.blake2b(b"".join(lines), digest_size=16).hexdigest()
    return dumps({"schema": SCHEMA, "episodes": len(lines) - 1, "digest": found, **changes})


def raw_frame(data: bytes, **options: Any) -> bytes:
    """Compress as somebody else would."""
    frame: bytes = zstandard.ZstdCompressor(**options).compress(data)
    return frame


def sealed(record: dict[str, Any]) -> dict[str, Any]:
    """Make the hash chain of a trajectory whole again, whatever its values are."""
    chain = _digest({key: record[key] for key in _HEADER if key in record})
    for turn in record["turns"]:
        turn.pop("chain", None)
        if "observation" in turn:
            turn["observation_hash"] = _digest(turn["observation"])
        chain = _digest([chain, turn])
        turn["chain"] = chain
    record["final_observation_hash"] = _digest(record["final_observation"])
    record["chain"] = _digest([chain, {key: record[key] for key in _END}])
    return record


def _digest(value: Any) -> str:
    try:
        return digest(value)
    except (ValueError, RecursionError):  # no digest exists: any will do
        return "0" * 32
