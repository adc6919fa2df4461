"""Customers: one who wrote a ticket, one who follows a script, and one who is a model."""

from __future__ import annotations

from envs.tooluse.customer.users.model import ModelUser, UserModel
from envs.tooluse.customer.users.scripted import ScriptedUser
from envs.tooluse.customer.users.ticket import TicketUser
from envs.tooluse.customer.users.user import STOP, User

__all__ = ["STOP", "ModelUser", "ScriptedUser", "TicketUser", "User", "UserModel"]
