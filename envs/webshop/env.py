"""The WebShop environment: it joins catalogue, session, renderers and experts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final, Literal, TypeAlias

import numpy as np
from gymnasium.utils import seeding

from agentgym.api import Facts, TextEnv, Transition
from agentgym.errors import ArgumentError, DataError, require, suggest
from agentgym.hashing import canonical_json, state_key
from agentgym.plain import plain
from envs.webshop import render
from envs.webshop.catalogue import SPLITS, Catalogue
from envs.webshop.goal import GOAL_KINDS, GoalKind, draw_goal
from envs.webshop.nouns import best_nouns
from envs.webshop.oracle import Oracle
from envs.webshop.reward import Reward
from envs.webshop.rules import RulesName, rules_of
from envs.webshop.session import Outcome, Session
from envs.webshop.shopper import next_action, searches
from envs.webshop.sources import CatalogueChoice, catalogue_of
from envs.webshop.tasks import GoalTasks

__all__ = ["ObservationMode", "WebShopEnv"]

ObservationMode: TypeAlias = Literal["text_rich", "text", "html", "url"]
_MODES: Final = ("text_rich", "text", "html", "url")
_SCALES: Final = ("unit", "sparse10")
_EXPERTS: Final = ("oracle", "shopper")
_SAMPLINGS: Final = ("uniform", "weighted")
_ECHO: Final = 1000
_KEPT: Final = 1 << 15  # characters of an earlier page; real ones have at most some thousand


class WebShopEnv(TextEnv):
    """Buy what an instruction asks for, in a shop of pages: search, look at products, choose options, buy.

    Description:
        WebShop (Yao et al. 2022, https://arxiv.org/abs/2207.01206), word for word: pages, actions, search
        results and rewards are the original's. It plays the original's catalogue files, or a generated
        catalogue of any size.

    Observation:
        The present page, as `observation_mode` says. "text_rich": a piece a line, with marks for what can be
        clicked. "text": the pieces joined by " [SEP] ". "html": plain HTML. "url": the address.

    Action:
        "search[words]" or "click[name]", where name is a button, an asin or the value of an option; case does
        not matter within the brackets. The original understands search on every page, so this does too.

    Reward:
        At the purchase, in [0, 1]: how well product, attributes, options and price fit. "sparse10": 10 for a
        perfect purchase, else 0.

    Start:
        The search page, with a goal of the split, drawn by the seed or named by `options={"task": id}`. Ids
        are "synthetic/<number>" and "human/<number>".

    End:
        Terminated by the purchase; truncated after `max_steps` steps.

    Arguments:
        catalogue: "files", "generated", or "auto": files where a folder is known and `products` is not given,
            else generated.
        data: A folder with items_shuffle*.json, items_ins_v2*.json and perhaps items_human_ins*.json. None:
            $AGENTGYM_DATA/webshop.
        products: Number of products of a generated catalogue. None: 1,000.
        catalogue_seed: Seed of the generated catalogue. It decides its products, prices and goals.
        goals: "synthetic" goals want a value of each option group, "human" ones are written by people, or as
            people write.
        sampling: "uniform", or "weighted": rare attributes more often, as the original draws.
        rules: "original", faults included, or "fixed"; see `envs.webshop.rules.Rules`.
        observation_mode: See Observation.
        num_prev_obs: Number of earlier observations put before the present one.
        num_prev_actions: Number of earlier actions put before it.
        show_attributes: Whether products have a page of attributes.
        suggest_searches: Whether `admissible_actions` of the search page lists searches made of the words of
            the instruction, and the oracle keeps to them. Other searches are understood all the same.
        reward_scale: "unit" or "sparse10"; see Reward.
        expert: What `oracle_action` asks: "oracle" knows the goal, "shopper" reads the pages.
        split: "train", "validation" (the papers' eval) or "test".
        max_steps: See End.
        render_mode: None or "ansi".

    Extra info:
        `catalogue`: its name. `has_search_bar`, `clickables`: what the original calls available actions.
        `reward_parts`: the parts of the reward, after a purchase. `noun_source`: where the nouns of titles
        come from. `reason`: why the last action did nothing.

    Version history:
        v0: first version.

    References:
        https://github.com/princeton-nlp/WebShop. Deviations: goals never depend on the environment's seed;
        the splits are called train, validation and test.
    """

    splits: ClassVar[tuple[str, ...]] = SPLITS
    oracle_success: ClassVar[float] = 0.75  # under the original's rules, one goal in fifteen is out of reach

    def __init__(
        self,
        *,
        catalogue: CatalogueChoice = "auto",
        data: str | Path | None = None,
        products: int | None = None,
        catalogue_seed: int = 0,
        goals: GoalKind = "synthetic",
        sampling: Literal["uniform", "weighted"] = "uniform",
        rules: RulesName = "original",
        observation_mode: ObservationMode = "text_rich",
        num_prev_obs: int = 0,
        num_prev_actions: int = 0,
        show_attributes: bool = True,
        suggest_searches: bool = False,
        reward_scale: Literal["unit", "sparse10"] = "unit",
        expert: Literal["oracle", "shopper"] = "oracle",
        split: str = "train",
        max_steps: int = 15,
        render_mode: str | None = None,
    ) -> None:
        super().__init__(split=split, max_steps=max_steps, render_mode=render_mode)
        require("rapidfuzz", extra="webshop", who=self.name)
        _check_words(goals, sampling, observation_mode, reward_scale, expert)
        for name, count in (("num_prev_obs", num_prev_obs), ("num_prev_actions", num_prev_actions)):
            if not 0 <= count <= max_steps:
                raise ArgumentError(f"`{name}` is {count}. It must be from 0 to max_steps, {max_steps}.")
        self._rules = rules_of(rules)
        self._catalogue: Catalogue = catalogue_of(
            catalogue, data=data, products=products, seed=catalogue_seed
        )
        self._kind, self._weighted = goals, sampling == "weighted"
        self._mode = observation_mode
        self._window = (num_prev_obs, num_prev_actions)
        self._show_attributes, self._suggest_searches = show_attributes, suggest_searches
        self._sparse = reward_scale == "sparse10"
        self._shopper = expert == "shopper"
        self._nouns = best_nouns()
        self._session: Session | None = None
        self._oracle: Oracle | None = None
        self._observed: list[str] = []
        self._acted: list[str] = []
        self._reason = ""
        self._judged: tuple[tuple[Any, ...], Reward] | None = None

    @property
    def session(self) -> Session:
        """The present visit to the shop."""
        assert self._session is not None  # the base class has seen to a reset
        return self._session

    def tasks(self, split: str) -> Sequence[str]:
        """List the task ids of a split."""
        if split not in self.splits:
            raise suggest("split", split, self.splits)
        return GoalTasks(self._kind, self._catalogue.split(self._kind, split))

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[str, dict[str, Any]]:
        """Start an episode; see `TextEnv.reset`. With `sampling="weighted"` rare goals come more often."""
        if self._weighted and not options:
            chance = self.np_random if seed is None else seeding.np_random(seed)[0]
            options = {"task": self._draw(chance)}
        return super().reset(seed=seed, options=options)

    def oracle_action(self) -> str:
        """Return the expert's action."""
        if self._shopper:
            return next_action(self.session.page)
        assert self._oracle is not None
        return self._oracle.next_action(self.session)

    def render(self) -> str | None:
        """Return the present page as rich text for "ansi", else None."""
        return self._page("text_rich") if self.render_mode == "ansi" else None

    def browse(self, announce: Callable[[str], None]) -> None:
        """Show the present visit as a web site until an interrupt; `announce` is told where it is."""
        from envs.webshop.site import receive_people

        receive_people(self, announce)

    def _draw(self, chance: np.random.Generator) -> str:
        tasks = self.tasks(self.split)
        if not tasks:
            raise DataError(f"{self.name} has no task in split {self.split!r}. Choose another split.")
        weights = self._catalogue.weights(self._kind, self._catalogue.split(self._kind, self.split))
        return tasks[draw_goal(weights, float(chance.random()), self._rules)]

    def _begin(self, task: str) -> str:
        self._visit(task)
        self._observed, self._acted, self._reason = [self._page(self._mode)], [], ""
        return self._observed[0]

    def _visit(self, task: str) -> None:
        goal = self._catalogue.goals(self._kind)[int(task.rpartition("/")[2])]
        self._session = Session(
            self._catalogue,
            goal,
            nouns=self._nouns,
            rules=self._rules,
            show_attributes=self._show_attributes,
        )
        self._oracle = Oracle(self._catalogue, goal, only_words=self._suggest_searches)
        self._judged = None

    def _act(self, action: str) -> Transition:
        outcome = self._perform(action)
        self._reason = outcome.reason
        self._acted.append(plain(action, limit=_ECHO))
        page = self._page(self._mode)
        observation = self._with_past(page)
        self._observed.append(page[:_KEPT])
        reward = outcome.reward
        if self._sparse:
            reward = 10.0 * (reward == 1.0)
        return Transition(observation, reward, terminated=outcome.done, valid=outcome.valid)

    def _perform(self, action: str) -> Outcome:
        """Carry out an action in the present visit."""
        return self.session.act(action)

    def _page(self, mode: str) -> str:
        session = self.session
        if mode == "text":
            return render.text(session.page)
        if mode == "html":
            return render.as_html(session.page)
        assert self.task_id is not None
        address = render.address(session.state, self.task_id.rpartition("/")[2])
        return address if mode == "url" else render.rich_text(session.page, address)

    def _with_past(self, page: str) -> str:
        """Put earlier observations and actions before a page, oldest first, as the original does."""
        observations, actions = self._window
        texts = [page]
        for back in range(1, 1 + max(observations, actions)):
            if back <= min(actions, len(self._acted)):
                texts.append(self._acted[-back])
            if back <= min(observations, len(self._observed)):
                texts.append(self._observed[-back])
        return " [SEP] ".join(reversed(texts))

    def _facts(self) -> Facts:
        session = self.session
        state, reward = session.state, session.state.reward
        judged = self._verdict() if state.asin else None
        extra = {
            "catalogue": self._catalogue.name,
            "category": session.goal.category,
            "has_search_bar": session.has_search_bar,
            "clickables": list(session.clickables),
            "reward_parts": judged.as_info() if judged is not None and reward is not None else {},
            "noun_source": self._nouns.source,
            "reason": self._reason,
        }
        return Facts(
            session.goal.instruction,
            self._state_key(),
            progress=0.0 if judged is None else judged.value,
            score=reward or 0.0,
            success=reward == 1.0,
            admissible_actions=self._admissible(),
            extra=extra,
        )

    def _verdict(self) -> Reward:
        """Judge the product that is looked at; once for each choice of options."""
        state = self.session.state
        key = (state.asin, *state.options.items())
        if self._judged is None or self._judged[0] != key:
            self._judged = key, self.session.verdict()
        return self._judged[1]

    def _state_key(self) -> str:
        state = self.session.state
        facts = [self.task_id, state.page, state.query, state.number, state.asin, state.detail]
        return state_key(canonical_json([*facts, sorted(state.options.items())]))

    def _admissible(self) -> tuple[str, ...] | None:
        session = self.session
        if not session.has_search_bar:
            return tuple(f"click[{name}]" for name in session.clickables)
        if not self._suggest_searches:
            return None
        return tuple(f"search[{words}]" for words in searches(session.goal.instruction))

    def _save(self) -> dict[str, Any]:
        observations, actions = self._window
        return {
            "session": self.session.save(),
            "observed": self._observed[-observations:] if observations else [],
            "acted": self._acted[-actions:] if actions else [],
            "reason": self._reason,
        }

    def _load(self, task: str, state: Any) -> None:
        past = [state["observed"], state["acted"], [state["reason"]]]
        if not all(isinstance(texts, list) and all(isinstance(t, str) for t in texts) for texts in past):
            raise DataError("its past is not of the right type")
        before = self._session, self._oracle
        self._visit(task)
        try:
            self.session.load(state["session"])
        except Exception:
            self._session, self._oracle = before
            raise
        self._observed, self._acted, self._reason = state["observed"], state["acted"], state["reason"]


def _check_words(goals: str, sampling: str, observation_mode: str, reward_scale: str, expert: str) -> None:
    for name, value, known in (
        ("kind of goals", goals, GOAL_KINDS),
        ("sampling", sampling, _SAMPLINGS),
        ("observation mode", observation_mode, _MODES),
        ("reward scale", reward_scale, _SCALES),
        ("expert", expert, _EXPERTS),
    ):
        if value not in known:
            raise suggest(name, str(value), known)
