"""How fast the harness plays models of 0.5 and 1.5 billion parameters on a GPU, beside padded `generate`.

The models have the architecture of Qwen2 and random weights. So that answers differ in length, one token of
`--mean` ends an answer. The decode ceiling is what the memory allows: the bandwidth of a copy, divided by the
bytes of weights and of keys and values that a token of every environment needs.

python tests/benchmarks/harness_gpu.py [--sizes 0.5B 1.5B] [--envs 256] [--steps 6] [--compile]
python tests/benchmarks/harness_gpu.py --tiny     # a tiny model, on any machine: only shows that it runs
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import torch
from transformers import Qwen2Config, Qwen2ForCausalLM

from agentgym.agents import PromptTemplate, make_agent
from agentgym.agents.hf import HFAgent
from agentgym.profiling import profiled
from agentgym.rollout import Episode, collect
from agentgym.trajectory import Trajectory
from baselines.models import train_tokenizer

ENV: Final = "agentgym/SokobanSmall-v0"
SIZES: Final[dict[str, dict[str, int]]] = {
    "0.5B": {
        "hidden_size": 896, "intermediate_size": 4864, "num_hidden_layers": 24, "num_attention_heads": 14,
        "num_key_value_heads": 2, "vocab_size": 151936,
    },
    "1.5B": {
        "hidden_size": 1536, "intermediate_size": 8960, "num_hidden_layers": 28, "num_attention_heads": 12,
        "num_key_value_heads": 2, "vocab_size": 151936,
    },
    "tiny": {
        "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4,
        "num_key_value_heads": 2, "vocab_size": 600,
    },
}  # fmt: skip


class _Speed(NamedTuple):
    """What a way to play reached: useful tokens and steps a second, and the most GPU memory held, in GiB."""

    tokens: float
    steps: float
    memory: float


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a table for each size."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sizes", nargs="+", choices=["0.5B", "1.5B"], default=["0.5B", "1.5B"])
    parser.add_argument("--envs", type=int, default=256)
    parser.add_argument("--steps", type=int, default=6)
    parser.add_argument("--tokens", type=int, default=256, help="greatest number of tokens of an answer")
    parser.add_argument("--mean", type=int, default=64, help="about the mean number of tokens of an answer")
    parser.add_argument("--compile", action="store_true", help="also with CUDA graphs")
    parser.add_argument("--tiny", action="store_true")
    given = parser.parse_args(arguments)
    if not given.tiny and not torch.cuda.is_available():
        print(
            "skipped: harness_gpu needs a CUDA device, and torch sees none. Pass --tiny to see that it runs."
        )
        return
    device = "cuda" if torch.cuda.is_available() else "cpu"
    if given.tiny:
        given.sizes, given.envs, given.steps, given.tokens, given.mean = ["tiny"], 6, 2, 8, 4
    bandwidth = _bandwidth(device, 1 << (22 if given.tiny else 30))
    name = torch.cuda.get_device_name() if device == "cuda" else "CPU"
    print(f"{name}: a copy moves {bandwidth / 1e9:.0f} GB/s; {ENV}, {given.envs} environments")
    for size in given.sizes:
        _report(size, given, device, bandwidth)


def _report(size: str, given: argparse.Namespace, device: str, bandwidth: float) -> None:
    model, tokenizer = _model(size, given, device), _tokenizer()
    episodes = [Episode(k, ENV, seed=k, env_kwargs={"max_steps": given.steps}) for k in range(given.envs)]
    played: list[Trajectory] = []

    def ours(batching: Any, compiles: bool = False) -> Callable[[], tuple[int, int]]:
        template = PromptTemplate(chat="turns")
        agent = HFAgent(
            model, tokenizer, template, batching=batching, compile=compiles, max_new_tokens=given.tokens
        )

        def play() -> tuple[int, int]:
            played[:] = collect(episodes, agent, slots=given.envs)
            return sum(t.tokens for t in played), sum(len(t.steps) for t in played)

        return play

    speeds = {
        "harness, padded": _measured(ours("padded"), device),
        "harness, continuous": _measured(ours("continuous"), device),
    }
    if given.compile:
        speeds["harness, continuous, compiled"] = _measured(ours("continuous", True), device)
    speeds["padded generate, same prompts"] = _measured(lambda: _generate(model, played, given), device)
    ceiling = _ceiling(model, played, given.envs, bandwidth)
    print(f"\n{size}: {sum(p.numel() for p in model.parameters()) / 1e6:,.1f} million parameters")
    print(f"{'':32}{'tokens/s':>12}{'steps/s':>10}{'of ceiling':>12}{'GiB':>8}")
    for name, speed in speeds.items():
        share = speed.tokens / ceiling
        print(f"{name:32}{speed.tokens:12,.0f}{speed.steps:10,.1f}{share:12.1%}{speed.memory:8.1f}")


def _model(size: str, given: argparse.Namespace, device: str) -> Any:
    vocabulary = SIZES[size]["vocab_size"]
    config = Qwen2Config(**SIZES[size], tie_word_embeddings=True, bos_token_id=None)
    dtype = torch.bfloat16 if device == "cuda" else torch.float32
    with torch.random.fork_rng(), torch.device(device):
        torch.manual_seed(0)
        model = Qwen2ForCausalLM(config).to(dtype).eval()
    model.generation_config.eos_token_id = list(range(0, vocabulary, given.mean))
    model.generation_config.pad_token_id = 0
    return model


def _tokenizer() -> Any:
    played = collect([Episode(k, ENV, seed=k) for k in range(30)], make_agent("random"))
    return train_tokenizer([step.observation for t in played for step in t.steps])


def _measured(play: Callable[[], tuple[int, int]], device: str) -> _Speed:
    """Play twice and measure the second time: the first one warms up, and compiles."""
    play()
    if device == "cuda":
        torch.cuda.synchronize()
        torch.cuda.reset_peak_memory_stats()
    with profiled() as profile:
        begun = time.perf_counter()
        tokens, steps = play()
        if device == "cuda":
            torch.cuda.synchronize()
        spent = time.perf_counter() - begun
    return _Speed(tokens / spent, steps / spent, profile.gpu_memory / 2**30)


@torch.inference_mode()
def _generate(model: Any, played: Sequence[Trajectory], given: argparse.Namespace) -> tuple[int, int]:
    """Answer the same prompts with `generate`, round by round, padded on the left.

    Returns:
        Tokens up to the ends of the answers, and steps.
    """
    ends = torch.tensor(model.generation_config.eos_token_id, device=model.device)
    tokens, steps = 0, 0
    for turn in range(max(len(t.steps) for t in played)):
        prompts = [np.asarray(t.steps[turn].decision.prompt_ids) for t in played if len(t.steps) > turn]
        width = max(map(len, prompts))
        ids, mask = (torch.zeros(len(prompts), width, dtype=torch.int64) for _ in range(2))
        for row, prompt in enumerate(prompts):
            ids[row, width - len(prompt) :], mask[row, width - len(prompt) :] = torch.from_numpy(prompt), 1
        said = model.generate(
            ids.to(model.device),
            attention_mask=mask.to(model.device),
            do_sample=True,
            max_new_tokens=given.tokens,
        )[:, width:]
        before = torch.isin(said, ends).cumsum(1) - torch.isin(said, ends).long()
        tokens += int((before == 0).sum())
        steps += len(prompts)
    return tokens, steps


def _bandwidth(device: str, size: int) -> float:
    """Bytes a second that a copy reads and writes."""
    source, target = (torch.zeros(size, dtype=torch.uint8, device=device) for _ in range(2))
    best = float("inf")
    for _ in range(5):
        begun = time.perf_counter()
        target.copy_(source)
        if device == "cuda":
            torch.cuda.synchronize()
        best = min(best, time.perf_counter() - begun)
    return 2 * size / best


def _ceiling(model: Any, played: Sequence[Trajectory], batch: int, bandwidth: float) -> float:
    """Tokens a second if a pass took only as long as reading weights, keys and values."""
    config = model.config
    decisions = [step.decision for t in played for step in t.steps]
    context = np.mean([len(d.prompt_ids) + d.tokens / 2 for d in decisions if d.prompt_ids is not None])
    head = config.hidden_size // config.num_attention_heads
    size = model.dtype.itemsize
    kept = 2 * config.num_hidden_layers * config.num_key_value_heads * head * size * float(context)
    weights = sum(p.numel() * p.element_size() for p in model.parameters())
    return batch * bandwidth / float(weights + batch * kept)


if __name__ == "__main__":
    main()
