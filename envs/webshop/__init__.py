"""WebShop: shopping in text, and in a real browser."""
