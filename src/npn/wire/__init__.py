"""The REST documents, shared by the service and its clients."""
