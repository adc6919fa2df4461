"""How fast the harness plays a local model, beside a plain loop that calls `model.generate` per environment.

Both say the same tokens after the same prompts: the plain loop draws them by the same numbers. Seconds are
CPU seconds of the process, so that neighbours do little harm; environments are not in the ratio.

python tests/benchmarks/harness_speed.py [--envs 64] [--steps 12] [--tokens 16]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from transformers import LogitsProcessor, LogitsProcessorList

from agentgym.agents import PromptTemplate, make_agent
from agentgym.agents.drawing import draw
from agentgym.agents.hf import HFAgent
from agentgym.agents.settings import Sampling
from agentgym.profiling import Profile, profiled
from agentgym.rollout import Episode, RunPlan, collect, run
from agentgym.trajectory import Trajectory, Turn
from baselines.models import build_nano, train_tokenizer

ENV = "agentgym/SokobanSmall-v0"


class _ByNumbers(LogitsProcessor):  # type: ignore[misc]  # transformers has no types
    """Lets `generate` take the token that our sampling would draw."""

    def __init__(self, uniforms: np.ndarray, sampling: Sampling) -> None:
        self._uniforms, self._sampling = iter(torch.from_numpy(uniforms)), sampling

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        token, _, _ = draw(scores, next(self._uniforms)[None], self._sampling)
        return torch.full_like(scores, -torch.inf).scatter_(1, token[:, None], 0.0)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print ratios, the breakdown of time, and the count of tokens."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--envs", type=int, default=64)
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--tokens", type=int, default=16)
    parser.add_argument("--plain", type=int, default=96, help="turns that the plain loop answers")
    given = parser.parse_args(arguments)
    torch.set_num_threads(1)
    model, tokenizer = _nano()
    size = sum(weights.numel() for weights in model.parameters())
    print(f"{ENV}, {given.envs} environments, {given.steps} steps, {size:,} parameters, 1 thread")
    for chat in ("single", "turns"):
        episodes = _episodes(given.envs, given.steps)
        for batching in ("padded", "continuous"):
            agent = _agent(model, tokenizer, batching, chat, given.tokens)
            played, profile, spent = _play(episodes, agent)
            _report(f"{chat} {batching}", played, profile, spent)
        plain, ours = _plain_rate(agent, played, given.plain), _rate(played, profile, spent)
        print(f"  plain loop: {plain:.0f} tokens/s; continuous is {ours / plain:.1f} times as fast\n")
    print("time falls with the episodes that are over (continuous): tokens sampled are tokens recorded")
    _report_ends(model, tokenizer, given)


def _nano() -> tuple[Any, Any]:
    played = collect([Episode(k, ENV, seed=k) for k in range(30)], make_agent("random"))
    texts = [text for t in played for s in t.steps for text in (s.observation, s.decision.action)]
    tokenizer = train_tokenizer(texts)
    return build_nano(tokenizer, context=1 << 15), tokenizer


def _episodes(n: int, steps: int) -> list[Episode]:
    return [Episode(k, ENV, seed=k, group=k, env_kwargs={"max_steps": steps}) for k in range(n)]


def _agent(model: Any, tokenizer: Any, batching: Any, chat: str, tokens: int) -> HFAgent:
    template = PromptTemplate(instruction=False, chat=chat)
    return HFAgent(model, tokenizer, template, batching=batching, max_new_tokens=tokens)


def _play(episodes: Sequence[Episode], agent: HFAgent) -> tuple[list[Trajectory], Profile, float]:
    """Play and record as `agentgym rollout` does."""
    played: list[Trajectory] = []
    plan = RunPlan(agent.spec, 0, episodes)
    with TemporaryDirectory() as folder, profiled(clock=time.process_time) as profile:
        begun = time.process_time()
        run(plan, agent, Path(folder) / "run", slots=len(episodes), on_done=played.append)
        spent = time.process_time() - begun
    return played, profile, spent


def _rate(played: Sequence[Trajectory], profile: Profile, spent: float) -> float:
    return sum(t.tokens for t in played) / (spent - profile.seconds["environment"])


def _report(name: str, played: Sequence[Trajectory], profile: Profile, spent: float) -> None:
    parts = profile.to_record()["parts_s"]
    model, outside = parts["generate"], parts["environment"]
    shares = ", ".join(
        f"{part} {seconds / model:.1%}"
        for part, seconds in parts.items()
        if part not in ("generate", "environment")
    )
    overhead = (spent - model - outside) / model
    steps, rate = sum(len(t.steps) for t in played), _rate(played, profile, spent)
    print(
        f"{name}: {rate:.0f} tokens/s, {steps / spent:.0f} steps/s; beside the model "
        f"{overhead:.1%} ({shares}); environments {outside / model:.1%}; {profile.counts['tokens']} tokens "
        f"sampled, {sum(t.tokens for t in played)} recorded"
    )


def _plain_rate(agent: HFAgent, played: Sequence[Trajectory], turns: int) -> float:
    """Tokens/s of `model.generate`, one environment at a time, on turns that were played."""
    recorded = [(t, k) for t in played for k in range(len(t.steps))]
    chosen = [recorded[i] for i in np.linspace(0, len(recorded) - 1, min(turns, len(recorded))).astype(int)]
    spent, tokens, differing = 0.0, 0, 0
    for trajectory, k in chosen:
        decision = trajectory.steps[k].decision
        turn = Turn(ENV, trajectory.episode, 0, "", {}, trajectory.steps[:k])
        numbers = LogitsProcessorList([_ByNumbers(agent.chance(turn), agent.sampling)])
        prompt = torch.from_numpy(decision.prompt_ids)[None]
        begun = time.process_time()
        said = agent.model.generate(
            prompt,
            attention_mask=torch.ones_like(prompt),
            do_sample=False,
            max_new_tokens=agent.max_new_tokens,
            logits_processor=numbers,
        )
        spent += time.process_time() - begun
        new = said[0, prompt.shape[1] :].numpy()
        tokens += len(new)
        differing += not np.array_equal(new, decision.token_ids)
    print(f"  plain loop on {len(chosen)} turns: {differing} answers differ by rounding")
    return tokens / spent


def _report_ends(model: Any, tokenizer: Any, given: argparse.Namespace) -> None:
    """Let ever more of the episodes end after their first step."""
    for early in (0.0, 0.5, 0.9):
        episodes = [
            Episode(k, ENV, seed=k, env_kwargs={"max_steps": 1 if k < early * given.envs else given.steps})
            for k in range(given.envs)
        ]
        agent = _agent(model, tokenizer, "continuous", "single", given.tokens)
        played, profile, spent = _play(episodes, agent)
        recorded = sum(t.tokens for t in played)
        sampled = profile.counts["tokens"]
        print(f"  {early:.0%} end early: {spent:.2f} s, {sampled} tokens sampled, {recorded} recorded")


if __name__ == "__main__":
    main()
