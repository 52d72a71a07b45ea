"""Mail: an outbox written in the transaction of what causes the mail, sent in the background; and what comes in."""
