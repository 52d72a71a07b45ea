"""The people behind the pages: accounts, how they sign in, and what two of them must agree on."""
