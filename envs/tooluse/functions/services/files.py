"""GorillaFileSystem: a tree of folders and files with the commands of a shell."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from agentgym.errors import DataError
from envs.tooluse.functions.services.filler import Filler
from envs.tooluse.functions.services.service import Answer, FunctionService, Scenario
from envs.tooluse.functions.services.tree import MAX_DEPTH, Directory, File, Item, crowded, size_of

__all__ = ["GorillaFileSystem"]

_FORBIDDEN: Final = frozenset('|/\\?%*:"><')


class GorillaFileSystem(FunctionService):
    """Navigate folders, create, read, write, move and compare files."""

    about: ClassVar[str] = "A simple file system."

    def __init__(self, scenario: Scenario | None = None, *, filler: Filler | None = None) -> None:
        super().__init__(scenario, filler=filler)
        self.long_context = self._padded
        self.root = Directory("/")
        tree = (scenario or {}).get("root")
        if tree is not None:
            if not isinstance(tree, dict) or not tree:
                raise DataError("`root` of GorillaFileSystem must be an object that names one folder.")
            name, folder = next(iter(tree.items()))
            self.root = Directory(name)
            self._fill(self.root, folder, 0)
        self._current = self.root

    def private_state(self) -> str:
        """Tell where the user stands, and what that folder holds: it may hang in the tree no more."""
        return repr((self.pwd(), self._current.canonical()))

    def _fill(self, directory: Directory, node: Any, depth: int) -> None:
        contents = node.get("contents") if isinstance(node, dict) else None
        if not isinstance(contents, dict) or depth > MAX_DEPTH:
            raise DataError(
                f"Folder {directory.name!r} of GorillaFileSystem lacks its `contents`, an object."
            )
        for name, child in contents.items():
            kind = child.get("type") if isinstance(child, dict) else None
            if kind == "directory":
                folder = Directory(name, directory)
                self._fill(folder, child, depth + 1)
                directory.contents[name] = folder
            elif kind == "file" and isinstance(child.get("content"), str):
                padded = self._padded and name not in self._filler.files_tail_used
                extension = self._filler.file_content_extension if padded else ""
                directory.contents[name] = File(name, child["content"] + extension)
            else:
                raise DataError(
                    f"{name!r} in GorillaFileSystem is neither a directory nor a file with content."
                )
        if self._padded and not any(isinstance(item, Directory) for item in directory.contents.values()):
            for name in self._filler.populate_file_extension:
                directory.contents.setdefault(name, File(name))

    def _file(self, name: str) -> File | None:
        item = self._current.contents.get(name)
        return item if isinstance(item, File) else None

    def pwd(self) -> Answer:
        """Show the path of the current folder."""
        path = []
        folder: Directory | None = self._current
        while folder is not None:
            path.append(folder.name)
            folder = folder.parent
        return {"current_working_directory": "/" + "/".join(reversed(path))}

    def ls(self, a: bool = False) -> Answer:
        """List the contents of the current folder.

        Args:
            a: Whether to list hidden entries too.
        """
        names = [name for name in self._current.contents if a or not name.startswith(".")]
        return {"current_directory_content": names}

    def cd(self, folder: str) -> Answer:
        """Change to a folder, one level at a time.

        Args:
            folder: Name of a folder here, ".." for the parent, or "/" for the root.
        """
        folder = folder.rstrip("/") or "/"
        if folder == "..":
            if self._current.parent is None:
                return {"error": "Current directory is already the root. Cannot go back."}
            self._current = self._current.parent
            return {}
        if folder != "/" and "/" in folder:
            return {"error": f"cd: {folder}: Unsupported path. Only one folder level at a time is supported."}
        target = self._folder(folder)
        if target is None:
            return {"error": f"cd: '{folder}': No such file or directory"}
        self._current = target
        return {"current_working_directory": target.name}

    def _folder(self, path: str) -> Directory | None:
        """Follow a path from here, or from the root where it starts with "/"; None where it leads nowhere."""
        if path in (".", "/"):
            return self.root if path == "/" else self._current
        folder = self.root if path.startswith("/") else self._current
        for name in path.strip("/").split("/"):
            item = folder if name == "." else folder.contents.get(name)
            if not isinstance(item, Directory):
                return None
            folder = item
        return folder

    def mkdir(self, dir_name: str) -> Answer | None:
        """Create a folder in the current folder.

        Args:
            dir_name: Name of the new folder.
        """
        if _FORBIDDEN.intersection(dir_name):
            return {"error": f"mkdir: cannot create directory '{dir_name}': Invalid character"}
        if dir_name in self._current.contents:
            return {"error": f"mkdir: cannot create directory '{dir_name}': File exists"}
        self._current.contents[dir_name] = Directory(dir_name, self._current)
        return None

    def touch(self, file_name: str) -> Answer | None:
        """Create an empty file in the current folder.

        Args:
            file_name: Name of the new file.
        """
        if _FORBIDDEN.intersection(file_name):
            return {"error": f"touch: cannot touch '{file_name}': Invalid character"}
        if file_name in self._current.contents:
            return {"error": f"touch: cannot touch '{file_name}': File exists"}
        self._current.contents[file_name] = File(file_name)
        return None

    def echo(self, content: str, file_name: str | None = None) -> Answer | None:
        """Write a text into a file of the current folder, or show it.

        Args:
            content: The text.
            file_name: An existing file, whose content is replaced. None: the text is shown.
        """
        if not file_name:
            return {"terminal_output": content}
        if _FORBIDDEN.intersection(file_name):
            return {"error": f"echo: cannot write to '{file_name}': Invalid character"}
        if file_name not in self._current.contents:
            return {"error": f"echo: cannot write to '{file_name}': No such file"}
        file = self._file(file_name)
        if file is None:
            return {"error": f"echo: cannot write to '{file_name}': Is a directory"}
        file.content = content
        return None

    def cat(self, file_name: str) -> Answer:
        """Show a file of the current folder.

        Args:
            file_name: Name of the file.
        """
        if _FORBIDDEN.intersection(file_name):
            return {"error": f"cat: '{file_name}': Invalid character"}
        if file_name not in self._current.contents:
            return {"error": f"cat: '{file_name}': No such file or directory"}
        file = self._file(file_name)
        return (
            {"error": f"cat: '{file_name}': Is a directory"}
            if file is None
            else {"file_content": file.content}
        )

    def find(self, path: str = ".", name: str | None = None) -> Answer:
        """Find files and folders below a folder whose name contains a text.

        Args:
            path: Path of the folder where the search starts.
            name: The text; None: everything.
        """
        start = self._folder(path)
        if start is None:
            return {"error": f"find: '{path}': No such file or directory"}
        matches: list[str] = []

        def search(folder: Directory, base: str) -> None:
            for item_name, item in folder.contents.items():
                if name is None or name in item_name:
                    matches.append(f"{base}/{item_name}")
                if isinstance(item, Directory):
                    search(item, f"{base}/{item_name}")

        search(start, path.rstrip("/"))
        return {"matches": matches}

    def wc(self, file_name: str, mode: str = "l") -> Answer:
        """Count what a file of the current folder holds.

        Args:
            file_name: Name of the file.
            mode: "l" for lines, "w" for words, "c" for characters.
        """
        if mode not in ("l", "w", "c"):
            return {"error": f"wc: invalid mode '{mode}'"}
        file = self._file(file_name)
        if file is None:
            return {"error": f"wc: {file_name}: No such file or directory"}
        if mode == "l":
            return {"count": len(file.content.splitlines()), "type": "lines"}
        if mode == "w":
            return {"count": len(file.content.split()), "type": "words"}
        return {"count": len(file.content), "type": "characters"}

    def sort(self, file_name: str) -> Answer:
        """Show the lines of a file of the current folder in order.

        Args:
            file_name: Name of the file.
        """
        file = self._file(file_name)
        if file is None:
            return {"error": f"sort: {file_name}: No such file or directory"}
        return {"sorted_content": "\n".join(sorted(file.content.splitlines()))}

    def grep(self, file_name: str, pattern: str) -> Answer:
        """Show the lines of a file of the current folder that contain a text.

        Args:
            file_name: Name of the file.
            pattern: The text.
        """
        file = self._file(file_name)
        if file is None:
            return {"error": f"grep: {file_name}: No such file or directory"}
        return {"matching_lines": [line for line in file.content.splitlines() if pattern in line]}

    def du(self, human_readable: bool = False) -> Answer:
        """Tell how many bytes the files below the current folder hold.

        Args:
            human_readable: Whether to give the size in B, KB, MB, ...
        """
        size: float = size_of(self._current)
        if not human_readable:
            return {"disk_usage": f"{size} bytes"}
        for unit in ("B", "KB", "MB", "GB", "TB"):
            if size < 1024:
                return {"disk_usage": f"{size:.2f} {unit}"}
            size /= 1024
        return {"disk_usage": f"{size:.2f} PB"}

    def tail(self, file_name: str, lines: int = 10) -> Answer:
        """Show the last lines of a file of the current folder.

        Args:
            file_name: Name of the file.
            lines: Number of lines.
        """
        file = self._file(file_name)
        if file is None:
            return {"error": f"tail: {file_name}: No such file or directory"}
        content = file.content.splitlines()
        return {"last_lines": "\n".join(content[-min(lines, len(content)) :])}

    def diff(self, file_name1: str, file_name2: str) -> Answer:
        """Compare two files of the current folder line by line.

        Args:
            file_name1: Name of the first file.
            file_name2: Name of the second file.
        """
        first, second = self._file(file_name1), self._file(file_name2)
        if first is None or second is None:
            return {"error": f"diff: {file_name1} or {file_name2}: No such file or directory"}
        pairs = zip(first.content.splitlines(), second.content.splitlines(), strict=False)
        return {"diff_lines": "\n".join(f"- {one}\n+ {two}" for one, two in pairs if one != two)}

    def mv(self, source: str, destination: str) -> Answer:
        """Move or rename a file or folder of the current folder.

        Args:
            source: Its name.
            destination: A folder here to move it into, or its new name. No path.
        """
        item = self._current.contents.get(source)
        refusal = self._refusal("mv", "move", source, destination)
        if item is None or refusal is not None:
            return refusal or {}
        del self._current.contents[source]
        contents = item.contents if isinstance(item, Directory) else None
        return {"result": f"'{source}' moved to '{self._place(item, contents, source, destination)}'"}

    def cp(self, source: str, destination: str) -> Answer:
        """Copy a file or folder of the current folder.

        Args:
            source: Its name.
            destination: A folder here to copy it into, or the name of the copy. No path.
        """
        item = self._current.contents.get(source)
        refusal = self._refusal("cp", "copy", source, destination)
        if item is None or refusal is not None:
            return refusal or {}
        contents = dict(item.contents) if isinstance(item, Directory) else None
        return {"result": f"'{source}' copied to '{self._place(item, contents, source, destination)}'"}

    def _refusal(self, command: str, verb: str, source: str, destination: str) -> Answer | None:
        """Say why a move or copy cannot be; None where it can."""
        blame = f"{command}: cannot {verb} '{source}'"
        item = self._current.contents.get(source)
        if item is None:
            return {"error": f"{blame}: No such file or directory"}
        if "/" in destination:
            start = "no path allowed" if command == "mv" else "don't allow path"
            rest = "in destination. Only file name and folder name is supported for this operation."
            return {"error": f"{command}: {start} {rest}"}
        target = self._current.contents.get(destination)
        if isinstance(target, File):
            return {"error": f"{blame} to '{destination}': Not a directory"}
        if isinstance(target, Directory) and source in target.contents:
            return {"error": f"{blame} to '{destination}/{source}': File exists"}
        if isinstance(item, Directory) and crowded(self.root, item, target):
            return {"error": f"{blame} to '{destination}': Too many levels or entries"}
        return None

    def _place(self, item: Item, contents: dict[str, Item] | None, source: str, destination: str) -> str:
        """Put an item, with these contents if it is a folder, where it belongs; return its path."""
        target = self._current.contents.get(destination)
        folder, name, path = self._current, destination, destination
        if isinstance(target, Directory):
            folder, name, path = target, source, f"{destination}/{source}"
        if isinstance(item, File):
            folder.contents[name] = File(name, item.content)
        else:
            made = Directory(name, folder)
            made.contents = contents or {}
            folder.contents[name] = made
        return path

    def rm(self, file_name: str) -> Answer:
        """Remove a file or folder of the current folder.

        Args:
            file_name: Its name.
        """
        if file_name not in self._current.contents:
            return {"error": f"rm: cannot remove '{file_name}': No such file or directory"}
        del self._current.contents[file_name]
        return {"result": f"'{file_name}' removed"}

    def rmdir(self, dir_name: str) -> Answer:
        """Remove an empty folder of the current folder.

        Args:
            dir_name: Its name.
        """
        item = self._current.contents.get(dir_name)
        if item is None:
            return {"error": f"rmdir: cannot remove '{dir_name}': No such file or directory"}
        if isinstance(item, File):
            return {"error": f"rmdir: cannot remove '{dir_name}': Not a directory"}
        if item.contents:
            return {"error": f"rmdir: failed to remove '{dir_name}': Directory not empty"}
        del self._current.contents[dir_name]
        return {"result": f"'{dir_name}' removed"}
