"""The append-only ledger, its witness and its receipts."""
