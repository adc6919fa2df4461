"""MiniWoB: small web pages in Chromium."""
