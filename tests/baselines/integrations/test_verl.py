"""verl, SkyRL and OpenRLHF: their tensors without them, and verl itself where it is installed."""

from __future__ import annotations

import importlib.util
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="tensors need torch: pip install -e '.[train]'")

from agentgym import StepBatch  # noqa: E402
from agentgym.errors import MissingColumnError, MissingExtraError, ShapeError  # noqa: E402
from baselines.estimators import make_estimator, names  # noqa: E402
from baselines.estimators.primitives import broadcast  # noqa: E402
from baselines.integrations import openrlhf, skyrl  # noqa: E402
from baselines.integrations.padded import credit_tokens  # noqa: E402
from baselines.integrations.verl import (  # noqa: E402
    compute_advantage,
    from_data_proto,
    register_estimator,
    tensor_estimator,
    tensor_loss,
    to_data_proto,
)
from baselines.losses import policy_losses  # noqa: E402
from tests.baselines.golden import Case, cases, counts  # noqa: E402

needs_verl = pytest.mark.skipif(importlib.util.find_spec("verl") is None, reason="verl is not installed")
_REWARDS = [[0, 0, 0, 1.0], [0, 0, 0, 0], [0, 0, 0.5, 0], [0, 0, 0, 0]]
_MASK = [[1, 0, 1, 1], [1, 1, 0, 1], [1, 0, 1, 0], [1, 1, 1, 1]]


def _tensors() -> tuple[Any, Any]:
    return torch.tensor(_REWARDS), torch.tensor(_MASK)


def test_tensor_estimator__speaks_as_verl_calls() -> None:
    rewards, mask = _tensors()
    index = np.array(["p", "p", "q", "q"], dtype=object)
    advantage, returns = tensor_estimator(make_estimator("grpo"))(
        token_level_rewards=rewards, response_mask=mask, index=index, config=None
    )
    half = 0.5 / (np.sqrt(0.5) + 1e-6)
    quarter = 0.25 / (np.sqrt(0.125) + 1e-6)
    expected = torch.tensor([[half], [-half], [quarter], [-quarter]], dtype=torch.float32) * mask
    torch.testing.assert_close(advantage, expected)
    torch.testing.assert_close(returns, advantage)
    assert advantage.dtype == rewards.dtype


def test_tensor_estimator__turns_come_from_the_mask_not_from_rewards() -> None:
    rewards, mask = _tensors()
    advantage, _ = tensor_estimator(make_estimator("matchtir", norm="mean", gamma=0.5))(
        rewards, mask, np.array([0, 0, 1, 1])
    )
    # The first turn of row 0 has no reward of its own; it sees that of the second, discounted once.
    assert advantage[0, 0] != advantage[0, 2]
    assert advantage[0, 1] == 0
    assert len({float(advantage[3, k]) for k in range(4)}) == 1


def test_tensor_estimator__a_critic_gets_its_values_and_returns() -> None:
    rewards, mask = _tensors()
    advantage, returns = tensor_estimator(make_estimator("gae_token", whiten="none"))(
        rewards, mask, np.arange(4), values=torch.full((4, 4), 0.25)
    )
    assert float(advantage[0, 3]) == 0.75
    torch.testing.assert_close(returns[0], torch.tensor([1.0, 0.0, 1.0, 1.0]))


def test_tensor_estimator__says_what_is_missing() -> None:
    rewards, mask = _tensors()
    with pytest.raises(MissingColumnError, match="index"):
        tensor_estimator(make_estimator("grpo"))(rewards, mask)
    with pytest.raises(MissingColumnError, match="'state'"):
        tensor_estimator(make_estimator("gigpo"))(rewards, mask, np.arange(4))


def _data(**labels: Any) -> SimpleNamespace:
    rewards, mask = _tensors()
    batch = {"token_level_rewards": rewards, "response_mask": mask}
    return SimpleNamespace(batch=batch, non_tensor_batch={"uid": np.array([0, 0, 1, 1]), **labels})


def test_from_data_proto__reads_the_names_of_verl_agent() -> None:
    data = _data(traj_uid=np.array(["a", "b", "a2", "b"], dtype=object), anchor_obs=np.array(list("stsu")))
    data.non_tensor_batch["uid"] = np.zeros(4, np.int64)
    data.batch["response_mask"] = torch.ones((4, 4), dtype=torch.int64)
    batch = from_data_proto(data).batch
    assert batch.episode.tolist() == [0, 1, 2, 1]
    assert batch.state.tolist() == ["s", "t", "s", "u"]


def test_from_data_proto__says_what_is_missing() -> None:
    data = _data()
    del data.batch["response_mask"]
    with pytest.raises(MissingColumnError, match="response_mask"):
        from_data_proto(data)


@pytest.mark.parametrize(
    "case", cases(lambda method: method.startswith("loss:") and method[5:] in policy_losses())
)
def test_tensor_loss__golden_numbers_come_back_through_tensors(case: Case) -> None:
    columns, name = case["columns"], case["method"].removeprefix("loss:")
    lengths = np.diff(columns["token_offsets"])
    mask = np.arange(lengths.max()) < lengths[:, None]

    def padded(column: str) -> Any:
        tensor = torch.full(mask.shape, 7.0, dtype=torch.float64)
        tensor[torch.from_numpy(mask)] = torch.tensor(columns[column], dtype=torch.float64)
        return tensor

    if {"entropy", "clip_scale"} & columns.keys() and case["kwargs"].get("entropy_advantage", True):
        pytest.skip("verl hands a loss neither entropies nor clip scales")
    keywords = dict(case["kwargs"])
    mode = keywords.pop("aggregate", "token_mean").replace("_", "-")
    logprob = padded("logprob").requires_grad_()
    loss, metrics = tensor_loss(name, sequences="rows", **keywords)(
        padded("old_logprob"), logprob, padded("advantage"), torch.from_numpy(mask), mode
    )
    for scalar, number in case["expected"]["scalar"].items():
        got = {
            "loss": float(loss.detach()),
            "clip_fraction": metrics["actor/pg_clipfrac"],
            "kl": metrics["actor/ppo_kl"],
        }
        np.testing.assert_allclose(
            got.get(scalar, metrics.get(f"actor/{scalar}")), number, rtol=0, atol=case["atol"]
        )
    (gradient,) = torch.autograd.grad(loss, logprob)
    if "token" in case["expected"]:
        got = gradient[torch.from_numpy(mask)]
        np.testing.assert_allclose(got, case["expected"]["token"], rtol=0, atol=case["atol"])
    assert not gradient[torch.from_numpy(~mask)].any()


@pytest.mark.parametrize("mode", ["token-mean", "seq-mean-token-mean", "seq-mean-token-sum"])
@pytest.mark.parametrize("sequences", ["rows", "turns"])
def test_tensor_loss__micro_batches_add_up(mode: str, sequences: Any) -> None:
    rng = np.random.default_rng(0)
    old, gain = (torch.tensor(rng.normal(size=(4, 4))) for _ in range(2))
    new, mask = old + 0.1 * torch.tensor(rng.normal(size=(4, 4))), torch.tensor([[1, 1, 0, 1]] * 4)
    mask[0, :2] = 0
    function = tensor_loss("ppo", sequences=sequences)
    whole, _ = function(old, new, gain, mask, mode)
    known = {"batch_num_tokens": int(mask.sum()), "global_batch_size": 4, "dp_size": 1}
    config = SimpleNamespace(global_batch_info=known)
    parts = [function(old[k], new[k], gain[k], mask[k], mode, config)[0] for k in (slice(0, 1), slice(1, 4))]
    if mode == "token-mean" or sequences == "rows":
        torch.testing.assert_close(sum(parts), whole)
    else:  # a micro-batch counts by its rows, of which the first has one turn and the others two
        assert abs(float(sum(parts)) - float(whole)) > 1e-6


def test_tensor_loss__a_micro_batch_of_padding_counts_for_nothing() -> None:
    logprob = torch.zeros((2, 3), requires_grad=True)
    loss, metrics = tensor_loss("ppo")(logprob.detach(), logprob, torch.ones((2, 3)), torch.zeros((2, 3)))
    (gradient,) = torch.autograd.grad(loss, logprob)
    assert float(loss.detach()) == 0.0
    assert not gradient.any()
    assert metrics == {}


def test_tensor_loss__weights_of_the_rollout_scale_the_loss() -> None:
    old, gain = torch.zeros((4, 4)), torch.randn((4, 4), generator=torch.Generator().manual_seed(1))
    once, _ = tensor_loss("ppo")(old, old + 0.1, gain, torch.tensor(_MASK))
    twice, _ = tensor_loss("ppo")(
        old, old + 0.1, gain, torch.tensor(_MASK), rollout_is_weights=torch.full((4, 4), 2.0)
    )
    torch.testing.assert_close(twice, 2 * once)


def test_skyrl__an_estimator_joins_the_registry() -> None:
    class Registry:  # as SkyRL's registries: a class with `register`
        found: ClassVar[dict[str, Any]] = {}

        @classmethod
        def register(cls, name: str, function: Any) -> None:
            cls.found[name] = function

    assert skyrl.register_estimator(Registry, "rloo") == "agentgym_rloo"
    rewards, mask = _tensors()
    advantage, _ = Registry.found["agentgym_rloo"](
        token_level_rewards=rewards, response_mask=mask, index=[0, 0, 1, 1], config=None, gamma=1.0, lambd=1.0
    )
    torch.testing.assert_close(advantage[:2, 0], torch.tensor([1.0, -1.0]))


def test_skyrl__a_batch_has_its_turns_from_the_loss_mask() -> None:
    class Batch(dict[str, Any]):  # as SkyRL's `TrainingInputBatch`: a mapping with metadata
        metadata: ClassVar[dict[str, Any]] = {"uids": ["p", "p", "q", "q"]}

    rewards, mask = _tensors()
    data = Batch(custom_rewards=rewards, loss_mask=mask, response_mask=torch.ones_like(mask), values=None)
    skyrl.credit_batch(data, make_estimator("matchtir", norm="mean", gamma=0.5))
    expected, _ = tensor_estimator(make_estimator("matchtir", norm="mean", gamma=0.5))(
        rewards, mask, list("ppqq")
    )
    torch.testing.assert_close(data["advantages"], expected)
    assert data["advantages"][0, 0] != data["advantages"][0, 2]
    assert data["returns"].shape == rewards.shape


def test_openrlhf__an_experience_gets_advantages_and_returns() -> None:
    _, mask = _tensors()
    experience = SimpleNamespace(
        action_mask=mask.bool(), rewards=torch.tensor([1.0, 0.0, 0.5, 0.0]), values=None
    )
    openrlhf.credit_experience(experience, make_estimator("rloo"), group=2)
    torch.testing.assert_close(experience.advantages[:, 0], torch.tensor([1.0, -1.0, 0.5, -0.5]))
    assert not experience.advantages[~experience.action_mask].any()
    by_label = openrlhf.from_experience(experience, torch.tensor([7, 7, 9, 9]))
    assert by_label.batch.group.tolist() == [0] * 4 + [1] * 3
    with pytest.raises(ShapeError, match="groups of 3"):
        openrlhf.from_experience(experience, 3)


@pytest.mark.skipif(importlib.util.find_spec("verl") is not None, reason="verl is installed")
def test_register__without_verl_says_what_to_install() -> None:
    with pytest.raises(MissingExtraError, match="verl"):
        register_estimator("grpo")


@needs_verl
def test_verl__its_trainer_calls_ours() -> None:
    from verl import DataProto
    from verl.trainer.ppo import core_algos, ray_trainer

    known_as = register_estimator("grpo", registered="agentgym_test")
    assert register_estimator("grpo", registered="agentgym_test", norm="mean_std") == known_as
    rewards, mask = _tensors()
    uid = np.array(["p", "p", "q", "q"], dtype=object)

    def data() -> Any:
        tensors = {"token_level_rewards": rewards.clone(), "response_mask": mask}
        return DataProto.from_dict(tensors=tensors, non_tensors={"uid": uid})

    ours = ray_trainer.compute_advantage(data(), adv_estimator=known_as)
    theirs = ray_trainer.compute_advantage(data(), adv_estimator=core_algos.AdvantageEstimator.GRPO)
    torch.testing.assert_close(ours.batch["advantages"], theirs.batch["advantages"])


@needs_verl
def test_verl__widened_it_passes_states() -> None:
    from verl import DataProto
    from verl.trainer.ppo import ray_trainer

    known_as = register_estimator("gigpo", registered="agentgym_test_gigpo", norm="mean")
    rewards, mask = _tensors()
    state = np.empty(4, dtype=object)
    state[:] = [["s", "t"], ["s", "u"], ["v", "w"], ["x"]]
    labels = {"uid": np.array(["p", "p", "q", "q"], dtype=object), "state": state}
    data = DataProto.from_dict(
        tensors={"token_level_rewards": rewards, "response_mask": mask}, non_tensors=labels
    )
    with pytest.raises(MissingColumnError, match="'state'"):
        ray_trainer.compute_advantage(data, adv_estimator=known_as)
    wide = compute_advantage(ray_trainer.compute_advantage)(data, adv_estimator=known_as)
    # Row 0: 0.5 for the episode; its first turn shares "s" with row 1 and stands 0.475 above the mean.
    torch.testing.assert_close(wide.batch["advantages"][0], torch.tensor([0.975, 0.0, 0.5, 0.5]))


@needs_verl
@pytest.mark.parametrize("mode", ["token-mean", "seq-mean-token-mean"])
def test_verl__our_clipped_loss_is_theirs(mode: str) -> None:
    from verl.trainer.ppo.core_algos import get_policy_loss_fn
    from verl.workers.config import ActorConfig

    from baselines.integrations.verl import register_loss

    rng = np.random.default_rng(0)
    old, gain = (torch.tensor(rng.normal(size=(4, 4))) for _ in range(2))
    new, mask = old + 0.3 * torch.tensor(rng.normal(size=(4, 4))), torch.tensor(_MASK)
    config = ActorConfig(strategy="fsdp", rollout_n=1, use_dynamic_bsz=True)
    name = register_loss("ppo", registered="agentgym_test_ppo", sequences="rows")
    ours = get_policy_loss_fn(name)(old, new, gain, mask, mode, config)
    theirs = get_policy_loss_fn("vanilla")(old, new, gain, mask, mode, config)
    torch.testing.assert_close(ours[0], theirs[0])
    assert ours[1]["actor/pg_clipfrac"] == pytest.approx(theirs[1]["actor/pg_clipfrac"])


@needs_verl
def test_verl__one_import_registers_everything() -> None:
    from verl.trainer.ppo import core_algos

    import baselines.integrations.verl.everything  # noqa: F401

    assert {f"agentgym_{name}" for name in names()} <= core_algos.ADV_ESTIMATOR_REGISTRY.keys()
    assert {f"agentgym_{name}" for name in policy_losses()} <= core_algos.POLICY_LOSS_REGISTRY.keys()


@needs_verl
@pytest.mark.parametrize("rows", ["episodes", "turns"])
def test_verl__golden_numbers_come_back_through_its_data_proto(rows: Any) -> None:
    from verl import DataProto

    assert counts()["gigpo"] > 0
    for parameters in cases(lambda method: method in names()):
        case = parameters.values[0]
        batch = StepBatch.from_columns(**case["columns"])
        if batch.parent is not None:  # numbers rows, which no `DataProto` can carry
            continue
        told = to_data_proto(batch, rows=rows)
        tensors = {name: torch.from_numpy(array) for name, array in told.batch.items()}
        data = DataProto.from_dict(tensors=tensors, non_tensors=told.non_tensor_batch)
        credit = credit_tokens(make_estimator(case["method"], **case["kwargs"]), from_data_proto(data))
        expected = case["expected"]
        token = expected["token"] if "token" in expected else broadcast(np.array(expected["step"]), batch)
        numbered = to_data_proto(batch.with_columns(token_id=np.arange(batch.tokens)), rows=rows)
        source = numbered.batch["responses"].ravel()[told.layout.token]
        got = credit.advantage.ravel()[told.layout.token]
        np.testing.assert_allclose(got, np.array(token)[source], rtol=0, atol=case["atol"])
