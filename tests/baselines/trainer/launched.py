"""What every process of a launched training run does: train the configurations of a file, one by one.

    torchrun ... tests/baselines/trainer/launched.py FILE

FILE maps the folder of each run to its configuration.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import torch.distributed as dist

import tests.toys  # registers the environment
from baselines.trainer import load_config, train

if __name__ == "__main__":
    assert tests.toys.TOY_ID
    dist.init_process_group("gloo")
    for out, config in json.loads(Path(sys.argv[1]).read_text()).items():
        train(load_config(None, config), Path(out), device="cpu")
    dist.destroy_process_group()
