"""The first line of a submission: what was played, by whom, and what the submitter says about it."""

from __future__ import annotations

import json
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, ValidationError

from agentgym.errors import SubmissionError
from agentgym.plain import plain

__all__ = ["LONGEST_NAME", "SCHEMA", "AgentIdentity", "Curve", "Header", "SuiteIdentity"]

SCHEMA: Final = "agentgym.submission/1"
LONGEST_NAME: Final = 80


def _showable(text: str) -> str:
    if not text.strip() or plain(text, limit=LONGEST_NAME) != text:
        raise ValueError(f"it must be 1 to {LONGEST_NAME} printable characters")
    return text


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


_Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
_Number = Annotated[float, Field(ge=-1e15, le=1e15)]


class SuiteIdentity(_Strict):
    """Which suite was played.

    Attributes:
        name: Its name.
        version: Its version.
        hash: Its hash; what counts.
    """

    name: Annotated[str, Field(max_length=64)]
    version: int
    hash: _Digest


class AgentIdentity(_Strict):
    """Who played, as somebody else would start it.

    Attributes:
        spec: Specification, e.g. "hf:runs/demo/model"; every trajectory carries the same.
        options: Its options.
        seed: Seed of its own chance.
    """

    spec: Annotated[str, Field(min_length=1, max_length=1_000)]
    options: dict[str, JsonValue] = Field(default_factory=dict)
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0


class Curve(_Strict):
    """How training went: the submitter's word, which no verification can check.

    Attributes:
        metric: What was measured, e.g. "success".
        unit: What the first number of a point counts, e.g. "episodes".
        points: Pairs of such a count and the metric then.
    """

    metric: Annotated[str, Field(min_length=1, max_length=40)]
    unit: Annotated[str, Field(min_length=1, max_length=40)] = "episodes"
    points: Annotated[tuple[tuple[_Number, _Number], ...], Field(min_length=1, max_length=5_000)]


class Header(_Strict):
    """All of a submission but its trajectories.

    Attributes:
        schema_id: Version of the file format; "schema" in the file.
        package: Version of this package that played.
        suite: What was played.
        agent: Who played.
        name: The name shown, 1 to 80 printable characters.
        description: What the agent is, in plain text.
        card: A model card, Markdown text.
        curve: How training went.
        record: What somebody else needs to run it again; see `reproducibility_record`.
        reproduces: Content digest of an entry whose words this one honestly repeats, e.g. the same model
            decoded greedily by somebody else; see `agentgym.leaderboard.echoes`.
    """

    schema_id: Literal["agentgym.submission/1"] = Field(default=SCHEMA, alias="schema")
    package: Annotated[str, Field(max_length=64)]
    suite: SuiteIdentity
    agent: AgentIdentity
    name: Annotated[str, AfterValidator(_showable)]
    description: Annotated[str, Field(max_length=4_000)] = ""
    card: Annotated[str | None, Field(max_length=65_536)] = None
    curve: Curve | None = None
    record: dict[str, JsonValue] = Field(default_factory=dict)
    reproduces: _Digest | None = None

    def to_line(self) -> bytes:
        """Encode as one line of ASCII JSON, its line break included."""
        record = self.model_dump(mode="json", by_alias=True)
        return json.dumps(record, separators=(",", ":"), allow_nan=False).encode("ascii") + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> Header:
        """Decode what `to_line` wrote, and nothing else: no other spelling of the same values is taken.

        Raises:
            SubmissionError: It is no such line.
        """
        try:
            header = cls.model_validate_json(line)
            same = header.to_line() == line
        except ValidationError as error:
            faults = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'it'}: {e['msg']}" for e in error.errors())
            raise SubmissionError(f"The header is malformed: {plain(faults, limit=500)}.") from error
        except (ValueError, RecursionError) as error:
            raise SubmissionError(f"The header is malformed: {plain(error, limit=500)}.") from error
        if not same:
            raise SubmissionError(
                "The header is not written as this package writes it (a key twice, another order, spacing). "
                "Make the file with: agentgym leaderboard run"
            )
        return header
