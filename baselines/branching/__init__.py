"""When and where to branch: the policies of the papers, one file each, for `agentgym.rollout.grow`."""

from baselines.branching.aepo import Aepo
from baselines.branching.arpo import Arpo
from baselines.branching.portool import Portool
from baselines.branching.r3l import R3l
from baselines.branching.registry import make_branching, names
from baselines.branching.slate import Slate
from baselines.branching.spo import SpoChain, SpoTree
from baselines.branching.treeps_rag import TreepsRag

__all__ = [
    "Aepo",
    "Arpo",
    "Portool",
    "R3l",
    "Slate",
    "SpoChain",
    "SpoTree",
    "TreepsRag",
    "make_branching",
    "names",
]
