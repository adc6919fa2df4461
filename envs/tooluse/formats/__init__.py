"""Action formats: ways to write calls and replies as text, each with a parser and a writer."""

from __future__ import annotations

from typing import Final

from agentgym.errors import suggest
from envs.tooluse.formats.hermes import HermesFormat
from envs.tooluse.formats.message import MAX_CHARACTERS, ActionFormat, FormatFault, Message
from envs.tooluse.formats.openai import OpenAIFormat
from envs.tooluse.formats.pycall import PycallFormat
from envs.tooluse.formats.react import ReactFormat
from envs.tooluse.formats.xml_tags import XmlTagsFormat

__all__ = ["FORMATS", "MAX_CHARACTERS", "ActionFormat", "FormatFault", "Message", "format_named"]

FORMATS: Final[dict[str, ActionFormat]] = {
    made.name: made
    for made in (HermesFormat(), OpenAIFormat(), ReactFormat(), XmlTagsFormat(), PycallFormat())
}


def format_named(name: str) -> ActionFormat:
    """Return a format by its name.

    Raises:
        UnknownNameError: There is none of this name.
    """
    if name not in FORMATS:
        raise suggest("action format", str(name), FORMATS)
    return FORMATS[name]
