"""The protocol: what is sent and answered, as pydantic models and as one JSON Schema.

    GET  /health                            {"status": "healthy"}
    GET  /info                              Served
    GET  /schema                            the JSON Schema of all of these
    GET  /tasks?split=&start=&count=        Tasks
    POST /reset      ResetRequest           ResetAnswer; without a session's header it opens a session
    POST /step       StepRequest            StepAnswer
    GET  /state                             State
    POST /close                             Closed
    POST /snapshot                          Snapshot        (where the server is privileged)
    POST /restore    Snapshot               State           (likewise)
    POST /oracle                            StepRequest     (likewise)

The session is named by the header `X-Session`. A mistake is answered with a status of 400 or above and a
`Mistake`.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictInt, StrictStr
from pydantic.json_schema import models_json_schema

__all__ = [
    "MOST_TASKS",
    "PROTOCOL",
    "SESSION_HEADER",
    "Closed",
    "InfoMessage",
    "Mistake",
    "ResetAnswer",
    "ResetRequest",
    "Served",
    "Snapshot",
    "State",
    "StepAnswer",
    "StepRequest",
    "Tasks",
    "protocol_schema",
]

PROTOCOL = "agentgym.serve/1"
SESSION_HEADER = "x-session"
MOST_TASKS = 1000
"""Most tasks that one answer lists."""


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ResetRequest(_Message):
    """Start an episode: `seed` decides its task and chance, `task` names the task instead."""

    seed: StrictInt | None = Field(default=None, ge=0, description="Decides the task and all chance.")
    task: StrictStr | None = Field(default=None, description="A task id of /tasks.")


class StepRequest(_Message):
    """An action, as text."""

    action: StrictStr


class InfoMessage(_Message):
    """What the environment tells beside the observation: `agentgym.Info`."""

    task_id: str
    split: str
    instruction: str
    admissible_actions: list[str] | None = Field(description="Actions with an effect now; null: an open set.")
    action_valid: bool
    state_key: str = Field(description="Equal exactly when the future is the same.")
    progress: float = Field(ge=0, le=1)
    score: float = Field(ge=0, le=1)
    success: bool
    extra: dict[str, Any] = Field(description="Facts of this environment alone.")


class ResetAnswer(_Message):
    """The first observation of an episode, and the session that it belongs to."""

    session: str = Field(description="To be sent as X-Session from now on.")
    observation: str
    reward: None = None
    done: Literal[False] = False
    info: InfoMessage


class StepAnswer(_Message):
    """What an action did."""

    observation: str
    reward: float
    terminated: bool = Field(description="The task ended by itself, in success or failure.")
    truncated: bool = Field(description="The steps ran out.")
    done: bool = Field(description="Either of these.")
    info: InfoMessage


class State(_Message):
    """Where a session stands."""

    session: str
    task_id: str | None = Field(description="Null before the first reset.")
    episodes: int = Field(ge=0, description="Resets so far.")
    turns: int = Field(ge=0, description="Steps since the last reset or restore.")


class Snapshot(_Message):
    """A frozen episode, chance included."""

    snapshot: StrictStr


class Closed(_Message):
    """A session is closed."""

    closed: Literal[True] = True


class Tasks(_Message):
    """Some of a split's tasks."""

    split: str
    total: int = Field(ge=0)
    start: int = Field(ge=0)
    tasks: list[str]


class Served(_Message):
    """What is served."""

    protocol: Literal["agentgym.serve/1"] = "agentgym.serve/1"
    env_id: str
    env_options: dict[str, Any]
    version: str = Field(description="Of the package.")
    splits: list[str]
    split: str = Field(description="The split from which a seed draws its task.")
    max_steps: int
    sessions: int = Field(description="Most sessions that may be open.")
    open_sessions: int
    idle_s: float = Field(description="Seconds without a request after which a session is closed.")
    most_bytes: int = Field(description="Greatest body of a request.")
    privileged: bool = Field(description="Whether /snapshot, /restore and /oracle answer.")


class Fault(_Message):
    """A mistake in words."""

    kind: str = Field(description="A class of agentgym.errors.")
    message: str


class Mistake(_Message):
    """What is answered with a status of 400 or above."""

    error: Fault


_MODELS = (
    Served, Tasks, ResetRequest, ResetAnswer, StepRequest, StepAnswer, State, Snapshot, Closed, Mistake,
)  # fmt: skip


def protocol_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of every message, by name below `$defs`."""
    _, schema = models_json_schema(
        [(model, "serialization") for model in _MODELS], title=PROTOCOL, description=__doc__
    )
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
