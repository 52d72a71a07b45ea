"""The HTTP client of the agent and the command line: what `outgoing` has checked, as the library takes it."""

import os
from collections.abc import Mapping

import httpx

from npn.outgoing import ConnectionOptions, proxy_for, tls_context


def open_client(
    url: str,
    connecting: ConnectionOptions,
    *,
    timeout: httpx.Timeout,
    headers: Mapping[str, str] | None = None,
    environment: Mapping[str, str] = os.environ,
) -> httpx.Client:
    """Return a client for one address. Raises ConfigurationError naming the setting or variable that is wrong."""
    return httpx.Client(
        base_url=url,
        timeout=timeout,
        headers=dict(headers or {}),
        verify=tls_context(url, connecting, environment) or False,
        proxy=proxy_for(url, connecting, environment),
        trust_env=False,
    )
