"""Views as JSON: what a page shows is what `--json` prints."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel

__all__ = ["as_record"]


def as_record(value: Any) -> Any:
    """Return a view as JSON values: its own record where it has one, else its fields by name."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if hasattr(value, "to_record"):
        return value.to_record()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: as_record(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(name): as_record(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [as_record(part) for part in value]
    return value.isoformat() if isinstance(value, datetime) else value
