"""Pages of `npn.tasks`."""
