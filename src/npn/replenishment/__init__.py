"""When a laboratory draws and how much: its use, its stock policy, and both run through time."""
