"""A secret's digest is the same as it ever was, and every text that a caller can send has one."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from npn.tokens import digest_of


@given(st.text(st.characters(max_codepoint=127)))
def test_a_digest_is_the_one_that_databases_hold_already(token: str) -> None:
    for encoded in (token.encode("ascii"), token.encode("utf-8", "replace")):
        assert digest_of(token) == hashlib.sha256(encoded).hexdigest()


@pytest.mark.parametrize("token", ["Ærø", "\udcff", "\ud800\udc00", "a\x00b", ""])
def test_a_token_that_nobody_was_given_has_a_digest_that_matches_none(token: str) -> None:
    assert len(digest_of(token)) == 64
    assert digest_of(token) != digest_of(token.encode("ascii", "replace").decode() + "x")


@given(st.text(st.characters(exclude_categories=())), st.text(st.characters(exclude_categories=())))
def test_two_tokens_have_two_digests(one: str, other: str) -> None:
    assert (digest_of(one) == digest_of(other)) == (one == other)
