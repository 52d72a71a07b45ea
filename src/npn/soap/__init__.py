"""The legacy web service: three operations in SOAP with DGWS headers, a thin front over the same registry as REST.

`reading` makes a tree of bytes, `envelope` and `header` take it apart, `idcard`, `signature` and `security` find out
who calls, `operations` reads the body, `answers` writes, `faults` is the one table of errors, `endpoint` puts them
together. The names inside the body are in one file, `mapping.toml`.
"""
