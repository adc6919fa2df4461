"""Reading a causal language model and its tokenizer from a folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from agentgym.errors import ArgumentError, require, suggest

__all__ = ["load_model", "no_progress_bars"]

_DTYPES: Final = ("float32", "bfloat16", "float16")


@contextmanager
def no_progress_bars() -> Iterator[None]:
    """Keep transformers from drawing bars of its own while a model is read or written."""
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()


def load_model(
    path: Path, *, device: str | None = None, dtype: str | None = None, attn: str | None = None
) -> tuple[Any, Any]:
    """Load a causal language model and its tokenizer from a folder.

    Nothing is fetched from a network.

    Args:
        path: A folder as `save_pretrained` writes it.
        device: "cpu", "cuda", ...; None: CUDA where there is one.
        dtype: Type of the weights: "float32" (which computes in bfloat16 on CUDA, as in training), "bfloat16"
            or "float16"; None: bfloat16 on CUDA, else float32.
        attn: What computes the attention, as transformers names it: "sdpa", "eager", "flash_attention_2";
            None: as transformers chooses.

    Returns:
        The model in evaluation mode and the tokenizer.

    Raises:
        ArgumentError: The folder holds no model, it cannot compute its attention in this way, or there is
            no such device.
        UnknownNameError: There is no such type.
        MissingExtraError: torch or transformers is not installed.
    """
    torch = require("torch", extra="train", who=f"hf:{path}")
    transformers = require("transformers", extra="train", who=f"hf:{path}")
    if not (path / "config.json").is_file():
        raise ArgumentError(
            f"{path} holds no model (config.json is missing). Pass a folder of save_pretrained."
        )
    if dtype is not None and dtype not in _DTYPES:
        raise suggest("dtype", str(dtype), _DTYPES)
    device = _usable(torch, device or ("cuda" if torch.cuda.is_available() else "cpu"))
    kind = getattr(torch, dtype or ("bfloat16" if device.startswith("cuda") else "float32"))
    if attn is not None and not isinstance(attn, str):
        raise ArgumentError(f"`attn` is {attn!r}. It must be a name, such as sdpa or eager.")
    chosen = {} if attn is None else {"attn_implementation": attn}
    with no_progress_bars():
        tokenizer = transformers.AutoTokenizer.from_pretrained(path, local_files_only=True)
        try:
            model = transformers.AutoModelForCausalLM.from_pretrained(
                path, dtype=kind, local_files_only=True, **chosen
            )
        except (ValueError, ImportError) as error:
            if attn is None:
                raise
            raise ArgumentError(f"attn={attn!r} cannot be used here: {error}") from error
    return model.to(device).eval(), tokenizer


def _usable(torch: Any, device: str) -> str:
    try:
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError, TypeError) as error:
        told = str(error).partition("\n")[0]
        raise ArgumentError(
            f"device={device!r} cannot be used here: {told}. Pass 'cpu', or 'cuda' where torch sees a GPU."
        ) from error
    return device
