"""Hand-made trajectories for tests that count and never replay."""

from __future__ import annotations

from agentgym import Decision, Step, Trajectory

__all__ = ["episode"]


def episode(
    task: str,
    *,
    success: bool = False,
    score: float | None = None,
    turns: int = 2,
    invalid: int = 0,
    seed: int = 0,
    number: int = 0,
    error: str | None = None,
    kwargs: dict[str, object] | None = None,
) -> Trajectory:
    """Make an episode of `turns` turns, of which the first `invalid` are not valid; each earns 0.5."""
    value = float(success) if score is None else score
    steps = tuple(
        Step(
            observation="o",
            state="s",
            decision=Decision("a"),
            reward=0.5,
            terminated=turn == turns - 1,
            truncated=False,
            valid=turn >= invalid,
            progress=0.0,
            score=value,
            success=success,
        )
        for turn in range(turns)
    )
    return Trajectory(
        env_id="agentgym/Paper-v0",
        env_kwargs=kwargs or {},
        seed=seed,
        task_id=task,
        split="test",
        episode=number,
        group=0,
        agent="pen",
        steps=steps,
        final_observation="end",
        error=error,
        model_s=0.25,
        env_s=0.125,
    )
