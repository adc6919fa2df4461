"""The benchmarks of the harness run, and say what they cannot do."""

from __future__ import annotations

import re

import pytest
import torch

from tests.benchmarks import harness_gpu, harness_speed


def test_harness_gpu__prints_its_table_for_a_tiny_model(capsys: pytest.CaptureFixture[str]) -> None:
    harness_gpu.main(["--tiny"])
    lines = capsys.readouterr().out.splitlines()
    rows = {line[:32].strip(): line[32:].split() for line in lines[-3:]}
    assert list(rows) == ["harness, padded", "harness, continuous", "padded generate, same prompts"]
    assert all(float(row[0].replace(",", "")) > 0 for row in rows.values())


@pytest.mark.skipif(torch.cuda.is_available(), reason="torch sees a CUDA device")
def test_harness_gpu__says_so_where_there_is_no_gpu(capsys: pytest.CaptureFixture[str]) -> None:
    harness_gpu.main([])
    assert "skipped: harness_gpu needs a CUDA device" in capsys.readouterr().out


def test_harness_speed__samples_no_token_that_is_not_recorded(capsys: pytest.CaptureFixture[str]) -> None:
    harness_speed.main(["--envs", "4", "--steps", "2", "--tokens", "3", "--plain", "4"])
    out = capsys.readouterr().out
    counts = re.findall(r"(\d+) tokens sampled, (\d+) recorded", out)
    assert len(counts) == 7
    assert all(sampled == recorded for sampled, recorded in counts)
    assert out.count(": 0 answers differ") == 2
