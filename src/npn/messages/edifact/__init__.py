"""The EDIFACT syntax: bytes to segments, segments to messages and groups, and back to bytes."""
