"""Exports: what stands in them, that they come back, and that they go on where they stopped."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

parquet = pytest.importorskip(
    "pyarrow.parquet", reason="pyarrow is not installed: pip install -e '.[datasets]'"
)

from agentgym.datasets import ExportConfig, encodable, export, read_exported  # noqa: E402
from agentgym.datasets import export as export_function  # noqa: E402
from agentgym.errors import ArgumentError, DataError, TrajectoryError, UnknownNameError  # noqa: E402
from agentgym.trajectory import Trajectory  # noqa: E402
from tests.agentgym.datasets.played import HOSTILE, play, write  # noqa: E402


def _rows(folder: Path, split: str = "train") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for file in sorted((folder / "data").glob(f"{split}-*.parquet")):
        found += parquet.read_table(file).to_pylist()
    return found


def _bytes(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in (folder / "data").iterdir()}


def test_encodable__replaces_lone_surrogates_and_nothing_else() -> None:
    assert encodable("a\ud800b\udc00\U0001f600\x00é") == "a\ufffdb\ufffd\U0001f600\x00é"
    assert encodable("\ud83d\ude00") == "\U0001f600"


def test_trajectories__come_back_exactly_hostile_text_and_all(tmp_path: Path) -> None:
    played = play(words=HOSTILE)
    report = export(write(tmp_path / "run", played), tmp_path / "out")
    back = {trajectory.episode: trajectory for trajectory in read_exported(tmp_path / "out")}
    assert {t.episode: t.to_json() for t in played} == {k: t.to_json() for k, t in back.items()}
    assert report.rows == {"train": 12, "validation": 4}
    row = _rows(tmp_path / "out")[0]
    assert row["messages"][0]["role"] == "system"
    assert row["messages"][2]["content"] == encodable(HOSTILE) + row["actions"][0]
    assert sum(row["rewards"]) == row["total_reward"]
    assert json.loads(row["env_kwargs"])["length"] == 4


def test_sft__keeps_what_was_asked_for(tmp_path: Path) -> None:
    played = play()
    run = write(tmp_path / "run", played)
    for keep in ("all", "success", "best"):
        export(run, tmp_path / keep, ExportConfig("sft", keep=keep))
    won = sorted(t.episode for t in played if t.success and t.split == "train")
    assert [row["episode"] for row in _rows(tmp_path / "success")] == won
    assert len(_rows(tmp_path / "all")) == 12
    firsts = {t.group: t.episode for t in sorted(played, key=lambda t: -t.episode) if t.success}
    assert [row["episode"] for row in _rows(tmp_path / "best")] == sorted(
        episode for group, episode in firsts.items() if group != 1
    )
    first = _rows(tmp_path / "success")[0]["messages"]
    assert [message["role"] for message in first[:3]] == ["system", "user", "assistant"]
    assert first[0]["content"].startswith("Leave by the")


def test_dpo__the_prompt_is_what_both_saw_first(tmp_path: Path) -> None:
    export(write(tmp_path / "run", play()), tmp_path / "out", ExportConfig("dpo"))
    for row in _rows(tmp_path / "out"):
        assert [message["role"] for message in row["prompt"]] == ["system", "user"]
        assert row["chosen"][0]["role"] == row["rejected"][0]["role"] == "assistant"
        assert row["chosen_return"] > row["rejected_return"]


def test_step_dpo__history_bounds_the_prompt(tmp_path: Path) -> None:
    run = write(tmp_path / "run", play(groups=6))
    export(run, tmp_path / "all", ExportConfig("step-dpo"))
    export(run, tmp_path / "none", ExportConfig("step-dpo", history=0, instruction=False))
    whole, bare = _rows(tmp_path / "all"), _rows(tmp_path / "none")
    assert len(whole) == len(bare) > 0
    assert max(row["turn"] for row in whole) > 0
    for full, short in zip(whole, bare, strict=True):
        assert len(full["prompt"]) == 2 + 2 * full["turn"]
        assert [message["role"] for message in short["prompt"]] == ["user"]
        assert short["prompt"][-1] == full["prompt"][-1]
        assert full["chosen"] != full["rejected"]


def test_export__does_not_depend_on_the_order_in_which_episodes_ended(tmp_path: Path) -> None:
    played = play()
    later = [replace(t, model_s=9.0) for t in reversed(played)]
    for name, some in (("one", played), ("two", later)):
        export(
            write(tmp_path / name, some), tmp_path / f"{name}-out", ExportConfig("sft", keep="all", rows=3)
        )
    assert _bytes(tmp_path / "one-out") == _bytes(tmp_path / "two-out")
    assert len(_bytes(tmp_path / "one-out")) > 2  # files, of one split or two


@pytest.mark.parametrize("form", ["trajectories", "sft", "dpo", "step-dpo"])
def test_export__goes_on_where_it_was_stopped(tmp_path: Path, form: Any) -> None:
    run, config = write(tmp_path / "run", play(groups=6)), ExportConfig(form, rows=2)
    export(run, tmp_path / "whole", config)

    class _Stop(Exception):
        pass

    def stop(done: int) -> None:
        if done == 4:
            raise _Stop

    with pytest.raises(_Stop):
        export(run, tmp_path / "parts", config, on_group=stop)
    assert not (tmp_path / "parts" / "README.md").exists()
    begun = _bytes(tmp_path / "parts")
    export(run, tmp_path / "parts", config)
    assert begun.items() < _bytes(tmp_path / "parts").items()
    assert _bytes(tmp_path / "parts") == _bytes(tmp_path / "whole")
    assert (tmp_path / "parts" / "README.md").read_bytes() == (tmp_path / "whole" / "README.md").read_bytes()
    assert export(run, tmp_path / "parts", config).rows == export(run, tmp_path / "whole", config).rows


def test_export__refuses_the_folder_of_another(tmp_path: Path) -> None:
    run = write(tmp_path / "run", play())
    export(run, tmp_path / "out", ExportConfig("sft"))
    with pytest.raises(ArgumentError, match="config differ"):
        export(run, tmp_path / "out", ExportConfig("dpo"))
    with pytest.raises(ArgumentError, match="source differ"):
        export(write(tmp_path / "other", play(groups=2)), tmp_path / "out", ExportConfig("sft"))


def test_export__says_when_nothing_came_of_it(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="no row of the form 'dpo'"):
        export(write(tmp_path / "run", play(size=1)), tmp_path / "out", ExportConfig("dpo"))


def test_export__names_what_is_corrupt(tmp_path: Path) -> None:
    run = write(tmp_path / "run", play())
    file = run / "trajectories.jsonl"
    file.write_text(file.read_text("ascii").replace("go east", "go up", 1), "ascii")
    with pytest.raises(TrajectoryError, match=r"trajectories.jsonl:\d+: .*chain breaks"):
        export(run, tmp_path / "out", ExportConfig("sft"))
    file.write_text("no json\n", "ascii")
    with pytest.raises(TrajectoryError, match=r"trajectories.jsonl:1: .*no trajectory"):
        export(run, tmp_path / "again", ExportConfig("sft"))
    with pytest.raises(TrajectoryError, match="cannot be read"):
        export(tmp_path / "nowhere.jsonl", tmp_path / "again")


def test_export__a_task_that_starts_otherwise_is_named(tmp_path: Path) -> None:
    first = play(groups=1, size=1)[0]
    steps = (replace(first.steps[0], observation="Another world."), *first.steps[1:])
    run = write(tmp_path / "run", [replace(first, steps=steps)])
    with pytest.raises(DataError, match="does not start as it was recorded"):
        export(run, tmp_path / "out", ExportConfig("trajectories"))
    export(run, tmp_path / "bare", ExportConfig("trajectories", instruction=False))
    assert _rows(tmp_path / "bare")[0]["messages"][0]["content"] == "Another world."


def test_export__arguments_that_no_environment_takes_are_named(tmp_path: Path) -> None:
    strange = replace(play(groups=1, size=1)[0], env_kwargs={"colour": 3})
    with pytest.raises(DataError, match=r"cannot be started again: .*colour"):
        export(write(tmp_path / "run", [strange]), tmp_path / "out")


def test_export__a_number_too_large_for_its_column_is_named(tmp_path: Path) -> None:
    huge = replace(play(groups=1, size=1)[0], group=1 << 70)
    with pytest.raises(DataError, match="does not fit"):
        export(write(tmp_path / "run", [huge]), tmp_path / "out")


def test_export__names_of_splits_are_made_safe_and_kept_apart(tmp_path: Path) -> None:
    first = play(groups=1, size=1)[0]
    strange = [
        replace(first, split=split, episode=number, group=number)
        for number, split in enumerate(["../../evil", "__/../evil", ""])
    ]
    config = ExportConfig("trajectories", instruction=False)
    export(write(tmp_path / "run", strange), tmp_path / "out", config)
    assert sorted(_bytes(tmp_path / "out")) == [
        "______evil-00000.parquet",
        "______evil-00001.parquet",
        "all-00000.parquet",
    ]
    assert len(list(read_exported(tmp_path / "out"))) == 3


def test_config__says_what_is_wrong() -> None:
    for wrong in ({"form": "sftt"}, {"keep": "some"}, {"match": "text"}):
        with pytest.raises(UnknownNameError):
            ExportConfig(**wrong)  # type: ignore[arg-type]
    for unusable in (
        {"rows": 0},
        {"history": -1},
        {"gamma": 1.5},
        {"margin": -1.0},
        {"license": "mit\nx: y"},
    ):
        with pytest.raises(ArgumentError):
            ExportConfig(**unusable)


def test_read_exported__needs_the_form_trajectories(tmp_path: Path) -> None:
    export_function(write(tmp_path / "run", play()), tmp_path / "out", ExportConfig("sft"))
    with pytest.raises(DataError, match="no column 'trajectory'"):
        list(read_exported(tmp_path / "out"))
    with pytest.raises(DataError, match="holds no data"):
        list(read_exported(tmp_path))
    (tmp_path / "out" / "data" / "train-00000.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(DataError, match="no export of episodes"):
        list(read_exported(tmp_path / "out"))


def test_load_dataset__reads_every_form_offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    datasets = pytest.importorskip("datasets", reason="datasets is not installed")
    monkeypatch.setattr("datasets.config.HF_DATASETS_OFFLINE", True)
    played = play(groups=6, words=HOSTILE)
    run = write(tmp_path / "run", played)
    for form in ("trajectories", "sft", "dpo", "step-dpo"):
        out = tmp_path / form
        report = export(run, out, ExportConfig(form, rows=3, keep="all"))
        loaded = datasets.load_dataset(str(out), cache_dir=str(tmp_path / "cache"))
        assert {split: len(rows) for split, rows in loaded.items()} == report.rows
        assert loaded["train"].to_list() == _rows(out)
    records = datasets.load_dataset(str(tmp_path / "trajectories"), cache_dir=str(tmp_path / "cache"))[
        "train"
    ]
    back = [Trajectory.from_json(line).to_json() for line in records["trajectory"]]
    assert back == [t.to_json() for t in sorted(played, key=lambda t: t.episode) if t.split == "train"]
