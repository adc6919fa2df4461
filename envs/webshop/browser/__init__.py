"""WebShop in a real browser."""
