"""The laboratory messages: read, check, convert, show."""
