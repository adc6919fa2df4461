"""Where a domain comes from: our own shop, or a folder of tau-bench or tau2-bench."""

from __future__ import annotations

import os
from pathlib import Path

from agentgym.errors import ArgumentError, suggest
from envs.tooluse.customer.task import Domain
from envs.tooluse.customer.tau.bench import TABLES, TauDomain
from envs.tooluse.customer.tau.bench2 import Tau2Domain

__all__ = ["domain_named"]


def domain_named(name: str, data: str | Path | None) -> Domain:
    """Make a domain.

    Args:
        name: "shop", "retail" or "airline".
        data: Folder of the domain, or the folder above it. None: $AGENTGYM_DATA/tau_bench/<name>.

    Raises:
        UnknownNameError: There is no such domain.
        ArgumentError: There is no such folder, or the shop is given one.
        DataError: A file of the folder is missing or broken.
    """
    if name == "shop":
        if data is not None:
            raise ArgumentError("The domain 'shop' reads no files, but `data` is given. Leave it out.")
        from envs.tooluse.customer.shop.domain import ShopDomain

        return ShopDomain()
    if name not in TABLES:
        raise suggest("domain", str(name), ("shop", *TABLES))
    folder = _folder(name, data)
    return Tau2Domain(folder, name) if (folder / "db.json").exists() else TauDomain(folder, name)


def _folder(name: str, data: str | Path | None) -> Path:
    root = os.environ.get("AGENTGYM_DATA")
    if data is None and not root:
        raise ArgumentError(
            f"domain={name!r} needs the files of tau-bench or tau2-bench. Pass data=<folder of the domain>, "
            "or set $AGENTGYM_DATA to the folder that holds tau_bench/."
        )
    above = Path(data).expanduser() if data is not None else Path(str(root)) / "tau_bench"
    folder = above / name if (above / name).is_dir() else above
    if not folder.is_dir():
        raise ArgumentError(f"There is no folder {folder}. Pass data=<folder of the domain {name!r}>.")
    return folder.resolve()
