"""The JDK's HttpClient with its defaults, against REST and SOAP, over HTTP and over TLS."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "soap"))  # so that this shares `messages`

from messages import Message, password_card  # found on the path set above
from talking import Counter

PROGRAM = Path(__file__).with_name("JdkClient.java")


def test_the_jdk_s_client_draws_with_its_defaults(counter: Counter, tmp_path: Path) -> None:
    java = shutil.which("java")
    if java is None or shutil.which("javac") is None:
        pytest.skip("java is not installed (Debian: apt-get install default-jdk-headless)")
    envelope = tmp_path / "envelope.xml"
    secret = counter.key.removeprefix("npn_labka_")
    envelope.write_bytes(Message(credentials=password_card("labka", secret)).bytes())
    more = [] if counter.ca is None else [str(counter.ca)]
    command = [java, str(PROGRAM), counter.house.server.url, counter.key, str(envelope), *more]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout.splitlines() == [
        "first 200",
        "drawn 201",
        "soap 200",
        "repeated 200",
        "soap again 200",
        "listed 200",
        "refused 401",
        "chunked 201",
    ], done.stderr
