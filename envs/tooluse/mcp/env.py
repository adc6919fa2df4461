"""The MCP environment: it joins a server, tasks and a judge."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from agentgym.errors import AgentGymError, ArgumentError, DataError
from agentgym.hashing import canonical_json, state_key
from envs.tooluse.core import ToolResult, toolbox
from envs.tooluse.core.env import Outcome, Standing, ToolEnv
from envs.tooluse.formats import Message
from envs.tooluse.mcp.address import STATE_URI, read_address
from envs.tooluse.mcp.judge import Check, checked, judge, read_check
from envs.tooluse.mcp.remote import Answered, Remote
from envs.tooluse.mcp.sources import GivenTasks, StockroomTasks, TaskSource
from envs.tooluse.mcp.task import McpTask

__all__ = ["McpEnv"]

_STOCKROOM = "stockroom"


class McpEnv(ToolEnv):
    """Do a task with the tools of an MCP server: any server, any tasks.

    Description:
        The tools are those that the server lists. Without a server, the tasks are those of a small
        stockroom, served by an MCP server in memory. A server that dies, hangs or talks nonsense becomes an
        observation; one that does not start is an error. A server behind a command ends with the environment.

    Observation:
        The instruction; then what the tools say.

    Action:
        Calls in the action format. A reply (a text without a call) ends the episode: the agent says that it
        is done, or gives the answer that was asked for.

    Reward:
        The score, when the agent replies: 1 where the server's state is the task's "state" and the reply
        holds the task's "outputs"; or what `check` returns.

    Start:
        A task of the split, drawn by the seed or named by `options={"task": id}`. The server is started anew,
        or, with `restart=False`, brought into its state by the task's "setup" calls.

    End:
        Terminated by a reply; truncated after `max_steps` steps.

    Arguments:
        server: A command (one text, or program and arguments) that speaks MCP over its standard streams; a
            URL; "memory:<service>" for a service of ours (`agentgym mcp list`), "memory:module:Class" for one
            of yours; None: the stockroom.
        environment: Variables for the command; without it, it gets PATH, HOME and the like alone.
        tasks: A file of JSON lines or a list of records (see `envs.tooluse.mcp.task`), or "stockroom".
        check: A function of (final state, messages) that returns a score in [0, 1]; or "module:function".
        restart: Whether each episode starts the server anew; None: yes, but for the stockroom's tasks.
        hidden: Tools that the agent does not see, such as those of the setup.
        state_uri: The resource that holds the server's state. A server without it is known by its calls.
        timeout_s: Seconds that a call may take.
        start_timeout_s: Seconds that the server may take to start.
        core: Arguments of `ToolEnv`: action_format, repair, prompt, split.

    Extra info:
        That of `ToolEnv`, and `server_gone`: whether the server has failed in this episode.

    Snapshots:
        A snapshot holds the calls. To restore one is to prepare the server and to make them again: exact for
        servers that repeat themselves, an error for others.

    Version history:
        v0: first version.

    References:
        https://modelcontextprotocol.io/specification.
    """

    def __init__(
        self,
        *,
        server: str | Sequence[str] | None = None,
        environment: Mapping[str, str] | None = None,
        tasks: str | Path | Sequence[Mapping[str, Any]] | None = None,
        check: Check | str | None = None,
        restart: bool | None = None,
        hidden: Sequence[str] = (),
        state_uri: str = STATE_URI,
        timeout_s: float = 10.0,
        start_timeout_s: float = 60.0,
        max_steps: int = 20,
        **core: Any,
    ) -> None:
        super().__init__(max_steps=max_steps, **core)
        for name, seconds in (("timeout_s", timeout_s), ("start_timeout_s", start_timeout_s)):
            if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds < 1e6:
                raise ArgumentError(f"`{name}` is {seconds!r}. It must be a number of seconds above 0.")
        if tasks is None and server is not None:
            raise ArgumentError("`tasks` is missing. Pass the tasks to do on this server.")
        own = tasks is None or tasks == _STOCKROOM
        self._check = read_check(check)
        self._source: TaskSource = (
            StockroomTasks() if own else GivenTasks(tasks or (), self.split, judged=self._check is None)
        )
        self._hidden = ("prepare",) if own and not hidden else tuple(hidden)
        self._state_uri = state_uri
        self._remote = Remote(
            read_address(server, environment),
            restart=not own if restart is None else restart,
            start_s=start_timeout_s,
            call_s=timeout_s,
        )
        self._record = McpTask("", "")
        self._state: str | None = None
        self._said: str | None = None
        self._score = 0.0

    def tasks(self, split: str) -> Sequence[str]:
        """List the task ids of a split."""
        return self._source.tasks(split)

    @classmethod
    def kind_of(cls, task: str) -> str:
        """Name the kind of a task of the stockroom by its id."""
        return StockroomTasks.kind_of(task)

    def oracle_action(self) -> str:
        """Make the first of the task's calls that is not made yet, then give its reply."""
        made = Counter(canonical_json([done.name, done.arguments]) for done in self._remote.history)
        for call in self._record.calls:
            key = canonical_json([call.name, call.arguments])
            if made[key] == 0:
                return self._write(Message((call,)))
            made[key] -= 1
        return self._write(Message(text=self._record.reply))

    def close(self) -> None:
        """End the connection, and the server where it is ours."""
        self._remote.close()

    def _open(self, task: str) -> str:
        record = self._source.task(task)
        self._remote.begin(record.setup)
        self._record, self._said, self._score = record, None, 0.0
        self._look()
        return record.instruction

    def _look(self) -> None:
        """Equip the server's tools and read its state."""
        self._equip(toolbox(self._remote.tools(self._hidden)))
        self._state = self._remote.state(self._state_uri)

    def _policy(self) -> str:
        return (
            "Do the task with the tools. When it is done, reply in a short sentence, without a call.\n\n"
            f"Task: {self._record.instruction}"
        )

    def _settle(self, results: Sequence[ToolResult]) -> Outcome:
        self._state = self._remote.state(self._state_uri)
        return super()._settle(results)

    def _reply(self, text: str) -> Outcome:
        state = _parsed(self._state)
        if self._check is None:
            self._score = judge(self._record, state, text)
        else:
            last = {"role": "assistant", "content": text}
            self._score = checked(self._check, state, [*self._talk.messages, last])
        self._said = text
        said = "The task is done." if self._score == 1.0 else "The task is not done."
        return Outcome(said, self._score, terminated=True, parts={"task": self._score})

    def _standing(self) -> Standing:
        calls = [[done.name, done.arguments] for done in self._remote.history]
        known = calls if self._state is None else self._state
        key = state_key(canonical_json([self.task_id, known, self._remote.gone, self._said]))
        return Standing(key, self._score, self._score, self._score == 1.0)

    def _more(self) -> dict[str, Any]:
        return {"server_gone": self._remote.gone}

    def _save_state(self) -> dict[str, Any]:
        return {
            "history": [list(done) for done in self._remote.history],
            "gone": self._remote.gone,
            "said": self._said,
            "score": self._score,
        }

    def _load_state(self, task: str, state: Any) -> None:
        history = [_answered(done) for done in state["history"]]
        gone, said, score = state["gone"], state["said"], state["score"]
        sound = isinstance(gone, bool) and isinstance(said, str | None) and isinstance(score, float)
        if not sound or not 0 <= score <= 1:
            raise DataError("its ending is none")
        record = self._source.task(task)
        before, gone_before = self._remote.history, self._remote.gone
        try:
            self._remote.resume(record.setup, history, gone=gone)
        except AgentGymError as error:
            self._remote.resume(self._record.setup, before, gone=gone_before)
            raise DataError(str(error)) from error
        self._record, self._said, self._score = record, said, score
        self._look()


def _parsed(state: str | None) -> Any:
    try:
        return None if state is None else json.loads(state)
    except (ValueError, RecursionError):
        return state


def _answered(done: Any) -> Answered:
    name, arguments, text, failed = done
    if not (isinstance(name, str) and isinstance(arguments, dict) and isinstance(text, str)):
        raise DataError("its history is none")
    if not isinstance(failed, bool):
        raise DataError("its history is none")
    return Answered(name, arguments, text, failed)
