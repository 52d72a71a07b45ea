"""The process that serves: uvicorn with limits of our own on connections, and what it looks after while it runs."""
