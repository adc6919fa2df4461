"""Agents behind a real server: transformers serves small models that are made here."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from agentgym.agents import make_agent
from agentgym.rollout import Episode, collect
from tests.toys import TOY_ID

pytest.importorskip("openai")
pytest.importorskip("torch")


@contextlib.contextmanager
def _transformers_serve(folder: Path) -> Iterator[str]:
    """Serve the model in a folder; yield its specification."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        str(Path(sys.executable).with_name("transformers")),
        *("serve", str(folder), "--host", "127.0.0.1", "--port", str(port), "--device", "cpu"),
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _until_healthy(process, port)
        yield f"openai:http://127.0.0.1:{port}/v1#{folder}"
    finally:
        process.terminate()
        process.wait(30)


@pytest.mark.slow
def test_server_agent__plays_a_model_that_transformers_serves(tmp_path: Path) -> None:
    from baselines.models import build_nano, train_tokenizer

    tokenizer = train_tokenizer(
        ["go east", "go west", "wait", "You are 3 steps from the west door."], vocabulary=300
    )
    tokenizer.chat_template = (
        "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}assistant:"
    )
    build_nano(tokenizer, hidden=32, layers=1, heads=2, seed=0).save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    with _transformers_serve(tmp_path) as spec:
        episodes = [Episode(k, TOY_ID, seed=k, env_kwargs={"max_steps": 3}) for k in range(3)]
        played = list(collect(episodes, make_agent(spec, max_new_tokens=4)))
    assert [t.error for t in played] == [None] * 3
    assert all(0 < t.tokens <= 12 for t in played)


_CALL = '<tool_call>{"name": "calculator", "arguments": {"expression": "1 + 1"}}</tool_call>'


def _write_a_caller_of_tools(folder: Path) -> None:
    """Make a model that has learnt to call the calculator where its prompt offers three tools."""
    import torch

    from baselines.models import build_nano, train_tokenizer

    prompts = [f"calculator python answer {role} assistant:" for role in ("user", "tool")]
    tokenizer = train_tokenizer([*prompts, _CALL], vocabulary=330)
    tokenizer.chat_template = (
        "{% for t in tools or [] %}{{ t['function']['name'] }} {% endfor %}"
        "{{ messages[-1]['role'] }} assistant:"
    )
    tokenizer.response_template = {
        "defaults": {"role": "assistant"},
        "start_anchor": "assistant:",
        "fields": {
            "tool_calls": {
                "open_pattern": r"\s*<tool_call>",
                "close": "</tool_call>",
                "repeats": True,
                "content": "json",
                "transform": {"type": "function", "function": "{content}"},
            },
            "content": {"close": tokenizer.eos_token, "content": "text"},
        },
    }
    model = build_nano(tokenizer, hidden=32, layers=2, heads=2, seed=0)
    texts = [tokenizer(p + _CALL)["input_ids"] + [tokenizer.eos_token_id] for p in prompts]
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    for _ in range(120):
        for ids in texts:
            row = torch.tensor([ids])
            model(input_ids=row, labels=row).loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    model.eval().save_pretrained(folder)
    tokenizer.save_pretrained(folder)


@pytest.mark.slow
def test_server_agent__calls_tools_through_the_chat_template_of_a_served_model(tmp_path: Path) -> None:
    _write_a_caller_of_tools(tmp_path)
    kwargs = {"action_format": "openai", "max_steps": 3}
    with _transformers_serve(tmp_path) as spec:
        episodes = [Episode(k, "agentgym/PythonMath-v0", seed=k, env_kwargs=kwargs) for k in range(2)]
        played = list(collect(episodes, make_agent(spec, tools=True, temperature=0, max_new_tokens=80)))
    for trajectory in played:
        assert trajectory.error is None
        assert [step.valid for step in trajectory.steps] == [True] * 3
        assert [step.observation for step in trajectory.steps[1:]] == ["2", "2"]
        (call,) = json.loads(trajectory.steps[0].decision.action)
        assert call["function"]["name"] == "calculator"
        assert json.loads(call["function"]["arguments"]) == {"expression": "1 + 1"}


def _until_healthy(process: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(600):
        assert process.poll() is None, "the server stopped"
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5)
            return
        except OSError:
            time.sleep(0.2)
    raise AssertionError("the server does not answer")
