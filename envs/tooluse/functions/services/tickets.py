"""TicketAPI: the support tickets of a company."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from envs.tooluse.functions.services.service import Answer, FunctionService

__all__ = ["TicketAPI"]

_FIELDS: Final = ("title", "description", "status", "priority")


class TicketAPI(FunctionService):
    """Create, read, change, resolve and close tickets."""

    about: ClassVar[str] = "Support tickets of a company."
    defaults: ClassVar[Mapping[str, Any]] = {"ticket_queue": [], "ticket_counter": 1, "current_user": None}

    ticket_queue: list[dict[str, Any]]
    ticket_counter: int
    current_user: str | None

    def create_ticket(self, title: str, description: str = "", priority: int = 1) -> Answer:
        """Create a ticket.

        Args:
            title: Title of the ticket.
            description: What it is about.
            priority: From 1 to 5; 5 is the most urgent.
        """
        if not self.current_user:
            return {"error": "User not authenticated. Please log in to create a ticket."}
        if not 1 <= priority <= 5:
            return {"error": "Invalid priority. Priority must be between 1 and 5."}
        ticket = {
            "id": self.ticket_counter,
            "title": title,
            "description": description,
            "status": "Open",
            "priority": priority,
            "created_by": self.current_user,
        }
        self.ticket_queue.append(ticket)
        self.ticket_counter += 1
        return ticket

    def get_ticket(self, ticket_id: int) -> Answer:
        """Show a ticket.

        Args:
            ticket_id: Id of the ticket.
        """
        return self._find(ticket_id) or _unknown(ticket_id)

    def close_ticket(self, ticket_id: int) -> Answer:
        """Close a ticket.

        Args:
            ticket_id: Id of the ticket.
        """
        ticket = self._find(ticket_id)
        if ticket is None:
            return _unknown(ticket_id)
        if ticket["status"] == "Closed":
            return {"error": f"Ticket with ID {ticket_id} is already closed."}
        ticket["status"] = "Closed"
        return {"status": f"Ticket {ticket_id} has been closed successfully."}

    def resolve_ticket(self, ticket_id: int, resolution: str) -> Answer:
        """Mark a ticket as resolved.

        Args:
            ticket_id: Id of the ticket.
            resolution: How it was resolved.
        """
        ticket = self._find(ticket_id)
        if ticket is None:
            return _unknown(ticket_id)
        if ticket["status"] == "Resolved":
            return {"error": f"Ticket with ID {ticket_id} is already resolved."}
        ticket["status"] = "Resolved"
        ticket["resolution"] = resolution
        return {"status": f"Ticket {ticket_id} has been resolved successfully."}

    def edit_ticket(self, ticket_id: int, updates: dict[str, Any]) -> Answer:
        """Change fields of a ticket.

        Args:
            ticket_id: Id of the ticket.
            updates: New values of title, description, status or priority, by field.
        """
        ticket = self._find(ticket_id)
        if ticket is None:
            return _unknown(ticket_id)
        surplus = [field for field in updates if field not in _FIELDS]
        if surplus:
            return {"error": f"Invalid fields for update: {', '.join(surplus)}"}
        ticket.update({field: value for field, value in updates.items() if value is not None})
        return {"status": f"Ticket {ticket_id} has been updated successfully."}

    def ticket_login(self, username: str, password: str) -> Answer:
        """Log in to the ticket system.

        Args:
            username: Name of the user.
            password: Password of the user.
        """
        if not (username and password):
            return {"success": False}
        self.current_user = username
        return {"success": True}

    def ticket_get_login_status(self) -> Answer:
        """Tell whether somebody is logged in to the ticket system."""
        return {"login_status": bool(self.current_user)}

    def logout(self) -> Answer:
        """Log out of the ticket system."""
        left = bool(self.current_user)
        self.current_user = None if left else self.current_user
        return {"success": left}

    def get_user_tickets(self, status: str | None = None) -> list[Answer]:
        """Show the tickets of the user.

        Args:
            status: Only tickets of this status; None: all.
        """
        if not self.current_user:
            return [{"error": "User not authenticated. Please log in to view tickets."}]
        return [
            ticket
            for ticket in self.ticket_queue
            if ticket["created_by"] == self.current_user
            and (not status or ticket["status"].lower() == status.lower())
        ]

    def _find(self, ticket_id: int) -> Answer | None:
        return next((ticket for ticket in self.ticket_queue if ticket["id"] == ticket_id), None)


def _unknown(ticket_id: int) -> Answer:
    return {"error": f"Ticket with ID {ticket_id} not found."}
