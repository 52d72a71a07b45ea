"""The agents' pools: a chain of tokens with each, by which copies and restored pools are found."""
