"""The handlers, by noun: each parses, calls one service, renders."""
