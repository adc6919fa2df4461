"""Data out: recorded episodes as Parquet in the layout of Hugging Face `datasets`, for SFT and for DPO."""

from agentgym.datasets.batches import load_batch, save_batch
from agentgym.datasets.config import ExportConfig, Form
from agentgym.datasets.export import ExportReport, export, read_exported
from agentgym.datasets.preferences import EpisodePair, StepPair, episode_pairs, step_pairs
from agentgym.datasets.source import Source
from agentgym.datasets.text import encodable

__all__ = [
    "EpisodePair",
    "ExportConfig",
    "ExportReport",
    "Form",
    "Source",
    "StepPair",
    "encodable",
    "episode_pairs",
    "export",
    "load_batch",
    "read_exported",
    "save_batch",
    "step_pairs",
]
