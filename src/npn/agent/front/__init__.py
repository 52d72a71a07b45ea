"""What programs at the laboratory call: the daemon and its local interface."""
