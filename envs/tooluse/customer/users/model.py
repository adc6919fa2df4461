"""A user who is a language model behind an OpenAI-compatible server, with a cache of its replies."""

from __future__ import annotations

import http.client
import json
import os
import urllib.request
from pathlib import Path
from typing import Any, Final

from agentgym.errors import AgentGymError, ArgumentError, DataError
from agentgym.files import write_json
from agentgym.hashing import digest
from envs.tooluse.customer.users.user import STOP

__all__ = ["ModelUser", "UserModel"]

_GREETING: Final = "Hi! How can I help you today?"
_RULES: Final = f"""You play a customer who talks to a customer service agent. What you want:
{{instruction}}

Rules:
- Write one short message at a time, in your own words, as a customer would.
- Tell things when they are needed, not all at once. Invent nothing that is not said above.
- When you have what you want, or see that you cannot get it, answer with {STOP} and nothing else."""
_TIMEOUT_S: Final = 120.0
_TRIES: Final = 3
_LONGEST: Final = 4000
_MOST_BYTES: Final = 1 << 24


class UserModel:
    """A model behind `<url>/chat/completions`.

    Args:
        spec: "openai:<url>#<model>", e.g. "openai:http://localhost:8000/v1#qwen3". A key is taken from
            $OPENAI_API_KEY.
        cache: Folder of replies, by model and messages: what was asked once is never asked again. None: none.

    Raises:
        ArgumentError: The spec has another form.
    """

    def __init__(self, spec: str, cache: str | Path | None) -> None:
        kind, _, rest = spec.partition(":")
        url, _, self.model = rest.partition("#")
        if kind != "openai" or not url.startswith(("http://", "https://")) or not self.model:
            raise ArgumentError(
                f"`user` is {spec!r}. It must be 'scripted', 'ticket' or 'openai:<url>#<model>', as in "
                "'openai:http://localhost:8000/v1#qwen3'."
            )
        self.url = url.rstrip("/")
        self._cache = None if cache is None else Path(cache).expanduser()

    def complete(self, messages: list[dict[str, str]]) -> str:
        """Return the model's next message, at most 4,000 characters of it.

        Raises:
            AgentGymError: The server does not answer, or answers nonsense.
        """
        path = None
        if self._cache is not None:
            path = self._cache / f"{digest([self.url, self.model, messages])}.json"
            if path.exists():
                return _cached(path)
        text = self._ask(messages)[:_LONGEST]
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_json(path, {"model": self.model, "messages": messages, "reply": text})
        return text

    def _ask(self, messages: list[dict[str, str]]) -> str:
        body = {"model": self.model, "messages": messages, "temperature": 0.0}
        headers = {"Content-Type": "application/json"}
        if key := os.environ.get("OPENAI_API_KEY"):
            headers["Authorization"] = f"Bearer {key}"
        request = urllib.request.Request(
            f"{self.url}/chat/completions", json.dumps(body).encode("ascii"), headers
        )
        failure: Exception | None = None
        for _ in range(_TRIES):
            try:
                with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as response:
                    return str(
                        json.loads(response.read(_MOST_BYTES))["choices"][0]["message"]["content"] or ""
                    )
            except (OSError, http.client.HTTPException, ValueError, LookupError, TypeError) as error:
                failure = error
        raise AgentGymError(
            f"The user model at {self.url} gave no answer in {_TRIES} tries: {failure}. Start its server, or "
            "pass user='scripted'."
        ) from failure


class ModelUser:
    """A customer who is played by a model.

    Args:
        model: The model.
        instruction: What the customer wants.
    """

    def __init__(self, model: UserModel, instruction: str) -> None:
        self._model = model
        self._messages = [
            {"role": "system", "content": _RULES.format(instruction=instruction)},
            {"role": "user", "content": _GREETING},
        ]

    def opening(self) -> str:
        """Answer the agent's greeting."""
        return self._next(self._messages)

    def answer(self, reply: str) -> str:
        """Answer the agent."""
        return self._next([*self._messages, {"role": "user", "content": reply}])

    def notice_call(self) -> None:
        """Take no note: a customer does not see calls."""

    def save(self) -> list[dict[str, str]]:
        """Return what was said."""
        return [dict(message) for message in self._messages[1:]]

    def load(self, state: Any) -> None:
        """Take up a state."""
        for message in state:
            if set(message) != {"role", "content"} or not all(isinstance(v, str) for v in message.values()):
                raise DataError("the user's messages are none")
        self._messages = [self._messages[0], *state]

    def _next(self, messages: list[dict[str, str]]) -> str:
        text = self._model.complete(messages)
        self._messages = [*messages, {"role": "assistant", "content": text}]
        return text


def _cached(path: Path) -> str:
    try:
        reply = json.loads(path.read_text("utf-8"))["reply"]
    except (ValueError, LookupError, TypeError) as error:
        raise DataError(f"{path} is no cached reply: {error}. Delete it.") from error
    if not isinstance(reply, str):
        raise DataError(f"{path} is no cached reply: it holds no text. Delete it.")
    return reply
