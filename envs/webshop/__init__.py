"""WebShop: shopping in text, and in a real browser."""

from __future__ import annotations

from agentgym.cli.commands import register_command
from agentgym.registry import register_env

register_env("WebShop-v0", "envs.webshop.env:WebShopEnv")
register_env("WebShopBrowser-v0", "envs.webshop.browser.env:WebShopBrowserEnv")
register_command("webshop", "envs.webshop.commands:app")
