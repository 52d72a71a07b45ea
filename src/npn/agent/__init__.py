"""The agent at the laboratory: a durable local pool of sample numbers that refills itself."""
