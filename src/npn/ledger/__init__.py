"""The append-only ledger, its witness, receipts and offline proof."""
