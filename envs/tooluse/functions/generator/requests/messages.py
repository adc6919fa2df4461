"""What users ask of a workspace."""

from __future__ import annotations

from typing import Final

from envs.tooluse.functions.generator.request import request

__all__ = ["REQUESTS"]

REQUESTS: Final = (
    request("List the users.", "Who is in the workspace?", list_users={}),
    request("Look up the id of {user}.", "Which id has {user}?", get_user_id={"user": "$user"}),
    request(
        "Add the contact {new_user}.",
        "{new_user} is new here: add a contact.",
        add_contact={"user_name": "$new_user"},
    ),
    request(
        "Send to {user_id}: '{text}'",
        "{user_id} should get this message: '{text}'",
        send_message={"receiver_id": "$user_id", "message": "$text"},
    ),
    request(
        "Delete the last message to {user_id}.",
        "Take back what {user_id} was sent last.",
        delete_message={"receiver_id": "$user_id"},
    ),
    request(
        "Search the messages for {word}.",
        "Which messages speak of {word}?",
        search_messages={"keyword": "$word"},
    ),
    request("Show the messages sent.", "Which messages have been sent?", view_messages_sent={}),
    request(
        "Look up the id of {user} and send there: '{text}'",
        "{user} should hear from me: '{text}'. The id has to be looked up first.",
        get_user_id={"user": "$user"},
        send_message={"receiver_id": "$user_id", "message": "$text"},
    ),
)
