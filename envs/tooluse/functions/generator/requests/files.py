"""What users ask of a file system."""

from __future__ import annotations

from typing import Final

from envs.tooluse.functions.generator.request import request

__all__ = ["REQUESTS"]

REQUESTS: Final = (
    request(
        "Create an empty file {new_file}.",
        "I need a new file called {new_file}.",
        touch={"file_name": "$new_file"},
    ),
    request(
        "Create a folder {new_folder}.",
        "Make a directory named {new_folder}.",
        mkdir={"dir_name": "$new_folder"},
    ),
    request("Show the file {file}.", "What does {file} say?", cat={"file_name": "$file"}),
    request("Remove the file {file}.", "Delete {file}, please.", rm={"file_name": "$file"}),
    request(
        "Move the file {file} into the folder {folder}.",
        "{file} belongs into {folder}: move it there.",
        mv={"source": "$file", "destination": "$folder"},
    ),
    request(
        "Copy the file {file} into the folder {folder}.",
        "Put a copy of {file} into {folder}.",
        cp={"source": "$file", "destination": "$folder"},
    ),
    request(
        "Sort the lines of {file}.", "Show me the lines of {file} in order.", sort={"file_name": "$file"}
    ),
    request(
        "Show the last {lines} lines of {file}.",
        "How does {file} end? I want {lines} lines.",
        tail={"file_name": "$file", "lines": "$lines"},
    ),
    request(
        "Find the lines of {file} with {word}.",
        "Which lines of {file} hold the word {word}?",
        grep={"file_name": "$file", "pattern": "$word"},
    ),
    request(
        "Count the words of {file}.",
        "How many words are there in {file}?",
        wc={"file_name": "$file", "mode": "w"},
    ),
    request(
        "Write '{text}' into {file}.",
        "Let {file} say nothing but: '{text}'",
        echo={"content": "$text", "file_name": "$file"},
    ),
    request(
        "Create a file {new_file} and write '{text}' into it.",
        "I need a new file {new_file} that says: '{text}'",
        touch={"file_name": "$new_file"},
        echo={"content": "$text", "file_name": "$new_file"},
    ),
    request(
        "Create a folder {new_folder} and move {file} into it.",
        "Put {file} into a new folder {new_folder}.",
        mkdir={"dir_name": "$new_folder"},
        mv={"source": "$file", "destination": "$new_folder"},
    ),
)
