"""Any MCP server as an environment, and our services as MCP servers."""
