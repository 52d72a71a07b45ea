"""Pages of messages: read in a process apart, shown, and forgotten."""
