"""Connections of callers: how many there may be, which go first when they are too many, and HTTP/1.1 on each."""
