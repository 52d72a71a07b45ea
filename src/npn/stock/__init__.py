"""What systems say of their stock, and how long it lasts."""
