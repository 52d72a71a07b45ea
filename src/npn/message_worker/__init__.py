"""The process apart that reads messages for others: it knows pipes, messages and pages of them, and no server."""
