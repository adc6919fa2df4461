"""`RemoteEnv`: an environment in another process, as a `gymnasium.Env` with the very same transitions."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, TypeVar, overload
from urllib.parse import urlencode, urlsplit

import gymnasium
from pydantic import BaseModel

from agentgym import errors
from agentgym.errors import AgentGymError, ArgumentError, DataError, EpisodeOverError, suggest
from agentgym.plain import plain
from agentgym.serving.protocol import (
    MOST_TASKS,
    Closed,
    InfoMessage,
    Mistake,
    ResetAnswer,
    Served,
    Snapshot,
    State,
    StepAnswer,
    StepRequest,
    Tasks,
)
from agentgym.spaces import FreeText

__all__ = ["RemoteEnv"]

_SESSION_HEADER = "X-Session"
_MOST_BYTES = 64 << 20

M = TypeVar("M", bound=BaseModel)


class RemoteEnv(gymnasium.Env[str, str]):
    """Plays on a server of `agentgym serve`. The first reset opens a session of its own; `close` ends it.

    Observations, rewards, flags and infos are those of the environment there; what an `info["extra"]` holds
    comes as JSON does, with lists in the place of tuples.

    Args:
        url: Address of the server, http:// or https://.
        token: The server's token, if it has one.
        timeout_s: Seconds that an answer may take.

    Raises:
        ArgumentError: The address is none, or the token is wrong.
        AgentGymError: The server cannot be reached.
    """

    metadata: ClassVar[dict[str, Any]] = {"render_modes": []}  # type: ignore[misc]

    def __init__(self, url: str, *, token: str = "", timeout_s: float = 60.0) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ArgumentError(f"{url!r} is no address of a server. Pass one like http://127.0.0.1:8000.")
        self.url, self._token, self._timeout_s = url.rstrip("/"), token, timeout_s
        self._connection: http.client.HTTPConnection | None = None
        self._session = ""
        self.observation_space = FreeText()
        self.action_space = FreeText()
        try:
            self.served = self._ask("GET", "/info", Served)
        except AgentGymError:
            self._hang_up()
            raise
        """What the server says of itself: id, options, splits, `max_steps`, limits."""

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[str, dict[str, Any]]:
        """Start an episode; see `TextEnv.reset`."""
        options = dict(options or {})
        body = {"seed": seed, "task": options.pop("task", None)}
        for unknown in options:
            raise suggest("reset option", str(unknown), ["task"])
        super().reset(seed=seed)  # Gymnasium asks for it; all chance is the server's
        sent = {name: value for name, value in body.items() if value is not None}
        told = self._ask("POST", "/reset", ResetAnswer, sent)
        self._session = told.session
        return told.observation, _info(told.info)

    def step(self, action: str) -> tuple[str, float, bool, bool, dict[str, Any]]:
        """Act; see `TextEnv.step`."""
        if not isinstance(action, str):
            raise ArgumentError(
                f"An action is a str, not {type(action).__name__}. Pass the text of the action."
            )
        told = self._ask("POST", "/step", StepAnswer, {"action": action})
        return told.observation, told.reward, told.terminated, told.truncated, _info(told.info)

    def tasks(self, split: str) -> Sequence[str]:
        """List the task ids of a split; they are fetched as they are looked at."""
        return _Tasks(self, split)

    def state(self) -> State:
        """Return where the session stands: `task_id`, `episodes`, `turns`."""
        return self._ask("GET", "/state", State)

    def snapshot(self) -> bytes:
        """Freeze the episode; the server must be privileged."""
        return self._ask("POST", "/snapshot", Snapshot, {}).snapshot.encode("utf-8")

    def restore(self, snapshot: bytes) -> None:
        """Take up a frozen episode in this session; the server must be privileged."""
        self._ask("POST", "/restore", State, {"snapshot": snapshot.decode("ascii", "replace")})

    def oracle_action(self) -> str:
        """Return the expert's action; the server must be privileged."""
        return self._ask("POST", "/oracle", StepRequest, {}).action

    def render(self) -> None:
        """Nothing is drawn over the network."""

    def close(self) -> None:
        """End the session. The next reset opens another."""
        try:
            if self._session:
                self._ask("POST", "/close", Closed, {})
        except AgentGymError:
            pass  # the session has ended by itself, or the server has
        finally:
            self._session = ""
            self._hang_up()

    def listed(self, split: str, start: int, count: int) -> Tasks:
        """Return some tasks of a split and their `total`."""
        return self._ask(
            "GET", f"/tasks?{urlencode({'split': split, 'start': start, 'count': count})}", Tasks
        )

    def _ask(self, method: str, path: str, kind: type[M], body: Mapping[str, Any] | None = None) -> M:
        if method == "POST" and path != "/reset" and not self._session:
            raise EpisodeOverError(f"There is no episode on {self.url} yet. Call reset() first.")
        headers = {"Content-Type": "application/json"}
        if self._session:
            headers[_SESSION_HEADER] = self._session
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        payload = None if body is None else json.dumps(body).encode("ascii")
        try:
            connection = self._connected()
            connection.request(method, path, payload, headers)
            response = connection.getresponse()
            text = response.read(_MOST_BYTES)
        except (OSError, http.client.HTTPException, ValueError) as error:
            self._hang_up()
            raise AgentGymError(f"{self.url} does not answer: {error!r}. Is the server running?") from error
        return self._read(response.status, text, kind)

    def _read(self, status: int, text: bytes, kind: type[M]) -> M:
        try:
            told = json.loads(text)
            if status < 400:
                return kind.model_validate(told)
            fault = Mistake.model_validate(told).error
        except (ValueError, RecursionError) as error:
            raise DataError(
                f"{self.url} answered what is no answer: {plain(error)} Is it agentgym serve?"
            ) from error
        raise _error(fault.kind)(fault.message)

    def _connected(self) -> http.client.HTTPConnection:
        if self._connection is None:
            parts = urlsplit(self.url)
            kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
            self._connection = kind(str(parts.hostname), parts.port, timeout=self._timeout_s)
        return self._connection

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class _Tasks(Sequence[str]):
    """The tasks of a split on a server, a page at a time."""

    def __init__(self, env: RemoteEnv, split: str) -> None:
        self._env, self._split = env, split
        self._pages: dict[int, list[str]] = {}
        self._total = env.listed(split, 0, 0).total

    def __len__(self) -> int:
        return self._total

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...
    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(self._total))]
        if not -self._total <= index < self._total:
            raise IndexError(f"there are {self._total} tasks")
        page, place = divmod(index % self._total, MOST_TASKS)
        if page not in self._pages:
            self._pages = {page: self._env.listed(self._split, page * MOST_TASKS, MOST_TASKS).tasks}
        return self._pages[page][place]


def _info(told: InfoMessage) -> dict[str, Any]:
    admissible = told.admissible_actions
    return {**dict(told), "admissible_actions": None if admissible is None else tuple(admissible)}


def _error(kind: str) -> type[AgentGymError]:
    found = getattr(errors, kind, None) if kind in errors.__all__ else None
    known = isinstance(found, type) and issubclass(found, AgentGymError)
    return found if known and found is not None else AgentGymError
