"""Evaluation: suites, metrics with intervals, paired comparison, floor and ceiling beside every number."""

from agentgym.evaluation.aggregate import interquartile_mean, stratified_bootstrap
from agentgym.evaluation.compare import Comparison, Contrast, compare
from agentgym.evaluation.evaluate import EvalResult, evaluate, evaluate_suite
from agentgym.evaluation.expansion import Entry, ExpandedSuite
from agentgym.evaluation.intervals import Estimate, bootstrap_mean, bootstrap_ratio, sign_flip_p, wilson
from agentgym.evaluation.metrics import Errored, Metrics, measure
from agentgym.evaluation.outcomes import Outcome, outcomes
from agentgym.evaluation.repeats import Repeats, flip_rate, noise_floor, pass_at_k, pass_hat_k, repeats_of
from agentgym.evaluation.suite import Setting, Suite, load_suite, suite_files

__all__ = [
    "Comparison",
    "Contrast",
    "Entry",
    "Errored",
    "Estimate",
    "EvalResult",
    "ExpandedSuite",
    "Metrics",
    "Outcome",
    "Repeats",
    "Setting",
    "Suite",
    "bootstrap_mean",
    "bootstrap_ratio",
    "compare",
    "evaluate",
    "evaluate_suite",
    "flip_rate",
    "interquartile_mean",
    "load_suite",
    "measure",
    "noise_floor",
    "outcomes",
    "pass_at_k",
    "pass_hat_k",
    "repeats_of",
    "sign_flip_p",
    "stratified_bootstrap",
    "suite_files",
    "wilson",
]
