"""Learning curves of several runs."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from agentgym.errors import ArgumentError
from baselines.trainer.curves import as_records, draw_curves, read_curves


def _run(folder: Path, *, seed: int, estimator: str, success: list[float]) -> Path:
    folder.mkdir()
    config = {"env": "agentgym/Toy-v0", "estimator": estimator, "seed": seed, "updates": len(success)}
    (folder / "config.json").write_text(json.dumps(config))
    lines = [json.dumps({"update": i + 1, "episodes": 4, "success": s}) for i, s in enumerate(success)]
    (folder / "metrics.jsonl").write_text("\n".join(lines) + "\n")
    return folder


def test_read_curves__gathers_runs_that_differ_in_their_seed_alone(tmp_path: Path) -> None:
    runs = [
        _run(tmp_path / "a", seed=0, estimator="grpo", success=[0.0, 1.0, 0.5]),
        _run(tmp_path / "b", seed=1, estimator="grpo", success=[0.5, 0.5]),
        _run(tmp_path / "c", seed=0, estimator="gigpo", success=[1.0]),
    ]
    grpo, gigpo = read_curves(runs, window=2)
    assert (grpo.label, grpo.seeds, gigpo.seeds) == ("grpo on Toy-v0", (0, 1), (0,))
    np.testing.assert_array_equal(grpo.episodes, [4, 8])
    np.testing.assert_allclose(grpo.values, [[0.0, 0.5], [0.5, 0.5]])
    assert as_records([gigpo])[0]["success"] == [[1.0]]


def test_read_curves__reads_another_metric_where_it_was_measured(tmp_path: Path) -> None:
    run = _run(tmp_path / "a", seed=0, estimator="mars", success=[0.0, 0.0, 0.0])
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    lines[0]["loss"], lines[2]["loss"] = 3.0, 1.0
    (run / "metrics.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\n")
    (curve,) = read_curves([run], window=1, metric="loss")
    np.testing.assert_array_equal(curve.episodes, [4, 12])
    np.testing.assert_allclose(curve.values, [[3.0, 1.0]])
    assert as_records([curve])[0]["loss"] == [[3.0, 1.0]]
    with pytest.raises(ArgumentError, match="has no 'gain'"):
        read_curves([run], metric="gain")


def test_draw_curves__writes_a_picture_whole(tmp_path: Path) -> None:
    runs = [_run(tmp_path / f"{s}", seed=s, estimator="grpo", success=[0.1, 0.2 + s / 10]) for s in range(3)]
    draw_curves(read_curves(runs), tmp_path / "curves.png", title="toy")
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")
    assert not list(tmp_path.glob("partial*"))


def test_read_curves__names_what_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="holds no training run"):
        read_curves([tmp_path])
    empty = _run(tmp_path / "a", seed=0, estimator="grpo", success=[])
    (empty / "metrics.jsonl").write_text("")
    with pytest.raises(ArgumentError, match="no update yet"):
        read_curves([empty])
    with pytest.raises(ArgumentError, match="window"):
        read_curves([empty], window=0)
