"""The SearchQA environment: it joins questions, corpus, index and judge."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal

from agentgym.api import Transition
from agentgym.errors import ArgumentError, suggest
from envs.tooluse.answering import AnswerEnv
from envs.tooluse.answering.env import Judgement, amount
from envs.tooluse.core import Tool
from envs.tooluse.search.metrics import best_over, exact_match, f1
from envs.tooluse.search.question import Question
from envs.tooluse.search.search_r1 import SearchR1Format
from envs.tooluse.search.sources import open_source
from envs.tooluse.search.tool import SearchTool
from envs.tooluse.search.world import TYPES

__all__ = ["SearchQAEnv"]

_OWN_FORMAT = "search-r1"


class SearchQAEnv(AnswerEnv):
    """Answer a question whose facts are spread over documents that a search engine finds.

    Description:
        Without files, a generated encyclopaedia of an invented world, one for each split, and questions
        about it: chains of one to three relations, and comparisons. With files, any corpus and any questions.
        Search is BM25; equal scores stand in the order of the corpus.

    Observation:
        The question; then, after a search, the best documents.

    Action:
        A call of `search(query)` or `answer(value)`. In the format "search-r1": `<search>query</search>`,
        which gives `<information>Doc 1(Title: "...") ...</information>`, and `<answer>answer</answer>`.

    Reward:
        At the end exact match or F1, after the normalisation of SQuAD, the best over the accepted answers;
        plus `tool_bonus` where that is above 0 and a search has found something; less `format_penalty` for an
        action that cannot be read or a reply without an answer.

    Start:
        A question of the split, drawn by the seed or named by `options={"task": id}`. Generated ids are
        "<split>/<type>/<number>"; no name belongs to the worlds of two splits. Ids of files are
        "<split>/<number>".

    End:
        Terminated by an answer; truncated after `max_steps` steps.

    Arguments:
        types: Of "1-hop", "2-hop", "3-hop" and "compare"; for generated questions.
        corpus: A file with `{"id": ..., "contents": ...}` a line; its index is cached below $AGENTGYM_CACHE.
        questions: A file with `{"question": ..., "golden_answers": [...]}` a line, and "gold_ids" where
            known, for `split`; or a folder with train.jsonl, validation.jsonl (or dev.jsonl), test.jsonl.
        top_k: Documents a search.
        metric: "em" or "f1".
        tool_bonus: See Reward; ARPO takes 0.1.
        action_format: "search-r1", or one of `ToolEnv`.
        core: Arguments of `AnswerEnv` and `ToolEnv`: repair, prompt, format_penalty, split, ...

    Extra info:
        That of `ToolEnv`, and `documents` (ids that the last step found), `retrieved` (all ids found),
        `gold_found` (how many gold documents are among them), `stratum` (number of searches so far). The
        truth is in none of it: methods that need it call `env.unwrapped.reference_answer()`.

    Version history:
        v0: first version.

    References:
        Jin et al. 2025, Search-R1, https://arxiv.org/abs/2503.09516. Deviation: one `<answer>` is enough,
        since an action holds no prompt; their extractor wants two.
    """

    def __init__(
        self,
        *,
        types: Sequence[str] = TYPES,
        corpus: str | Path | None = None,
        questions: str | Path | None = None,
        top_k: int = 3,
        metric: Literal["em", "f1"] = "em",
        tool_bonus: float = 0.0,
        action_format: str = _OWN_FORMAT,
        max_steps: int = 8,
        **core: Any,
    ) -> None:
        known = action_format if action_format != _OWN_FORMAT else "xml-tags"
        super().__init__(action_format=known, max_steps=max_steps, **core)
        if action_format == _OWN_FORMAT:
            self._format = SearchR1Format()
        if metric not in ("em", "f1"):
            raise suggest("metric", str(metric), ("em", "f1"))
        if type(top_k) is not int or not 1 <= top_k <= 50:
            raise ArgumentError(f"`top_k` is {top_k!r}. It must be an integer from 1 to 50.")
        if not types:
            raise ArgumentError(f"`types` is empty. Pass some of {', '.join(TYPES)}.")
        for name in types:
            if name not in TYPES:
                raise suggest("type of question", str(name), TYPES)
        self._source = open_source(corpus, questions, tuple(dict.fromkeys(types)), self.split)
        self._top_k, self._by_f1 = top_k, metric == "f1"
        self._tool_bonus = amount("tool_bonus", tool_bonus)
        self._asked = Question("", ("",))
        self._gold: dict[str, str] = {}
        self._tool = SearchTool(self._source, "", self._top_k)

    def tasks(self, split: str) -> Sequence[str]:
        """List the task ids of a split."""
        if split not in self.splits:
            raise suggest("split", split, self.splits)
        return self._source.tasks(split)

    @classmethod
    def kind_of(cls, task: str) -> str:
        """Name the type of a generated question by its id."""
        return task.split("/")[1] if task.count("/") == 2 else ""

    def reference_answer(self) -> tuple[str, ...]:
        """Return the accepted answers."""
        return self._asked.answers

    def gold_documents(self) -> tuple[str, ...]:
        """Return the ids of the documents that lead to the answer; empty where they are not known."""
        return tuple(self._gold)

    def oracle_action(self) -> str:
        """Search for the next gold document that is not found, then answer."""
        tool = self._tool
        for document, query in self._gold.items():
            if document not in tool.found and query not in tool.queries:
                return self._call("search", query=query)
        return self._call("answer", value=self._asked.answers[0])

    def _look(self, task: str) -> None:
        self._asked, self._gold = self._source.question(task), self._source.gold(task)
        self._tool = SearchTool(self._source, task, self._top_k)

    def _question(self) -> str:
        return self._asked.text

    def _policy(self) -> str:
        return (
            "Answer the question. Search for what you need to know, as often as you need; give the answer in "
            f"a few words.\n\nQuestion: {self._asked.text}"
        )

    def _tools(self) -> Iterable[Tool]:
        return (self._tool.search,)

    def _act(self, action: str) -> Transition:
        self._tool.step = ()
        return super()._act(action)

    def _judge(self, given: str) -> Judgement:
        exact = best_over(exact_match, given, self._asked.answers)
        score = best_over(f1, given, self._asked.answers) if self._by_f1 else exact
        return Judgement(score, exact == 1.0)

    def _bonus(self) -> dict[str, float]:
        return {"tools": self._tool_bonus} if self._tool_bonus and self._tool.found else {}

    def _advance(self) -> float:
        return self._gold_found() / len(self._gold) if self._gold else 0.0

    def _gold_found(self) -> int:
        return len(self._gold.keys() & set(self._tool.found))

    def _work(self) -> Any:
        return sorted(self._tool.found)

    def _save_work(self) -> Any:
        return self._tool.save()

    def _load_work(self, task: str, work: Any) -> None:
        restored = SearchTool(self._source, task, self._top_k)
        restored.load(work)
        self._look(task)
        self._tool = restored

    def _more(self) -> dict[str, Any]:
        return {
            **super()._more(),
            "documents": list(self._tool.step),
            "retrieved": list(self._tool.found),
            "gold_found": self._gold_found(),
            "stratum": len(self._tool.queries),
        }
