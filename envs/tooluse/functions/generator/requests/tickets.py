"""What users ask of a ticket system."""

from __future__ import annotations

from typing import Final

from envs.tooluse.functions.generator.request import request

__all__ = ["REQUESTS"]

REQUESTS: Final = (
    request(
        "Create a ticket {title} of priority {priority}.",
        "Something is wrong: open a ticket titled {title}, priority {priority}.",
        create_ticket={"title": "$title", "priority": "$priority"},
    ),
    request(
        "Show the ticket {ticket}.", "What is ticket {ticket} about?", get_ticket={"ticket_id": "$ticket"}
    ),
    request(
        "Close the ticket {ticket}.", "Ticket {ticket} can be closed.", close_ticket={"ticket_id": "$ticket"}
    ),
    request(
        "Resolve the ticket {ticket}: '{text}'",
        "Ticket {ticket} is solved; the resolution is: '{text}'",
        resolve_ticket={"ticket_id": "$ticket", "resolution": "$text"},
    ),
    request(
        "Set the priority of the ticket {ticket} to {priority}.",
        "Ticket {ticket} needs priority {priority}.",
        edit_ticket={"ticket_id": "$ticket", "updates": {"priority": "$priority"}},
    ),
    request("Show my tickets.", "Which tickets have I opened?", get_user_tickets={}),
    request(
        "Show the ticket {ticket} and close it.",
        "Let me read ticket {ticket}; then close it.",
        get_ticket={"ticket_id": "$ticket"},
        close_ticket={"ticket_id": "$ticket"},
    ),
)
