"""Chromium for the families that need a browser."""
