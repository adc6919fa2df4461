"""A local language model as an agent: any causal LM in a Hugging Face folder, on CPU or GPU."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from agentgym.agents.prompt import PromptTemplate
from agentgym.errors import ArgumentError, require, suggest
from agentgym.profiling import timed
from agentgym.trajectory import Decision, Turn

if TYPE_CHECKING:
    from agentgym.agents.sampling import Sample

__all__ = ["HFAgent", "load_model", "no_progress_bars"]


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


def load_model(path: Path, *, device: str | None = None) -> tuple[Any, Any]:
    """Load a causal language model and its tokenizer from a folder.

    Nothing is fetched from a network. On CUDA the weights are bfloat16, on the CPU float32.

    Args:
        path: A folder as `save_pretrained` writes it.
        device: "cpu", "cuda", ...; None: CUDA where there is one.

    Returns:
        The model in evaluation mode and the tokenizer.

    Raises:
        ArgumentError: The folder holds no model.
        MissingExtraError: torch or transformers is not installed.
    """
    torch = require("torch", extra="train", who=f"hf:{path}")
    transformers = require("transformers", extra="train", who=f"hf:{path}")
    if not (path / "config.json").is_file():
        raise ArgumentError(
            f"{path} holds no model (config.json is missing). Pass a folder of save_pretrained."
        )
    device = device or ("cuda" if torch.cuda.is_available() else "cpu")
    dtype = torch.bfloat16 if device.startswith("cuda") else torch.float32
    with no_progress_bars():
        tokenizer = transformers.AutoTokenizer.from_pretrained(path, local_files_only=True)
        model = transformers.AutoModelForCausalLM.from_pretrained(path, dtype=dtype, local_files_only=True)
    return model.to(device).eval(), tokenizer


class HFAgent:
    """Prompts a language model with a template and samples its answers in batches.

    The tokens in a decision are the very tokens that were sampled, never text encoded again.

    Args:
        model: A transformers causal language model.
        tokenizer: Its tokenizer. If it has a chat template, the prompt is one user message.
        template: How turns become prompts and responses actions.
        spec: The specification that makes this agent again.
        temperature: Divides the logits; 0 takes the most likely token.
        max_new_tokens: Greatest number of tokens of a response.
        batch_size: Greatest number of prompts in one pass.
        choose: "free": the answer is sampled token by token; "admissible": one of the admissible actions is
            drawn by its likelihood as a whole answer, so that no answer is invalid. Where the set of actions
            is open, answers are free. The log-probabilities recorded are the model's own in both cases.

    Raises:
        ArgumentError: A number is out of range.
        UnknownNameError: `choose` is neither.
    """

    wants_oracle = False

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        template: PromptTemplate | None = None,
        *,
        spec: str = "hf",
        temperature: float = 1.0,
        max_new_tokens: int = 16,
        batch_size: int = 256,
        choose: Literal["free", "admissible"] = "free",
    ) -> None:
        if choose not in ("free", "admissible"):
            raise suggest("way to choose", str(choose), ("free", "admissible"))
        if temperature < 0 or max_new_tokens < 1 or batch_size < 1:
            raise ArgumentError(
                f"temperature={temperature}, max_new_tokens={max_new_tokens}, batch_size={batch_size}: "
                "the first must be at least 0, the others at least 1."
            )
        self.model, self.tokenizer = model, tokenizer
        self.template = template or PromptTemplate()
        self.spec = spec
        self.temperature, self.max_new_tokens, self.batch_size = temperature, max_new_tokens, batch_size
        self._chooses = choose == "admissible"
        self._end_ids = _end_ids(model, tokenizer)
        self._memory: Any = None

    @classmethod
    def load(cls, path: str | Path, *, device: str | None = None, **options: Any) -> HFAgent:
        """Load a folder; options that are not sampling options change its prompt template.

        Raises:
            ArgumentError: The folder holds no model.
            UnknownNameError: An option is unknown.
        """
        path = Path(path)
        sampling = {
            k: options.pop(k)
            for k in ("temperature", "max_new_tokens", "batch_size", "choose")
            if k in options
        }
        template = PromptTemplate.load(path, **options)
        model, tokenizer = load_model(path, device=device)
        return cls(model, tokenizer, template, spec=f"hf:{path}", **sampling)

    def act(self, turns: Sequence[Turn]) -> list[Decision]:
        """Sample an answer to every turn."""
        decisions: list[Decision] = []
        for start in range(0, len(turns), self.batch_size):
            some = turns[start : start + self.batch_size]
            closed = [self._chooses and bool(turn.info["admissible_actions"]) for turn in some]
            chosen = iter(self._choose([turn for turn, one in zip(some, closed, strict=True) if one]))
            said = iter(self._answer([turn for turn, one in zip(some, closed, strict=True) if not one]))
            decisions += [next(chosen if one else said) for one in closed]
        return decisions

    def likelihoods(self, turns: Sequence[Turn]) -> list[NDArray[np.float64]]:
        """Log-likelihood of each admissible action as a whole answer, an array of shape (actions,) a turn."""
        return [np.array([one.logprobs.sum() for one in some]) for some in self._scored(turns)]

    def encode(self, turns: Sequence[Turn]) -> list[NDArray[np.int64]]:
        """Encode the prompts of some turns, an array of shape (P,) each. Equal prompts are encoded once."""
        if not turns:
            return []
        with timed("prompt"):
            return self._encode([self.template.render(turn) for turn in turns])

    def _encode(self, texts: Sequence[str]) -> list[NDArray[np.int64]]:
        known = dict.fromkeys(texts)
        if self.tokenizer.chat_template is None:
            encoded = self.tokenizer(list(known))["input_ids"]
        else:
            chats = [[{"role": "user", "content": text}] for text in known]
            encoded = self.tokenizer.apply_chat_template(chats, add_generation_prompt=True, return_dict=True)
            encoded = encoded["input_ids"]
        arrays = {text: np.asarray(ids, dtype=np.int64) for text, ids in zip(known, encoded, strict=True)}
        return [arrays[text] for text in texts]

    def _choose(self, turns: Sequence[Turn]) -> list[Decision]:
        """Draw one of the admissible actions of every turn."""
        prompts = self.encode(turns)
        return [
            self._decision(turn, prompt, scored[_draw(scored, turn, self.temperature)])
            for turn, prompt, scored in zip(turns, prompts, self._scored(turns, prompts), strict=True)
        ]

    def _scored(
        self, turns: Sequence[Turn], prompts: Sequence[NDArray[np.int64]] | None = None
    ) -> list[list[Sample]]:
        from agentgym.agents.prefixes import PrefixMemory
        from agentgym.agents.scoring import score

        if not turns:
            return []
        self._memory = self._memory or PrefixMemory()
        prompts = self.encode(turns) if prompts is None else prompts
        answers = [[self._as_answer(action) for action in turn.info["admissible_actions"]] for turn in turns]
        with timed("score"):
            return score(self.model, prompts, answers, pad_id=min(self._end_ids), memory=self._memory)

    def _as_answer(self, action: str) -> NDArray[np.int64]:
        ids = self.tokenizer(action, add_special_tokens=False)["input_ids"]
        return np.asarray([*ids, self.tokenizer.eos_token_id], dtype=np.int64)

    def _answer(self, turns: Sequence[Turn]) -> list[Decision]:
        from agentgym.agents.prefixes import PrefixMemory  # torch is loaded by the model, not by this module
        from agentgym.agents.sampling import sample

        if not turns:
            return []
        self._memory = self._memory or PrefixMemory()
        prompts = self.encode(turns)
        with timed("generate"):
            samples = sample(
                self.model,
                prompts,
                np.stack([turn.rng().random(self.max_new_tokens) for turn in turns]),
                temperature=self.temperature,
                end_ids=self._end_ids,
                pad_id=min(self._end_ids),
                memory=self._memory,
            )
        with timed("parse"):
            return [
                self._decision(turn, prompt, answer)
                for turn, prompt, answer in zip(turns, prompts, samples, strict=True)
            ]

    def _decision(self, turn: Turn, prompt: NDArray[np.int64], answer: Sample) -> Decision:
        response = self.tokenizer.decode(answer.token_ids, skip_special_tokens=True)
        return Decision(self.template.parse(response, turn), response, prompt, *answer)


def _draw(scored: Sequence[Sample], turn: Turn, temperature: float) -> int:
    """Draw from softmax(likelihood / temperature) by the turn's own chance; at 0 take the most likely."""
    total = np.array([one.logprobs.sum() for one in scored])
    if temperature == 0:
        return int(total.argmax())
    weight = np.exp((total - total.max()) / temperature).cumsum()
    return int(np.searchsorted(weight, turn.rng().random() * weight[-1], side="right"))


def _end_ids(model: Any, tokenizer: Any) -> frozenset[int]:
    configured = model.generation_config.eos_token_id
    ids = configured if isinstance(configured, list) else [configured]
    ends = frozenset(int(i) for i in [*ids, tokenizer.eos_token_id] if i is not None)
    if not ends:
        raise ArgumentError(
            "The model has no end-of-sequence token. Set tokenizer.eos_token and save it again."
        )
    return ends
