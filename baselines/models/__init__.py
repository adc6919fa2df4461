"""Models that we make ourselves."""

from baselines.models.nano import build_nano, train_tokenizer

__all__ = ["build_nano", "train_tokenizer"]
