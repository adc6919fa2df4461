"""`agentgym webshop`: the shop as a site for people, and the index of a large catalogue ahead of time."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["app"]

app = typer.Typer(help="The shop of WebShop: open its site, prepare its search.", no_args_is_help=True)

_Products = Annotated[int | None, typer.Option(help="Size of a generated catalogue.", min=1)]
_Seed = Annotated[int, typer.Option(help="Seed of the generated catalogue.", min=0)]


@app.command()
def serve(
    port: Annotated[int, typer.Option(help="Port; 0: any free one.", min=0, max=65535)] = 8000,
    host: Annotated[str, typer.Option(help="Address to listen at; others may then shop, too.")] = "127.0.0.1",
    data: Annotated[Path | None, typer.Option(help="Folder of catalogue files.")] = None,
    products: _Products = None,
    catalogue_seed: _Seed = 0,
    split: Annotated[str, typer.Option(help="Split from which visitors get their goals.")] = "test",
    seed: Annotated[int, typer.Option(help="Seed of the visitors' goals.", min=0)] = 0,
) -> None:
    """Open the shop in a web browser; every visitor gets a goal. Ctrl-C closes it.

    Example: agentgym webshop serve --products 1000 --port 8000
    """
    from envs.webshop.env import WebShopEnv
    from envs.webshop.site import receive_people

    env = WebShopEnv(data=data, products=products, catalogue_seed=catalogue_seed, split=split)
    env.reset(seed=seed)
    receive_people(env, typer.echo, host=host, port=port)


@app.command()
def index(
    products: Annotated[int, typer.Argument(help="Size of the generated catalogue.", min=1)],
    catalogue_seed: _Seed = 0,
    jobs: Annotated[int, typer.Option(help="Number of processes.", min=1)] = 1,
) -> None:
    """Build the index of a generated catalogue where there is none; environments then open it at once.

    Example: agentgym webshop index 1000000 --jobs 2
    """
    from agentgym.cli.progress import progress
    from envs.webshop.generator import GeneratedCatalogue

    with progress() as bar:
        task = bar.add_task("indexing", total=products)
        catalogue = GeneratedCatalogue(
            products, catalogue_seed, jobs=jobs, progress=lambda done: bar.update(task, completed=done)
        )
        bar.update(task, completed=products)
    typer.echo(f"{catalogue.name}: {len(catalogue):,} products can be searched.")
