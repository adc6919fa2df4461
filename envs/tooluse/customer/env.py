"""The customer service environment: it joins domain, database, user and judgement."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal

from agentgym.errors import ArgumentError, DataError, suggest
from agentgym.hashing import canonical_json, state_key
from envs.tooluse.core import ToolCall, ToolResult, run_call
from envs.tooluse.core.env import Outcome, Standing, ToolEnv
from envs.tooluse.core.prompt import Detail
from envs.tooluse.customer.database import Database
from envs.tooluse.customer.sources import domain_named
from envs.tooluse.customer.task import SPLITS, TRANSFER, CustomerTask
from envs.tooluse.customer.truth import Truth, Verdict, fulfils, judge, said_in, truth_of
from envs.tooluse.customer.users import STOP, ModelUser, ScriptedUser, TicketUser, User, UserModel
from envs.tooluse.formats import Message

__all__ = ["CustomerServiceEnv"]

_ENDING = f"When nothing is left to do for the customer, say {STOP}."


class CustomerServiceEnv(ToolEnv):
    """Do what a customer wants, by tools over a database, within a policy.

    Description:
        The agent talks with a customer and calls tools. The domain "shop" is generated: every task has a
        small world of its own. "retail" and "airline" are tau-bench's (Yao et al. 2024) or tau2-bench's, read
        from a folder, with tools of our own that answer word for word like the originals.

    Observation:
        What the customer says, or what the tools answer. `info["instruction"]` holds the policy, the tools
        and how to call them.

    Action:
        Calls of tools in the action format, or a reply to the customer. The conversation ends when the
        customer leaves, when the agent says "###STOP###" or hands over to a human.

    Reward:
        At the end 1 if the database is as the ground truth leaves it, and everything that the customer wanted
        to know was said; else 0. With `strict`, what the ground truth reads and its transfer are demanded,
        too, and outputs count as whole words only. "dense": the change of `info["progress"]`, which comes
        to 1 in a success.

    Start:
        A task of the split, drawn by the seed or named by `options={"task": id}`: "<split>/<number>" of the
        shop, "retail/test/0" of tau-bench (its dev tasks are the split "validation"), "retail/0" of tau2.

    End:
        Terminated when the conversation ends; truncated, with reward 0, after `max_steps` steps.

    Info:
        `score` is 1 in a success and else 0. `extra` holds, beside the keys of every tool environment,
        `database_changes` (number of rows changed), `not_scored` (criteria of the task that need a judge) and
        `reward_parts` at the end. `database_hash()` gives the hash of the whole database.

    Args:
        domain: "shop", "retail" or "airline".
        data: Folder of the domain's files. None: $AGENTGYM_DATA/tau_bench/<domain>.
        user: "scripted" (tells and answers by rules), "ticket" (tells all at once and always says yes) or
            "openai:<url>#<model>". Scores under the first two are not comparable with published ones.
        user_cache: Folder that keeps the replies of a model user. None: none is kept.
        strict: See Reward.
        exclude: "known_bad" leaves the tasks of tau-bench out whose ground truth is at fault. None: nothing.
        reward: "sparse" or "dense".
        action_format: "hermes", "openai", "react", "xml-tags" or "pycall".
        repair: Whether broken JSON in actions is mended; mended actions are flagged.
        prompt: How much of the tools the instruction tells: "full", "signatures" or "none".
        split: "train", "validation" or "test". None: the first that has tasks.
        max_steps: See End.
        render_mode: "ansi" (the conversation) or None.

    Raises:
        ArgumentError: An argument has a value that cannot be used.
        DataError: A file is missing or broken.

    Version history:
        v0: first version.

    References:
        Yao et al. 2024, tau-bench; Barres et al. 2025, tau2-bench. Deviations: an agent may end the
        conversation itself, faulty calls are refused before they reach a tool, and the judgement neither
        changes the episode's database nor lists the ground truth among the agent's calls.
    """

    splits: ClassVar[tuple[str, ...]] = SPLITS

    def __init__(
        self,
        *,
        domain: str = "shop",
        data: str | Path | None = None,
        user: str = "scripted",
        user_cache: str | Path | None = None,
        strict: bool = False,
        exclude: str | None = None,
        reward: Literal["sparse", "dense"] = "sparse",
        action_format: str = "hermes",
        repair: bool = False,
        prompt: Detail = "full",
        split: str | None = None,
        max_steps: int = 50,
        render_mode: str | None = None,
    ) -> None:
        self._domain = domain_named(domain, data, exclude)
        filled = (name for name in SPLITS if len(self._domain.tasks(name)))
        super().__init__(
            action_format=action_format,
            repair=repair,
            prompt=prompt,
            split=split if split is not None else next(filled, SPLITS[0]),
            max_steps=max_steps,
            render_mode=render_mode,
        )
        if reward not in ("sparse", "dense"):
            raise suggest("reward", str(reward), ("sparse", "dense"))
        if user_cache is not None and ":" not in user:
            raise ArgumentError(
                "`user_cache` keeps the replies of a model user. Leave it out, or name a model."
            )
        self._user_kind = user
        self._model = UserModel(user, user_cache) if user not in ("scripted", "ticket") else None
        self._strict, self._dense = bool(strict), reward == "dense"
        self._known: dict[str, tuple[CustomerTask, Truth]] = {}
        if len(listed := self._domain.tasks(self.split)):  # so that the tools are known before a reset
            self._equip(self._domain.service(Database(self._domain.base(listed[0]))).tools)

    def tasks(self, split: str) -> Sequence[str]:
        """List the task ids of a split."""
        if split not in self.splits:
            raise suggest("split", split, self.splits)
        return self._domain.tasks(split)

    @classmethod
    def kind_of(cls, task: str) -> str:
        """Name the kind of a task of the shop; "" for those of other domains."""
        split, _, rest = task.partition("/")
        return rest.partition("/")[0] if split in SPLITS else ""

    def database_hash(self, *, original: bool = False) -> str:
        """Return the sha256 of the whole database.

        Args:
            original: Whether to hash as tau-bench does; else canonical JSON is hashed.
        """
        return self._database.original_hash() if original else self._database.canonical_hash()

    def oracle_action(self) -> str:
        """Return the next call of the ground truth, then all outputs, then the transfer or the end."""
        actions = [call for call in self._todo.actions if call.name != TRANSFER]
        transfers = [call for call in self._todo.actions if call.name == TRANSFER]
        if self._done < len(actions):
            return self._write(Message((actions[self._done],)))
        outputs = " ".join(self._todo.outputs)
        if transfers and len(self._said) == len(self._todo.outputs):
            return self._write(Message((transfers[0],)))
        return self._write(Message(text=outputs if transfers else f"{outputs} {STOP}".strip()))

    # ---- hooks -------------------------------------------------------------------------------------------

    def _prepared(self, task: str) -> tuple[CustomerTask, Truth]:
        """Return a task and its truth; those of a finite domain are kept."""
        known = self._known.get(task)
        if known is None:
            todo = self._domain.task(task)
            known = todo, truth_of(self._domain, todo, self._domain.base(task), strict=self._strict)
            if self._domain.finite:
                self._known[task] = known
        return known

    def _open(self, task: str) -> str:
        todo, truth = self._prepared(task)
        database = Database(self._domain.base(task))
        user = self._user(todo, int(self.np_random.integers(1 << 31)))
        self._take(todo, truth, database, user)
        for call in todo.prologue:
            run_call(self.toolbox, call)
        self._said: frozenset[int] = frozenset()
        self._made: frozenset[int] = frozenset()
        self._done = 0
        self._ended = False
        self._verdict = self._judged()
        return user.opening()

    def _take(self, todo: CustomerTask, truth: Truth, database: Database, user: User) -> None:
        self._todo, self._truth, self._database, self._talker = todo, truth, database, user
        self._equip(self._domain.service(database).tools)

    def _user(self, todo: CustomerTask, seed: int) -> User:
        if self._model is not None:
            return ModelUser(self._model, todo.instruction)
        if self._user_kind == "ticket":
            return TicketUser(todo.instruction)
        return ScriptedUser(todo.script, seed)

    def _policy(self) -> str:
        return f"{self._domain.policy}\n\n{_ENDING}"

    def _reply(self, text: str) -> Outcome:
        outputs = enumerate(self._truth.outputs)
        self._said |= {n for n, output in outputs if said_in(output, text, strict=self._strict)}
        words = STOP if STOP in text else self._talker.answer(text)
        return self._outcome(words, ended=STOP in words)

    def _ends(self, result: ToolResult) -> bool:
        return result.ran and result.call.name == TRANSFER

    def _settle(self, results: Sequence[ToolResult]) -> Outcome:
        self._talker.notice_call()
        for result in results:
            if result.ran:
                self._note(result.call)
        return self._outcome(self._format.answer(results), ended=self._ends(results[-1]))

    def _note(self, call: ToolCall) -> None:
        """Take note of a call that is demanded, and of the next one of the ground truth."""
        demands = enumerate(self._truth.calls)
        self._made |= {n for n, demand in demands if n not in self._made and fulfils(call, demand)}
        actions = [action for action in self._todo.actions if action.name != TRANSFER]
        if self._done < len(actions) and call == actions[self._done]:
            self._done += 1

    def _outcome(self, observation: str, *, ended: bool) -> Outcome:
        before = self._verdict.progress
        self._ended = ended
        self._verdict = self._judged()
        right = ended and self._verdict.right
        reward = (1.0 if right else self._verdict.progress) - before if self._dense else float(right)
        return Outcome(observation, reward, ended, self._verdict.parts if ended else {})

    def _judged(self) -> Verdict:
        self._changed = self._database.changed()
        return judge(self._truth, self._changed, self._said, self._made)

    def _standing(self) -> Standing:
        success = self._ended and self._verdict.right
        # How much of the ground truth the oracle has seen done does not decide the future.
        rows = [[*place, text] for place, text in self._changed.items()]
        said, made = sorted(self._said), sorted(self._made)
        state = [self._todo.id, rows, self._talker.save(), said, made, self._ended]
        return Standing(
            state_key(canonical_json(state)),
            1.0 if success else self._verdict.progress,
            float(success),
            success,
        )

    def _more(self) -> dict[str, Any]:
        return {"database_changes": len(self._changed), "not_scored": list(self._todo.not_scored)}

    def _save_state(self) -> dict[str, Any]:
        return {
            "rows": self._database.save(),
            "user": self._talker.save(),
            "said": sorted(self._said),
            "made": sorted(self._made),
            "done": self._done,
            "ended": self._ended,
        }

    def _load_state(self, task: str, state: Any) -> None:
        todo, truth = self._prepared(task)
        database = Database.load(self._domain.base(task), state["rows"])
        user = self._user(todo, 0)
        user.load(state["user"])
        said, made = frozenset(state["said"]), frozenset(state["made"])
        if not said <= set(range(len(truth.outputs))) or not made <= set(range(len(truth.calls))):
            raise DataError("it says what the task does not ask for")
        done, ended = state["done"], state["ended"]
        if type(done) is not int or not 0 <= done <= len(todo.actions) or not isinstance(ended, bool):
            raise DataError("nobody knows how much is done")
        self._take(todo, truth, database, user)
        self._said, self._made, self._done, self._ended = said, made, done, ended
        self._verdict = self._judged()
