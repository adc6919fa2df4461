"""MessageAPI: a workspace whose users send each other messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from envs.tooluse.functions.services.filler import Filler
from envs.tooluse.functions.services.service import Answer, FunctionService, Scenario

__all__ = ["MessageAPI"]

_NOBODY: Answer = {"error": "No user is currently logged in."}


class MessageAPI(FunctionService):
    """Send, read and delete messages, and keep contacts."""

    about: ClassVar[str] = "Messages between the users of a workspace."
    seed: ClassVar[int] = 200191
    defaults: ClassVar[Mapping[str, Any]] = {
        "generated_ids": set(),
        "user_count": 4,
        "user_map": {"Alice": "USR001", "Bob": "USR002", "Catherine": "USR003", "Daniel": "USR004"},
        "inbox": [
            {"USR002": "My name is Alice. I want to connect."},
            {"USR003": "Could you upload the file?"},
            {"USR004": "Could you upload the file?"},
        ],
        "message_count": 3,
        "current_user": None,
    }

    generated_ids: set[int]
    user_count: int
    user_map: dict[str, str]
    inbox: list[dict[str, Any]]
    message_count: int
    current_user: str | None

    def __init__(self, scenario: Scenario | None = None, *, filler: Filler | None = None) -> None:
        super().__init__(scenario, filler=filler)
        self.generated_ids = set(self.generated_ids)  # a JSON scenario gives a list

    def list_users(self) -> Answer:
        """List the names of all users."""
        return {"user_list": list(self.user_map)}

    def get_user_id(self, user: str) -> Answer:
        """Look up the id of a user.

        Args:
            user: Name of the user.
        """
        if user not in self.user_map:
            return {"error": f"User '{user}' not found in the workspace."}
        return {"user_id": self.user_map[user]}

    def message_login(self, user_id: str) -> Answer:
        """Log in to the workspace.

        Args:
            user_id: Id of the user.
        """
        if user_id not in self.user_map.values():
            return {"login_status": False, "message": f"User ID '{user_id}' not found."}
        self.current_user = user_id
        return {"login_status": True, "message": f"User '{user_id}' logged in successfully."}

    def message_get_login_status(self) -> Answer:
        """Tell whether somebody is logged in to the workspace."""
        return {"login_status": bool(self.current_user)}

    def send_message(self, receiver_id: str, message: str) -> Answer:
        """Send a message to a user.

        Args:
            receiver_id: Id of the receiver.
            message: The message.
        """
        if not self.current_user:
            return dict(_NOBODY)
        if receiver_id not in self.user_map.values():
            return {"error": f"Receiver ID '{receiver_id}' not found."}
        message_id = self._random.randint(10000, 99999)
        while message_id in self.generated_ids:
            message_id = self._random.randint(10000, 99999)
        self.generated_ids.add(message_id)
        self.inbox.append({receiver_id: message})
        self.message_count += 1
        return {
            "sent_status": True,
            "message_id": {"new_id": message_id},
            "message": f"Message sent to '{receiver_id}' successfully.",
        }

    def delete_message(self, receiver_id: str) -> Answer:
        """Delete the latest message to a receiver.

        Args:
            receiver_id: Id of the receiver.
        """
        if not self.current_user:
            return dict(_NOBODY)
        for message in reversed(self.inbox):
            if next(iter(message)) == receiver_id:
                self.inbox.remove(message)
                text = f"Receiver {receiver_id}'s latest message deleted successfully."
                return {"deleted_status": True, "receiver_id": receiver_id, "message": text}
        return {"error": f"Receiver ID {receiver_id} not found."}

    def view_messages_sent(self) -> Answer:
        """Show all messages by receiver."""
        if not self.current_user:
            return dict(_NOBODY)
        sent: dict[str, list[Any]] = {}
        for message in self.inbox:
            receiver, content = next(iter(message.items()))
            sent.setdefault(receiver, []).append(content)
        return {"messages": sent}

    def add_contact(self, user_name: str) -> Answer:
        """Add a user to the workspace.

        Args:
            user_name: Name of the new user.
        """
        if user_name in self.user_map:
            return {"error": f"User name '{user_name}' already exists."}
        self.user_count += 1
        user_id = f"USR{self.user_count:03d}"
        if user_id in self.user_map.values():
            return {"error": f"User ID '{user_id}' already exists."}
        self.user_map[user_name] = user_id
        text = f"Contact '{user_name}' added successfully."
        return {"added_status": True, "user_id": user_id, "message": text}

    def search_messages(self, keyword: str) -> Answer:
        """Find the messages that contain a text, whatever its case.

        Args:
            keyword: The text.
        """
        if not self.current_user:
            return dict(_NOBODY)
        found = [next(iter(message.items())) for message in self.inbox]
        return {
            "results": [
                {"receiver_id": receiver, "message": content}
                for receiver, content in found
                if keyword.lower() in content.lower()
            ]
        }

    def get_message_stats(self) -> Answer:
        """Count the messages and the users that they went to."""
        if not self.current_user:
            return dict(_NOBODY)
        receivers = {next(iter(message)) for message in self.inbox}
        return {"stats": {"received_count": len(self.inbox), "total_contacts": len(receivers)}}
