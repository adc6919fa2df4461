"""Where a domain comes from: our own shop, or a folder of tau-bench or tau2-bench."""

from __future__ import annotations

import os
from pathlib import Path

from agentgym.errors import ArgumentError, suggest
from envs.tooluse.customer.shop.domain import ShopDomain
from envs.tooluse.customer.task import Domain
from envs.tooluse.customer.tau.bench import TABLES, TauDomain
from envs.tooluse.customer.tau.bench2 import Tau2Domain
from envs.tooluse.customer.tau.known_bad import KNOWN_BAD

__all__ = ["domain_named"]


def domain_named(name: str, data: str | Path | None, exclude: str | None = None) -> Domain:
    """Make a domain.

    Args:
        name: "shop", "retail" or "airline".
        data: Folder of the domain, or the folder above it. None: $AGENTGYM_DATA/tau_bench/<name>.
        exclude: "known_bad" leaves tasks of tau-bench out whose ground truth is at fault. None: nothing.

    Raises:
        UnknownNameError: There is no such domain.
        ArgumentError: There is no such folder, or the shop is given one, or nothing can be left out.
        DataError: A file of the folder is missing or broken.
    """
    if exclude not in (None, "known_bad"):
        raise suggest("list of tasks to exclude", str(exclude), ("known_bad",))
    if name == "shop":
        if data is not None:
            raise ArgumentError("The domain 'shop' reads no files, but `data` is given. Leave it out.")
        return _unless_excluding(ShopDomain(), exclude)
    if name not in TABLES:
        raise suggest("domain", str(name), ("shop", *TABLES))
    folder = _folder(name, data)
    if (folder / "db.json").exists():
        return _unless_excluding(Tau2Domain(folder, name), exclude)
    return TauDomain(folder, name, KNOWN_BAD if exclude else ())


def _unless_excluding(domain: Domain, exclude: str | None) -> Domain:
    if exclude is not None:
        raise ArgumentError("`exclude` lists tasks of tau-bench, and this domain has others. Leave it out.")
    return domain


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
