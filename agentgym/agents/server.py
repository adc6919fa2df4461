"""A model behind an OpenAI-compatible server as an agent: many requests at once, none lost, none twice.

A request that fails in passing (a cut connection, a full or broken server, an answer that is none) is tried
again with growing pauses, or after as long as the server says; while it wants none, no request is sent at
all. One that keeps failing breaks its own episode, with the reason. Answers can be kept on disk, so that a
run that was killed does not pay for them again.
"""

from __future__ import annotations

import asyncio
import os
import threading
import weakref
from collections.abc import Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from agentgym.agents.answers import Answer, AnswerCache, conversation
from agentgym.agents.bodies import read_body
from agentgym.agents.limits import LONGEST_PAUSE_S, RateLimit
from agentgym.agents.prompt import PromptTemplate
from agentgym.errors import AgentGymError, ArgumentError, require
from agentgym.plain import plain
from agentgym.profiling import timed
from agentgym.trajectory import Decision, Turn

__all__ = ["ServerAgent"]

_T = TypeVar("_T")


class ServerAgent:
    """Asks `POST <base_url>/chat/completions` for every turn.

    Args:
        base_url: Address of the API, e.g. "http://127.0.0.1:8000/v1".
        model: Name of the model there.
        template: How turns become messages and answers actions.
        temperature: Of the sampling; 0 takes the most likely token.
        max_new_tokens: Greatest number of tokens of an answer.
        concurrency: Requests that may be under way at once.
        timeout_s: Seconds without a sign of life after which a try is given up.
        retries: How often a request that failed in passing is tried again.
        cache: A folder of answers; a request whose answer is there is not sent. None keeps nothing.
        tools: Whether the environment's tools are offered in the API's own form. The environment must
            understand the "openai" action format.
        price_in: Price of a million prompt tokens, in any currency.
        price_out: Price of a million answer tokens.
        api_key: The key; None: $OPENAI_API_KEY, or none.

    Raises:
        ArgumentError: A number is out of range.
        MissingExtraError: openai is not installed.
    """

    wants_oracle = False

    def __init__(
        self,
        base_url: str,
        model: str,
        template: PromptTemplate | None = None,
        *,
        temperature: float = 1.0,
        max_new_tokens: int = 512,
        concurrency: int = 32,
        timeout_s: float = 120.0,
        retries: int = 6,
        cache: str | Path | None = None,
        tools: bool = False,
        price_in: float = 0.0,
        price_out: float = 0.0,
        api_key: str | None = None,
    ) -> None:
        if temperature < 0 or retries < 0 or min(max_new_tokens, concurrency, timeout_s) <= 0:
            raise ArgumentError(
                f"temperature={temperature}, retries={retries}, max_new_tokens={max_new_tokens}, "
                f"concurrency={concurrency}, timeout_s={timeout_s}: the first two must be at least 0, the "
                "others positive."
            )
        openai = require("openai", extra="servers", who=f"openai:{base_url}#{model}")
        self.spec = f"openai:{base_url}#{model}"
        self.template = template or PromptTemplate(history=1_000)
        self._model, self._temperature, self.max_new_tokens = model, temperature, max_new_tokens
        self._timeout_s, self._retries, self._offers_tools = timeout_s, retries, tools
        self._prices = (price_in, price_out)
        self._cache = None if cache is None else AnswerCache(Path(cache))
        self._gate = asyncio.Semaphore(concurrency)
        self._hopeless = (openai.AuthenticationError, openai.PermissionDeniedError, openai.NotFoundError)
        self._loop = _Loop()
        limit = RateLimit()
        key = api_key or os.environ.get("OPENAI_API_KEY") or "none"
        self._client = openai.AsyncOpenAI(
            base_url=base_url,
            api_key=key,
            max_retries=retries,
            timeout=timeout_s,
            default_headers={"Accept-Encoding": "identity"},
            http_client=openai.DefaultAsyncHttpxClient(
                event_hooks={"request": [limit.wait], "response": [limit.note, read_body]}
            ),
        )
        self._close = weakref.finalize(self, self._loop.stop, self._client.close)

    @classmethod
    def connect(cls, place: str, **options: Any) -> ServerAgent:
        """Make the agent of a specification "openai:<base_url>#<model>".

        Options that are no keywords of the agent change its prompt template.

        Raises:
            ArgumentError: The specification names no model, or an option is the key: options are written down
                with a run.
            UnknownNameError: An option is unknown.
        """
        if "api_key" in options:
            raise ArgumentError(
                "`api_key` would be written down with the run. Put the key into $OPENAI_API_KEY instead."
            )
        base_url, _, model = place.partition("#")
        if not base_url.startswith(("http://", "https://")) or not model:
            raise ArgumentError(
                f"openai:{place} names no server and model. Write openai:http://127.0.0.1:8000/v1#name."
            )
        known = cls.__init__.__kwdefaults__ or {}
        own = {name: options.pop(name) for name in list(options) if name in known}
        return cls(base_url, model, PromptTemplate(history=1_000).changed(**options), **own)

    def act(self, turns: Sequence[Turn]) -> list[Decision | Exception]:
        """Answer every turn; an exception stands where the server did not."""
        with timed("server"):
            return self._loop.run(self._ask_all(turns))

    def close(self) -> None:
        """Close the connections. An agent that is let go does so by itself."""
        self._close()

    async def _ask_all(self, turns: Sequence[Turn]) -> list[Decision | Exception]:
        tasks = [asyncio.create_task(self._ask(turn)) for turn in turns]
        try:
            return list(await asyncio.gather(*tasks))
        finally:
            for task in tasks:
                task.cancel()  # where one stops the run, the others need no answer any more

    async def _ask(self, turn: Turn) -> Decision | Exception:
        try:
            return self._decision(await self._answer(self._request(turn)), turn)
        except AgentGymError:
            raise  # wrong key, wrong model: no episode can be played
        except Exception as error:
            return error

    async def _answer(self, request: Mapping[str, Any]) -> Answer:
        answer = None if self._cache is None else self._cache.get(self.spec, request)
        if answer is None:
            async with self._gate:
                answer = await self._send(request)
            if self._cache is not None:
                self._cache.put(self.spec, request, answer)
        return answer

    async def _send(self, request: Mapping[str, Any]) -> Answer:
        """Send a request. The client tries again what failed in passing; we, what came back as nonsense."""
        tries = self._retries + 1
        async with asyncio.timeout(tries * (self._timeout_s + LONGEST_PAUSE_S)):
            while True:
                tries -= 1
                try:
                    return Answer.of(await self._client.chat.completions.create(**request))
                except self._hopeless as error:
                    raise ArgumentError(f"{self.spec} refuses: {plain(str(error))}.") from error
                except (ValueError, TypeError, AttributeError, LookupError) as error:
                    if tries <= 0:
                        raise RuntimeError(f"no chat completion came back: {plain(str(error))}") from error
                    await asyncio.sleep(min(8.0, 0.25 * 2 ** (self._retries - tries)))

    def _request(self, turn: Turn) -> dict[str, Any]:
        tools = turn.info["extra"].get("tools") if self._offers_tools else None
        return {
            "model": self._model,
            "messages": conversation(turn) if tools else self.template.messages(turn),
            "temperature": self._temperature,
            "max_tokens": self.max_new_tokens,
            "seed": int(turn.rng().integers(1 << 31)),
            **({"tools": tools} if tools else {}),
        }

    def _decision(self, answer: Answer, turn: Turn) -> Decision:
        price_in, price_out = self._prices
        usage = {
            "prompt_tokens": float(answer.prompt_tokens),
            "completion_tokens": float(answer.completion_tokens),
            "cost": (answer.prompt_tokens * price_in + answer.completion_tokens * price_out) / 1e6,
        }
        if answer.calls:
            return Decision(answer.calls_text(), answer.text, usage=usage)
        return Decision(self.template.parse(answer.text, turn), answer.text, usage=usage)


class _Loop:
    """An event loop in a thread of its own: the agent works wherever it is called, notebooks included."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Run a coroutine to its end, or to where the caller is interrupted."""
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        finally:
            future.cancel()

    def stop(self, last: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run a last coroutine and end the thread."""
        self.run(last())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
