"""A local language model as an agent: any causal LM in a Hugging Face folder, on CPU or GPU."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from agentgym.agents.chats import encode_chats
from agentgym.agents.encoding import encode_texts
from agentgym.agents.loading import load_model, no_progress_bars
from agentgym.agents.prompt import PromptTemplate
from agentgym.agents.settings import Sampling
from agentgym.errors import ArgumentError, suggest
from agentgym.profiling import counted, timed
from agentgym.trajectory import Decision, Turn

if TYPE_CHECKING:
    from agentgym.agents.drawing import Endings
    from agentgym.agents.running import RunningBatch
    from agentgym.agents.sampling import Sample
    from agentgym.agents.streams import ModelStream

__all__ = ["HFAgent", "load_model", "no_progress_bars"]

_BATCHINGS: Final = ("auto", "padded", "continuous")
_MOST_ENCODED: Final = 4096  # prompts whose tokens are remembered
_SAMPLING: Final = tuple(field.name for field in fields(Sampling))


class HFAgent:
    """Prompts a language model with a template and samples its answers in batches.

    The tokens in a decision are the very tokens that were sampled, never text encoded again.

    Args:
        model: A transformers causal language model.
        tokenizer: Its tokenizer. If it has a chat template, the prompt is one user message, or with the
            template's chat="turns" a chat.
        template: How turns become prompts and responses actions.
        spec: The specification that makes this agent again.
        batch_size: Greatest number of prompts in one pass.
        choose: "free": the answer is sampled token by token; "admissible": one of the admissible actions is
            drawn by its likelihood as a whole answer, so that no answer is invalid. Where the set of actions
            is open, answers are free. The log-probabilities recorded are the model's own in both cases.
        batching: "padded": the answers of a batch are awaited together; "continuous": each episode goes on as
            soon as its own answer is there, see `RunningBatch`; "auto": the second on CUDA, for chats of
            many turns and where it is compiled, else the first. What is answered is the same up to rounding.
        compile: Whether sampling is compiled by torch.compile (on CUDA into CUDA graphs); continuous batching
            only.
        sampling: Fields of `Sampling`: temperature, max_new_tokens, top_k, top_p, min_p, stop, repeats.

    Raises:
        ArgumentError: A number is out of range, or the model cannot be batched in this way.
        UnknownNameError: `choose`, `batching` or an option of sampling is unknown.
    """

    wants_oracle = False

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        template: PromptTemplate | None = None,
        *,
        spec: str = "hf",
        batch_size: int = 256,
        choose: Literal["free", "admissible"] = "free",
        batching: Literal["auto", "padded", "continuous"] = "auto",
        compile: bool = False,
        **sampling: Any,
    ) -> None:
        if choose not in ("free", "admissible"):
            raise suggest("way to choose", str(choose), ("free", "admissible"))
        if batching not in _BATCHINGS:
            raise suggest("batching", str(batching), _BATCHINGS)
        for name in sampling.keys() - set(_SAMPLING):
            raise suggest("option of sampling", name, _SAMPLING)
        if not isinstance(batch_size, int) or batch_size < 1:
            raise ArgumentError(f"`batch_size` is {batch_size!r}. It must be a whole number, at least 1.")
        if not isinstance(compile, bool):
            raise ArgumentError(f"`compile` is {compile!r}. It must be true or false.")
        if compile and batching == "padded":
            raise ArgumentError("compile=True needs batching='continuous': padded batches change shape.")
        self.model, self.tokenizer = model, tokenizer
        self.template = template or PromptTemplate()
        self.spec, self.batch_size, self.sampling = spec, batch_size, Sampling(**sampling)
        self._chooses, self._compiles = choose == "admissible", compile
        self._is_continuous = batching == "continuous" or compile
        if batching == "auto" and (model.device.type == "cuda" or self.template.chat == "turns"):
            from agentgym.agents.running import obstacle  # torch is loaded by the model, not by this module

            self._is_continuous = self._is_continuous or obstacle(model) is None
        self._end_ids = _end_ids(model, tokenizer)
        self._context = getattr(model.config.get_text_config(), "max_position_embeddings", None)
        self._encoded: dict[str, NDArray[np.int64]] = {}  # groups and failed actions bring equal prompts
        self._memory: Any = None
        self._running: RunningBatch | None = None

    @classmethod
    def load(
        cls,
        path: str | Path,
        *,
        device: str | None = None,
        dtype: str | None = None,
        attn: str | None = None,
        **options: Any,
    ) -> HFAgent:
        """Load a folder, see `load_model`; options that are not the agent's change its prompt template.

        Raises:
            ArgumentError: The folder holds no model, or an option does not fit.
            UnknownNameError: An option is unknown.
        """
        path = Path(path)
        own = ("batch_size", "choose", "batching", "compile", *_SAMPLING)
        chosen = {name: options.pop(name) for name in own if name in options}
        template = PromptTemplate.load(path, **options)
        model, tokenizer = load_model(path, device=device, dtype=dtype, attn=attn)
        return cls(model, tokenizer, template, spec=f"hf:{path}", **chosen)

    @property
    def temperature(self) -> float:
        """What divides the logits."""
        return self.sampling.temperature

    @property
    def max_new_tokens(self) -> int:
        """Greatest number of tokens of an answer; may be set."""
        return self.sampling.max_new_tokens

    @max_new_tokens.setter
    def max_new_tokens(self, number: int) -> None:
        self.sampling, self._running = replace(self.sampling, max_new_tokens=number), None

    def act(self, turns: Sequence[Turn]) -> list[Decision]:
        """Sample an answer to every turn."""
        decisions: list[Decision] = []
        for start in range(0, len(turns), self.batch_size):
            some = turns[start : start + self.batch_size]
            closed = [self.chooses(turn) for turn in some]
            chosen = iter(self.choose([turn for turn, one in zip(some, closed, strict=True) if one]))
            said = iter(self._answer([turn for turn, one in zip(some, closed, strict=True) if not one]))
            decisions += [next(chosen if one else said) for one in closed]
        return decisions

    def stream(self) -> ModelStream | None:
        """Begin to answer turns as they come; None with padded batches: `act` answers them together."""
        from agentgym.agents.streams import ModelStream

        return ModelStream(self, self._new_batch()) if self._is_continuous else None

    def likelihoods(self, turns: Sequence[Turn]) -> list[NDArray[np.float64]]:
        """Log-likelihood of each admissible action as a whole answer, an array of shape (actions,) a turn."""
        return [np.array([one.logprobs.sum() for one in some]) for some in self._scored(turns)]

    def encode(self, turns: Sequence[Turn]) -> list[NDArray[np.int64]]:
        """Encode the prompts of some turns, an array of shape (P,) each. Equal prompts are encoded once.

        Raises:
            ValueError: A prompt and the longest answer do not fit into the model's context. An episode that
                grows so long fails by it; the run goes on.
        """
        if not turns:
            return []
        with timed("prompt"):
            if self.template.chat == "turns":
                prompts = encode_chats(self.tokenizer, self.template, turns, self._end_ids)
            else:
                prompts = self._encode([self.template.render(turn) for turn in turns])
        self._refuse_long(max(map(len, prompts)))
        return prompts

    def chooses(self, turn: Turn) -> bool:
        """Whether one of the turn's admissible actions is drawn."""
        return self._chooses and bool(turn.info["admissible_actions"])

    def choose(self, turns: Sequence[Turn]) -> list[Decision]:
        """Draw one of the admissible actions of every turn."""
        prompts = self.encode(turns)
        return [
            self.decision(turn, prompt, scored[_draw(scored, turn, self.temperature)])
            for turn, prompt, scored in zip(turns, prompts, self._scored(turns, prompts), strict=True)
        ]

    def decision(self, turn: Turn, prompt: NDArray[np.int64], answer: Sample) -> Decision:
        """Make a decision of what was sampled after a prompt."""
        response = self.tokenizer.decode(answer.token_ids, skip_special_tokens=True)
        return Decision(self.template.parse(response, turn), response, prompt, *answer)

    def chance(self, turn: Turn) -> NDArray[np.float64]:
        """Numbers in [0, 1) by which the tokens of a turn's answer are drawn, shape (max_new_tokens,)."""
        return turn.rng().random(self.max_new_tokens)

    def _refuse_long(self, tokens: int) -> None:
        """Refuse a prompt that, beyond the places that it knows, the model would answer with nonsense."""
        if self._context and tokens + self.max_new_tokens > self._context:
            raise ValueError(
                f"A prompt of {tokens} tokens with an answer of up to {self.max_new_tokens} "
                f"(`max_new_tokens`) does not fit into the {self._context} tokens of {self.spec}'s context. "
                "Show fewer past turns (`history`, and no chat='turns'), allow shorter answers, or take a "
                "model that reads more."
            )

    def _encode(self, texts: Sequence[str]) -> list[NDArray[np.int64]]:
        known = {text: self._encoded[text] for text in texts if text in self._encoded}
        new = list(dict.fromkeys(text for text in texts if text not in known))
        whole = new
        if new and self.tokenizer.chat_template is not None:
            chats = [[{"role": "user", "content": text}] for text in new]
            whole = self.tokenizer.apply_chat_template(chats, add_generation_prompt=True, tokenize=False)
        special = self.tokenizer.chat_template is None
        known |= zip(new, encode_texts(self.tokenizer, whole, special=special), strict=True)
        if len(known) + len(self._encoded) > _MOST_ENCODED:
            self._encoded.clear()
        self._encoded |= known
        return [known[text] for text in texts]

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
        if not turns:
            return []
        prompts = self.encode(turns)
        with timed("generate"):
            samples = (self._continuously if self._is_continuous else self._together)(turns, prompts)
        counted(tokens=sum(len(answer.token_ids) for answer in samples))
        with timed("parse"):
            return [
                self.decision(turn, prompt, answer)
                for turn, prompt, answer in zip(turns, prompts, samples, strict=True)
            ]

    def _together(self, turns: Sequence[Turn], prompts: Sequence[NDArray[np.int64]]) -> list[Sample]:
        from agentgym.agents.prefixes import PrefixMemory
        from agentgym.agents.sampling import sample

        self._memory = self._memory or PrefixMemory()
        chance = np.stack([self.chance(turn) for turn in turns])
        return sample(
            self.model,
            prompts,
            chance,
            self.sampling,
            self._endings(),
            pad_id=min(self._end_ids),
            memory=self._memory,
        )

    def _continuously(self, turns: Sequence[Turn], prompts: Sequence[NDArray[np.int64]]) -> list[Sample]:
        batch = self._new_batch() if self._running is None else self._running
        self._running = None  # a batch that was broken off has answers under way that nobody waits for
        tickets = [
            batch.submit(turn.episode, prompt, self.chance(turn))
            for turn, prompt in zip(turns, prompts, strict=True)
        ]
        found: dict[int, Sample] = {}
        while len(found) < len(tickets):
            found |= dict(batch.poll())
        self._running = batch
        return [found[ticket] for ticket in tickets]

    def _new_batch(self) -> RunningBatch:
        from agentgym.agents.running import RunningBatch

        return RunningBatch(
            self.model, self.sampling, self._endings(), limit=self.batch_size, compiled=self._compiles
        )

    def _endings(self) -> Endings:
        from agentgym.agents.drawing import Endings

        return Endings(self.tokenizer, self._end_ids, self.sampling)


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
