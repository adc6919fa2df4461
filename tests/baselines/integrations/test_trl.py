"""TRL: real training steps on the CPU, with a nano model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("trl", reason="TRL is not installed: pip install -e '.[trl]'")

import datasets
import torch
import trl
import typer
from typer.testing import CliRunner

import tests.toys
from agentgym.agents.hf import HFAgent
from agentgym.agents.prompt import PromptTemplate
from agentgym.errors import ArgumentError, MissingColumnError
from agentgym.rollout import Episode, collect
from baselines.integrations.trl import (
    EpisodeRollout,
    TextEnvironment,
    environment_factory,
    outcome,
    rollout_dataset,
    tool_dataset,
)
from baselines.integrations.trl.__main__ import main
from baselines.integrations.trl.trainer import CreditTrainer
from tests.baselines.integrations.nano import nano, settings

pytestmark = [
    # TRL says that its hooks are experimental; that is stated in the docs.
    pytest.mark.filterwarnings("ignore:You are using '(rollout_func|environment_factory)':UserWarning"),
    # TRL uses names that transformers has renamed.
    pytest.mark.filterwarnings(r"ignore:`\w*gradient_checkpointing\w*` is deprecated:FutureWarning"),
    # torch's own data loader, which looks for pinned memory where there is no GPU.
    pytest.mark.filterwarnings("ignore:'pin_memory' argument is set as true:UserWarning"),
]
_TOY = tests.toys.TOY_ID


def _config(folder: Path, **changes: Any) -> Any:
    return trl.GRPOConfig(**{**settings(folder), "num_generations": 4, "temperature": 1.0, **changes})


def _trainer(folder: Path, estimator: str = "gigpo", **changes: Any) -> CreditTrainer:
    model, tokenizer = nano()
    return CreditTrainer(
        model,
        rollout=EpisodeRollout(max_new_tokens=6),
        estimator=estimator,
        train_dataset=rollout_dataset(_TOY, 4, seed=1, max_steps=4),
        processing_class=tokenizer,
        args=_config(folder, **changes),
    )


def test_rollout__plain_grpo_trainer_takes_it(tmp_path: Path) -> None:
    model, tokenizer = nano()
    trainer = trl.GRPOTrainer(
        model,
        outcome,
        rollout_func=EpisodeRollout(max_new_tokens=6),
        train_dataset=rollout_dataset(_TOY, 4, max_steps=4),
        processing_class=tokenizer,
        args=_config(tmp_path, max_steps=1, beta=0.0),
    )
    trainer.train()
    assert trainer.state.global_step == 1
    assert trainer.state.log_history[0]["rewards/outcome/mean"] >= 0


def test_rollout__members_of_a_group_start_alike_and_tokens_are_as_sampled(tmp_path: Path) -> None:
    trainer = _trainer(tmp_path)
    rows = [row["prompt"] for row in rollout_dataset(_TOY, 2, max_steps=3)]
    told = trainer.rollout([rows[0]] * 4 + [rows[1]] * 4, trainer)
    played = trainer.rollout.played
    assert [t.group for t in played] == [0] * 4 + [1] * 4
    for group in (played[:4], played[4:]):
        assert len({(t.seed, t.task_id, t.steps[0].observation) for t in group}) == 1
        assert len({t.steps[0].decision.response for t in group}) > 1
    assert told["outcome"] == [t.total_reward for t in played]
    for number, trajectory in enumerate(played):
        ids, mask = told["completion_ids"][number], told["env_mask"][number]
        sampled = np.concatenate(
            [s.decision.token_ids for s in trajectory.steps if s.decision.token_ids is not None]
        )
        assert [i for i, one in zip(ids, mask, strict=True) if one] == sampled.tolist()
        assert len(told["logprobs"][number]) == len(ids)
        text = trainer.processing_class.decode(told["prompt_ids"][number] + ids)
        for step in trajectory.steps:
            assert step.observation in text


def test_rollout__log_probabilities_are_those_that_trl_computes(tmp_path: Path) -> None:
    trainer = _trainer(tmp_path)
    told = trainer.rollout([rollout_dataset(_TOY, 1, max_steps=3)[0]["prompt"]], trainer)
    ids = torch.tensor([told["prompt_ids"][0] + told["completion_ids"][0]])
    kept = len(told["completion_ids"][0])
    logps, _, _ = trainer._get_per_token_logps_and_entropies(trainer.model, ids, torch.ones_like(ids), kept)
    mask = np.array(told["env_mask"][0], bool)
    np.testing.assert_allclose(
        logps[0].detach().numpy()[mask], np.array(told["logprobs"][0])[mask], atol=1e-4
    )


@pytest.mark.parametrize("estimator", ["gigpo", "reinforce_pp", "tempo"])
def test_credit_trainer__trains_on_an_advantage_for_every_token(
    tmp_path: Path, estimator: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = _trainer(tmp_path, estimator, max_steps=2)
    before = trainer.model.model.layers[0].mlp.up_proj.weight.clone()
    seen: list[Any] = []
    original = trainer._generate_and_score_completions

    def listen(inputs: Any) -> Any:
        seen.append(original(inputs))
        return seen[-1]

    monkeypatch.setattr(trainer, "_generate_and_score_completions", listen)
    trainer.train()
    assert trainer.state.global_step == 2
    for output in seen:
        advantages, mask = output["advantages"], output["completion_mask"] * output["tool_mask"]
        assert advantages.shape == mask.shape
        assert not advantages[mask == 0].any()
    if any(output["advantages"].any() for output in seen):
        assert not torch.equal(before, trainer.model.model.layers[0].mlp.up_proj.weight)


def test_credit_trainer__learns_the_corridor(tmp_path: Path) -> None:
    """A model that has heard of both ways learns the right one."""
    start = {"env_id": _TOY, "env_kwargs": {"length": 3, "wind": 0.0, "max_steps": 2}, "task": "train/1-east"}
    rows = [{"prompt": json.dumps({**start, "seed": seed})} for seed in range(24)]
    model, tokenizer = nano()
    prompt = "user: You must leave by the east door. You are 1 steps from the west door.<|end|>\nassistant: "
    _teach(model, tokenizer, prompt, ["go east<|end|>", "go west<|end|>"])
    trainer = CreditTrainer(
        model,
        rollout=EpisodeRollout(PromptTemplate(instruction=False), max_new_tokens=6),
        estimator="gigpo",
        train_dataset=datasets.Dataset.from_list(rows),
        processing_class=tokenizer,
        args=_config(
            tmp_path,
            max_steps=12,
            per_device_train_batch_size=16,
            learning_rate=3e-3,
            lr_scheduler_type="constant",
        ),
    )
    trainer.train()
    rewards = [entry["reward"] for entry in trainer.state.log_history if "reward" in entry]
    assert rewards[0] < 0.8
    assert np.mean(rewards[-2:]) > 0.9


def test_command__trains_a_folder_that_plays_again(tmp_path: Path) -> None:
    model, tokenizer = nano()
    model.save_pretrained(tmp_path / "start")
    tokenizer.save_pretrained(tmp_path / "start")
    command = typer.Typer()
    command.command()(main)
    arguments = ["--env", _TOY, "--model", str(tmp_path / "start"), "--out", str(tmp_path / "out")]
    sizes = ["--estimator", "gigpo", "--steps", "1", "--groups", "2", "--group-size", "2"]
    told = CliRunner().invoke(command, [*arguments, *sizes, "--max-new-tokens", "4"], catch_exceptions=False)
    assert "mean reward of the last step" in told.output
    agent = HFAgent.load(tmp_path / "out", max_new_tokens=4)
    assert agent.template.chat == "turns"
    (played,) = collect([Episode(0, _TOY, seed=0, env_kwargs={"max_steps": 2})], agent)
    assert played.tokens > 0


def test_credit_trainer__refuses_what_nobody_gives(tmp_path: Path) -> None:
    trainer = _trainer(tmp_path, "gae_token", max_steps=1)
    with pytest.raises(MissingColumnError, match="'value_token'"):
        trainer.train()


def test_rollout__a_prompt_that_is_no_start_is_named(tmp_path: Path) -> None:
    trainer = _trainer(tmp_path)
    with pytest.raises(ArgumentError, match="What is the capital"):
        trainer.rollout(["What is the capital of France?"], trainer)
    with pytest.raises(ArgumentError, match="rollout_dataset"):
        trainer.rollout([[{"role": "user", "content": "Hello."}]], trainer)


def test_environment__speaks_trls_protocol() -> None:
    one, two = environment_factory(_TOY, max_steps=3)(), environment_factory(_TOY, max_steps=3)()
    row = tool_dataset(1, words="Play.")[0]
    assert one.reset(**row) == two.reset(**row)
    assert one.act("go east") == two.act("go east")
    for _ in range(5):
        last = one.act("wait")
    assert last == "The episode is over."
    assert one.get_reward() == 0.0
    with pytest.raises(ArgumentError, match="seed"):
        one.reset(prompt="x")


def test_environment__trl_plays_it_through_tool_calls(tmp_path: Path) -> None:
    folder = Path(trl.__file__).parent / "chat_templates"
    model, tokenizer = nano((folder / "qwen3.jinja").read_text("utf-8"))
    made, rows = environment_factory(_TOY, max_steps=3, wind=0.0, length=3), tool_dataset(1, words="Play. ")
    env = made()
    chat = [{"role": "user", "content": "Play. " + env.reset(**rows[0])}]
    prompt = tokenizer.apply_chat_template(chat, tools=[env.act], tokenize=False, add_generation_prompt=True)
    call = '<tool_call>\n{"name": "act", "arguments": {"action": "go east"}}\n</tool_call><|end|>'
    _teach(model, tokenizer, prompt, [call])
    trainer = trl.GRPOTrainer(
        model,
        environment_factory=made,
        train_dataset=rows,
        processing_class=tokenizer,
        args=_config(
            tmp_path,
            max_steps=1,
            per_device_train_batch_size=4,
            temperature=0.2,
            max_completion_length=300,
            max_tool_calling_iterations=1,
        ),
    )
    trainer.train()
    record = trainer.state.log_history[0]
    assert record["tools/call_frequency"] > 0
    assert record["tools/failure_frequency"] == 0
    assert f"rewards/{TextEnvironment.__name__}/mean" in record


def _teach(model: Any, tokenizer: Any, prompt: str, answers: list[str]) -> None:
    """Train a model to give one of the answers, all of one length, to a prompt."""
    ids = tokenizer([prompt + answer for answer in answers], return_tensors="pt")["input_ids"]
    labels = ids.clone()
    labels[:, : len(tokenizer(prompt)["input_ids"])] = -100
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    for _ in range(40):
        loss = model(input_ids=ids, labels=labels).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
