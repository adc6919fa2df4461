"""A nano model that chats about the toy, and settings under which TRL trains it in a moment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from baselines.models import build_nano, train_tokenizer

CHAT = (
    "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}{{ eos_token }}\n{% endfor %}"
    "{% if add_generation_prompt %}assistant: {% endif %}"
)


def nano(chat_template: str | None = CHAT) -> tuple[Any, Any]:
    """Build a model and its tokenizer."""
    texts = ["Leave by the east door.", "You are 3 steps from the west door.", "go east", "go west", "wait"]
    tokenizer = train_tokenizer(texts * 3, vocabulary=300)
    tokenizer.chat_template = chat_template
    return build_nano(tokenizer, hidden=32, layers=2, heads=2), tokenizer


def settings(folder: Path) -> dict[str, Any]:
    """Settings of any TRL trainer: two steps on the CPU, nothing written, nothing drawn."""
    return {
        "output_dir": str(folder),
        "max_steps": 2,
        "per_device_train_batch_size": 8,
        "learning_rate": 1e-2,
        "use_cpu": True,
        "bf16": False,
        "report_to": "none",
        "save_strategy": "no",
        "logging_steps": 1,
        "disable_tqdm": True,
        "dataloader_pin_memory": False,
    }
