"""The server: in the foreground for a command, in a thread for a program."""

from __future__ import annotations

import threading

from agentgym.errors import require
from agentgym.listening import listen
from agentgym.registry import full_id, make_env
from agentgym.serving.settings import ServeSettings

__all__ = ["EnvServer"]


class EnvServer:
    """Serves an environment. It listens as soon as it is made; as a context manager it serves in a thread.

    Args:
        settings: What is served.

    Raises:
        UnknownNameError: The id is not registered.
        ArgumentError: The address or port cannot be had, or the environment does not take its options.
        MissingExtraError: FastAPI or uvicorn is not installed.
    """

    def __init__(self, settings: ServeSettings) -> None:
        for module in ("fastapi", "uvicorn"):
            require(module, extra="serve", who="The environment server")
        import uvicorn

        from agentgym.serving.app import make_app

        make_env(full_id(settings.env_id), **settings.env_options).close()  # mistakes are told here
        self.settings = settings
        self._socket = listen(settings.host, settings.port)
        config = uvicorn.Config(
            make_app(settings),
            http="h11",
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_keep_alive=int(settings.idle_s) + 1,
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """The address, without a slash at its end."""
        host, port = self._socket.getsockname()[:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def run(self) -> None:
        """Serve until an interrupt."""
        self._server.run(sockets=[self._socket])

    def __enter__(self) -> EnvServer:
        self._thread = threading.Thread(target=self.run, name="agentgym-serve", daemon=True)
        self._thread.start()
        return self  # whoever calls before it answers waits in the socket's queue

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        if self._thread is not None:
            self._thread.join()
        self._socket.close()
