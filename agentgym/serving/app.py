"""The application: one route for each thing that an environment can be asked."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any, Final

import numpy as np
from fastapi import Depends, FastAPI, Header, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from agentgym.errors import AgentGymError, ArgumentError, EpisodeOverError
from agentgym.serving.gate import Gate, mistake
from agentgym.serving.protocol import (
    MOST_TASKS,
    SESSION_HEADER,
    Closed,
    Mistake,
    ResetAnswer,
    ResetRequest,
    Served,
    Snapshot,
    State,
    StepAnswer,
    StepRequest,
    Tasks,
    protocol_schema,
)
from agentgym.serving.sessions import BusyError, FullError, Session, Sessions
from agentgym.serving.settings import ServeSettings
from agentgym.version import __version__

__all__ = ["make_app"]

_STATUS: Final = ((FullError, 503), (BusyError, 409), (EpisodeOverError, 409), (AgentGymError, 400))
_OWN_KINDS: Final = (FullError, BusyError)
_LONGEST_PLACE: Final = 100  # a key of the caller's may be as long as a body
_LOG: Final = logging.getLogger(__name__)

Name = Annotated[str, Header(alias=SESSION_HEADER, max_length=100)]


class _Desk:
    """What the routes share: the settings, the sessions, and one environment that only answers questions."""

    def __init__(self, settings: ServeSettings) -> None:
        self.settings = settings
        self.sessions = Sessions(
            settings.env_id, settings.env_options, limit=settings.sessions, idle_s=settings.idle_s
        )
        self.asked = Session(settings.env_id, settings.env_options)
        self._turn = asyncio.Lock()

    async def tasks(self, split: str, start: int, count: int) -> Tasks:
        async with self._turn:
            listed = await self.asked.call(self.asked.env.tasks, split)
            some = await self.asked.call(lambda: list(listed[start : start + count]))
        return Tasks(split=split, total=len(listed), start=start, tasks=some)

    def served(self) -> Served:
        env, settings = self.asked.env, self.settings
        return Served(
            env_id=settings.env_id,
            env_options=dict(settings.env_options),
            version=__version__,
            splits=list(env.splits),
            split=env.split,
            max_steps=env.max_steps,
            sessions=settings.sessions,
            open_sessions=len(self.sessions),
            idle_s=settings.idle_s,
            most_bytes=settings.most_bytes,
            privileged=settings.privileged,
        )

    @asynccontextmanager
    async def life(self, _: FastAPI) -> AsyncIterator[None]:
        """Open what answers questions; close everything at the end, and idle sessions all the time."""
        await self.asked.open()
        sweeping = asyncio.create_task(self._sweep())
        try:
            yield
        finally:
            sweeping.cancel()
            self.sessions.close_all()
            self.asked.close()

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(min(30.0, self.settings.idle_s / 2))
            self.sessions.sweep()


def make_app(settings: ServeSettings) -> FastAPI:
    """Make the application."""
    desk = _Desk(settings)
    app = FastAPI(
        title=f"AgentGym: {settings.env_id}",
        version=__version__,
        lifespan=desk.life,
        docs_url=None,
        redoc_url=None,
        responses={"4XX": {"model": Mistake}},
    )
    app.add_middleware(Gate, settings=settings)
    _add_errors(app)
    _add_questions(app, desk)
    _add_episodes(app, desk)
    _add_privileges(app, desk)
    return app


def _add_errors(app: FastAPI) -> None:
    @app.exception_handler(AgentGymError)
    async def known(_: Request, error: AgentGymError) -> Response:
        status = next(status for kind, status in _STATUS if isinstance(error, kind))
        kind = "AgentGymError" if isinstance(error, _OWN_KINDS) else type(error).__name__
        return mistake(status, kind, str(error))

    @app.exception_handler(RequestValidationError)
    async def malformed(_: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))[:_LONGEST_PLACE]
        return mistake(422, "ArgumentError", f"The request's {place}: {first['msg']}. See /schema.")

    @app.exception_handler(HTTPException)
    async def refused(_: Request, error: HTTPException) -> Response:
        return mistake(error.status_code, "ArgumentError", error.detail)

    @app.exception_handler(Exception)
    async def broken(_: Request, error: Exception) -> Response:
        _LOG.error("a request failed", exc_info=error)
        return mistake(500, "AgentGymError", "The environment failed. The server's log says how.")


def _add_questions(app: FastAPI, desk: _Desk) -> None:
    @app.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "healthy"}

    @app.get("/info", response_model=Served)
    async def info() -> Response:
        return _answer(desk.served())

    @app.get("/schema")
    async def schema() -> dict[str, Any]:
        return protocol_schema()

    @app.get("/tasks", response_model=Tasks)
    async def tasks(
        split: str = "train",
        start: Annotated[int, Query(ge=0)] = 0,
        count: Annotated[int, Query(ge=0, le=MOST_TASKS)] = MOST_TASKS,
    ) -> Response:
        return _answer(await desk.tasks(split, start, count))


def _add_episodes(app: FastAPI, desk: _Desk) -> None:
    @app.post("/reset", response_model=ResetAnswer)
    async def reset(request: ResetRequest, name: Name = "") -> Response:
        session = desk.sessions.get(name) if name else await desk.sessions.open()
        options = {} if request.task is None else {"task": request.task}
        try:
            observation, info = await session.call(session.env.reset, seed=request.seed, options=options)
        except BaseException:
            if not name:
                desk.sessions.close(session.id)  # nobody has been told its name
            raise
        session.episodes, session.turns = session.episodes + 1, 0
        told = {"session": session.id, "observation": observation, "reward": None, "done": False}
        return _answer({**told, "info": info})

    @app.post("/step", response_model=StepAnswer)
    async def step(request: StepRequest, name: Name) -> Response:
        session = desk.sessions.get(name)
        observation, reward, terminated, truncated, info = await session.call(
            session.env.step, request.action
        )
        session.turns += 1
        told = {"observation": observation, "reward": reward, "terminated": terminated}
        return _answer({**told, "truncated": truncated, "done": terminated or truncated, "info": info})

    @app.get("/state", response_model=State)
    async def state(name: Name) -> Response:
        return _answer(_state(desk.sessions.get(name)))

    @app.post("/close", response_model=Closed)
    async def close(name: Name) -> Response:
        desk.sessions.close(desk.sessions.get(name).id)
        return _answer(Closed())


def _add_privileges(app: FastAPI, desk: _Desk) -> None:
    def privileged() -> None:
        if not desk.settings.privileged:
            raise HTTPException(403, "This server tells no hidden state. It must be started as privileged.")

    allowed = [Depends(privileged)]

    @app.post("/snapshot", response_model=Snapshot, dependencies=allowed)
    async def snapshot(name: Name) -> Response:
        session = desk.sessions.get(name)
        frozen = await session.call(session.env.snapshot)
        return _answer(Snapshot(snapshot=frozen.decode("ascii")))

    @app.post("/restore", response_model=State, dependencies=allowed)
    async def restore(request: Snapshot, name: Name) -> Response:
        if not request.snapshot.isascii():
            raise ArgumentError("A snapshot is ASCII. Send what /snapshot answered.")
        session = desk.sessions.get(name)
        await session.call(session.env.restore, request.snapshot.encode("ascii"))
        session.turns = 0
        return _answer(_state(session))

    @app.post("/oracle", response_model=StepRequest, dependencies=allowed)
    async def oracle(name: Name) -> Response:
        session = desk.sessions.get(name)
        return _answer(StepRequest(action=await session.call(session.env.oracle_action)))


def _state(session: Session) -> State:
    return State(
        session=session.id, task_id=session.env.task_id, episodes=session.episodes, turns=session.turns
    )


def _answer(value: BaseModel | dict[str, Any]) -> Response:
    plain = value.model_dump() if isinstance(value, BaseModel) else value
    return Response(json.dumps(plain, allow_nan=False, default=_plain), media_type="application/json")


def _plain(value: Any) -> Any:
    """Make JSON of what an environment may put into `info["extra"]`."""
    if isinstance(value, (np.ndarray, np.generic)):
        return value.tolist()
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    if hasattr(value, "keys"):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is no JSON")
