"""Best of several: at each turn some candidate actions are judged, and the best is taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

from agentgym.agents.accounting import with_costs_of
from agentgym.agents.judges import Verdict, make_judge
from agentgym.agents.protocol import Agent
from agentgym.agents.specs import make_agent
from agentgym.errors import ArgumentError, suggest
from agentgym.hashing import derive_seed
from agentgym.trajectory import Decision, Turn

__all__ = ["RerankingAgent"]


class RerankingAgent:
    """Lets another agent propose actions and takes the one that a judge likes best; of equals, the first.

    A decision carries the tokens of the candidates that were not taken, and what the judge asked, as
    `further_tokens`. Its log-probabilities are those of the proposal, not of the choice: nothing to train on.

    Args:
        inner: Who proposes.
        judge: Who judges: "likelihood", "votes", "self", or another of `agentgym.agents.judges`.
        k: Number of proposals.
        candidates: "sampled": k answers of the agent, the first being the one that it gives when it plays
            alone; "admissible": the admissible actions where they are listed, else as "sampled".

    Raises:
        ArgumentError: `k` is not positive, the judge cannot judge this agent, or the agent plays episodes
            again.
        UnknownNameError: There is no such judge or kind of candidates.
    """

    def __init__(
        self,
        inner: Agent,
        *,
        judge: str = "votes",
        k: int = 4,
        candidates: Literal["sampled", "admissible"] = "sampled",
    ) -> None:
        if candidates not in ("sampled", "admissible"):
            raise suggest("kind of candidates", str(candidates), ("sampled", "admissible"))
        if k < 1:
            raise ArgumentError(f"`k` is {k}. At least 1 action must be proposed.")
        if hasattr(inner, "again"):
            raise ArgumentError(
                f"rerank:{inner.spec} would never try again. Write reflect:rerank:... instead."
            )
        if candidates == "admissible" and judge == "votes":
            raise ArgumentError(
                "No action has more votes than another where each is listed once. Pass judge=self."
            )
        self.spec, self.wants_oracle = f"rerank:{inner.spec}", inner.wants_oracle
        self.template = getattr(inner, "template", None)
        self._inner, self._k, self._lists = inner, k, candidates == "admissible"
        self._judge = make_judge(judge, inner)
        self.words = str(getattr(self._judge, "words", ""))

    @classmethod
    def over(
        cls,
        spec: str,
        *,
        judge: str = "votes",
        k: int = 4,
        candidates: Literal["sampled", "admissible"] = "sampled",
        **options: Any,
    ) -> RerankingAgent:
        """Make the agent of a specification "rerank:<agent>"; other options are those of the agent."""
        return cls(make_agent(spec, **options), judge=judge, k=k, candidates=candidates)

    def act(self, turns: Sequence[Turn]) -> list[Decision | Exception]:
        """Answer every turn with the best of its candidates."""
        answers: dict[int, Decision | Exception] = {}
        whole: dict[int, list[Decision]] = {}
        for number, some in enumerate(self._candidates(turns)):
            whole[number] = []
            for one in some:
                if isinstance(one, Exception):
                    answers[number] = one
                else:
                    whole[number].append(one)
        for number in answers:
            del whole[number]
        verdicts = self._judge.judge([turns[number] for number in whole], list(whole.values()))
        for (number, candidates), verdict in zip(whole.items(), verdicts, strict=True):
            answers[number] = verdict if isinstance(verdict, Exception) else _best(candidates, verdict)
        return [answers[number] for number in range(len(turns))]

    def _candidates(self, turns: Sequence[Turn]) -> list[list[Decision | Exception]]:
        """Propose actions for every turn."""
        listed = [self._lists and bool(turn.info["admissible_actions"]) for turn in turns]
        asked = [
            turn if number == 0 else replace(turn, seed=derive_seed(turn.seed, number, 3))
            for turn, is_listed in zip(turns, listed, strict=True)
            for number in range(0 if is_listed else self._k)
        ]
        said = iter(self._inner.act(asked) if asked else ())
        return [
            [Decision(action, action) for action in turn.info["admissible_actions"]]
            if is_listed
            else [next(said) for _ in range(self._k)]
            for turn, is_listed in zip(turns, listed, strict=True)
        ]


def _best(candidates: Sequence[Decision], verdict: Verdict) -> Decision:
    best = int(verdict.scores.argmax())
    return with_costs_of(candidates[best], [*candidates[:best], *candidates[best + 1 :], *verdict.asked])
