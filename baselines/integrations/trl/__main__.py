"""`python -m baselines.integrations.trl`: train a model with TRL on one of our environments."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["main"]


def main(
    env: Annotated[str, typer.Option(help="Environment id.")],
    model: Annotated[Path, typer.Option(help="Folder with a causal LM and its tokenizer.")],
    out: Annotated[Path, typer.Option(help="Folder for the trained model.")],
    estimator: Annotated[str, typer.Option(help="Credit assignment; see agentgym estimators.")] = "grpo",
    steps: Annotated[int, typer.Option(help="Optimizer steps.", min=1)] = 100,
    groups: Annotated[int, typer.Option(help="Groups of an optimizer step.", min=1)] = 8,
    group_size: Annotated[int, typer.Option(help="Episodes of a group.", min=2)] = 8,
    learning_rate: Annotated[float, typer.Option(help="Of AdamW.")] = 1e-5,
    max_new_tokens: Annotated[int, typer.Option(help="Tokens of an answer.", min=1)] = 64,
    loss_type: Annotated[
        str, typer.Option(help="TRL's loss: grpo, dapo, dr_grpo, bnpo, cispo, sapo.")
    ] = "dapo",
    seed: Annotated[int, typer.Option(help="Decides everything.")] = 0,
) -> None:
    """Train with TRL's GRPOTrainer: our environment, our rollouts, our advantages, TRL's loss.

    Example: python -m baselines.integrations.trl --env SokobanSmall-v0 --model runs/start/model
    --estimator gigpo --steps 50 --max-new-tokens 8 --learning-rate 1e-3 --out runs/trl
    """
    from agentgym.agents.loading import load_model
    from agentgym.agents.prompt import PromptTemplate
    from agentgym.errors import require
    from baselines.integrations.trl import EpisodeRollout, rollout_dataset

    trl = require("trl", extra="trl", who="baselines.integrations.trl")
    from baselines.integrations.trl.trainer import CreditTrainer

    network, tokenizer = load_model(model)
    template = PromptTemplate.load(model).changed(chat="turns", history=0, summary=False)
    settings = trl.GRPOConfig(
        output_dir=str(out),
        max_steps=steps,
        num_generations=group_size,
        per_device_train_batch_size=groups * group_size,
        learning_rate=learning_rate,
        loss_type=loss_type,
        seed=seed,
        bf16=network.device.type == "cuda",
        report_to="none",
        save_strategy="no",
        logging_steps=1,
    )
    trainer = CreditTrainer(
        network,
        rollout=EpisodeRollout(template, max_new_tokens=max_new_tokens),
        estimator=estimator,
        train_dataset=rollout_dataset(env, steps * groups, seed=seed),
        processing_class=tokenizer,
        args=settings,
    )
    trainer.train()
    trainer.save_model(str(out))
    template.save(out)
    rewards = [entry["reward"] for entry in trainer.state.log_history if "reward" in entry]
    typer.echo(f"Trained model: hf:{out}   mean reward of the last step: {rewards[-1]:.3f}")


if __name__ == "__main__":
    typer.run(main)
