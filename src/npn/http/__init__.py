"""HTTP below REST, SOAP and the pages: bodies, answers, who calls, threads, figures, logs, proxies and TLS."""
