"""Generated catalogues of any size."""

from envs.webshop.generator.catalogue import GeneratedCatalogue, open_generated

__all__ = ["GeneratedCatalogue", "open_generated"]
