"""Mail that was made to do harm is read like any other: bounded, without markup, never believed."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from npn.errors import InvalidInputError
from npn.mail.incoming import LARGEST, LONGEST_TEXT, read
from npn.mail.model import Thread

MARK = "NPN-42-abcdefghjk"


def mail(body: str = "Hej", **headers: str) -> bytes:
    given_headers = {"From": "Anna <anna@region.dk>", "Subject": "Hjælp", "Message-ID": "<1@region.dk>", **headers}
    head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in given_headers.items())
    return f"{head}\r\n{body}".encode()


def multipart(*parts: str, kind: str = "mixed") -> bytes:
    body = "".join(f"--x\r\n{part}\r\n" for part in parts) + "--x--\r\n"
    return mail(body, Content_Type=f'multipart/{kind}; boundary="x"')


def test_a_plain_mail_is_read() -> None:
    found = read(mail("Kære NPN\r\n\r\nVi kan ikke trække.\r\n"))
    assert (found.sender, found.sender_name, found.subject) == ("anna@region.dk", "Anna", "Hjælp")
    assert found.text == "Kære NPN\n\nVi kan ikke trække."
    assert (found.message_id, found.thread, found.automatic, found.cut) == ("<1@region.dk>", None, False, False)


@pytest.mark.parametrize(
    "headers",
    [
        {"Subject": f"Re: [{MARK}] Hjælp"},
        {"Subject": f"SV: [{MARK.lower()}]"},
        {"Subject": "=?utf-8?q?Sv=3A_=5BNPN-42-abcdefghjk=5D_=C3=A6?="},
        {"To": f"npn+{MARK}@example.dk"},
        {"Delivered_To": f"npn+{MARK}@example.dk"},
        {"In_Reply_To": f"<{MARK}.0a1b@example.dk>"},
        {"References": f"<other@x.dk>\r\n <{MARK}.0a1b@example.dk>"},
    ],
)
def test_the_mark_is_found_wherever_an_answer_carries_it(headers: dict[str, str]) -> None:
    assert read(mail(**headers)).thread == Thread(42, "abcdefghjk")


@pytest.mark.parametrize("subject", ["NPN-42", "NPN-42-abc", f"{MARK}x", "NPN-0-abcdefghjk", "NPN-42-abcdefghj1"])
def test_what_only_looks_like_a_mark_is_none(subject: str) -> None:
    assert read(mail(Subject=subject)).thread is None


def test_the_plain_part_is_taken_and_what_is_attached_is_named_not_kept() -> None:
    found = read(
        multipart(
            "Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nBl=E5",
            "Content-Type: text/html\r\n\r\n<p>Other</p>",
            'Content-Type: application/x-msdownload\r\nContent-Disposition: attachment; filename="../../virus.exe"\r\n'
            "Content-Transfer-Encoding: base64\r\n\r\nTVqQAAMAAAA=",
        )
    )
    assert found.text == "Blå\n\nOther"
    assert [(a.name, a.kind, a.size) for a in found.attachments] == [("../../virus.exe", "application/x-msdownload", 8)]


def test_every_text_that_a_reader_sees_is_kept_in_its_order() -> None:
    found = read(
        multipart(
            "Content-Type: text/plain\r\n\r\nHere is the error:",
            "Content-Type: image/png\r\nContent-Disposition: inline; filename=screen.png\r\n\r\nPNG",
            "Content-Type: text/plain\r\n\r\nIt happened twice today, production is stopped.",
            "Content-Type: text/html\r\n\r\n<p>Kind <b>regards</b></p>",
        )
    )
    assert found.text == "Here is the error:\n\nIt happened twice today, production is stopped.\n\nKind regards"
    assert [(a.name, a.kind) for a in found.attachments] == [("screen.png", "image/png")]
    assert not found.cut


def test_of_alternatives_the_plain_one_is_kept_and_the_page_where_that_says_nothing() -> None:
    page = "Content-Type: text/html\r\n\r\n<p>From the <i>page</i></p>"
    assert read(multipart("Content-Type: text/plain\r\n\r\nPlain", page, kind="alternative")).text == "Plain"
    assert read(multipart("Content-Type: text/plain\r\n\r\n  ", page, kind="alternative")).text == "From the page"


def test_a_mail_that_was_forwarded_whole_is_named_and_what_it_says_is_kept() -> None:
    inner = "From: bo@region.dk\r\nSubject: =?utf-8?q?Fejl_p=C3=A5_42?=\r\nContent-Type: text/plain\r\n\r\nIngen numre."
    found = read(
        multipart("Content-Type: text/plain\r\n\r\nSe venligst:", f"Content-Type: message/rfc822\r\n\r\n{inner}")
    )
    assert found.text == "Se venligst:\n\n[Videresendt / Forwarded: Fejl på 42]\n\nIngen numre."
    assert [(a.name, a.kind) for a in found.attachments] == [("Fejl på 42.eml", "message/rfc822")]


@pytest.mark.parametrize("charset", ["", "; charset=us-ascii", "; charset=cp-850", "; charset=utf-8", "; charset=x"])
@pytest.mark.parametrize("encoding", ["latin-1", "utf-8"])
def test_danish_is_read_whatever_the_mail_says_of_its_letters(charset: str, encoding: str) -> None:
    head = f"From: a@b.dk\r\nContent-Type: text/plain{charset}\r\n\r\n".encode()
    assert read(head + "Rød grød på Ærø".encode(encoding)).text == "Rød grød på Ærø"


@pytest.mark.parametrize("before", [b"\n", b"\r\n\r\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\r\n", b"\nFrom x\n"])
def test_what_stands_before_the_first_header_is_passed_over(before: bytes) -> None:
    found = read(before + mail("Hej"))
    assert (found.sender, found.text) == ("anna@region.dk", "Hej")


def test_of_a_page_only_its_words_are_left() -> None:
    page = (
        "<html><head><title>x</title><style>p{}</style></head><p>Hej <b>du</b><script>alert(1)</script><p>&lt;slut&gt;"
    )
    found = read(mail(page, Content_Type="text/html; charset=utf-8"))
    assert found.text == "Hej du\n<slut>"


def test_what_a_page_would_obey_is_taken_out() -> None:
    found = read(mail("a\x00b\x1b[31mc\u202egnp.exe\u2066 \x85d\ud7ff\n\n\n\n\n\n\nslut"))
    assert found.text == "ab[31mcgnp.exe d\ud7ff\n\n\nslut"


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Precedence": "bulk"},
        {"Return_Path": "<>"},
        {"List_Id": "<list.example.dk>"},
        {"Content_Type": "multipart/report; report-type=delivery-status; boundary=x"},
    ],
)
def test_a_machines_mail_is_known_as_one(headers: dict[str, str]) -> None:
    assert read(mail(**headers)).automatic
    assert not read(mail(Auto_Submitted="no")).automatic


@pytest.mark.parametrize(
    ("sender", "expected"),
    [
        ("", ""),
        ("nobody", ""),
        ("a@b.dk\r\n\tinjected: x", ""),
        ("=?utf-8?b?w4ZibGU=?= <a@b.dk>", "a@b.dk"),
        ('"a@b.dk" <evil@x.dk>', "evil@x.dk"),
        ("<" * 5000 + "a@b.dk", ""),
    ],
)
def test_the_sender_is_an_address_or_nobody(sender: str, expected: str) -> None:
    found = read(mail(From=sender))
    assert found.sender == expected
    assert "\n" not in found.sender_name


def test_a_mail_that_is_too_large_is_refused_before_it_is_read() -> None:
    with pytest.raises(InvalidInputError) as caught:
        read(mail("x" * LARGEST))
    assert caught.value.code == "mail_too_large"


@pytest.mark.parametrize("raw", [b"", b"\n", b"\x00\xff\xfe", b"no header at all", b"\r\n\r\nbody"])
def test_what_is_no_mail_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidInputError) as caught:
        read(raw)
    assert caught.value.code == "not_a_mail"


def nested(depth: int) -> bytes:
    head = b"From: a@b.dk\nSubject: s\n"
    return head + b"".join(
        b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (level, level) for level in range(depth)
    )


HOSTILE = {
    "a thousand parts in one another": nested(1000),
    "ninety parts in one another": nested(90) + b"\n\nx\n" * 20_000,
    "messages in messages": b"From: a@b.dk\n" + b"Content-Type: message/rfc822\n\n" * 90,
    "a header of megabytes": b"From: a@b.dk\nSubject: " + b"x" * 4_000_000 + b"\n\nbody",
    "a hundred thousand headers": b"From: a@b.dk\n" + b"X: y\n" * 100_000 + b"\nbody",
    "encoded words without end": b"From: a@b.dk\nSubject: " + b"=?utf-8?q?=41?= " * 100_000 + b"\n\nx",
    "an unknown charset": mail("x", Content_Type="text/plain; charset=klingon"),
    "a charset that is none": mail("x", Content_Type='text/plain; charset="\x00"'),
    "a codec that is no charset": mail("x", Content_Type="text/plain; charset=rot13"),
    "an unknown encoding": mail("x", Content_Transfer_Encoding="x-none", Content_Type="text/plain"),
    "broken base64": mail("=====\n%%%", Content_Transfer_Encoding="base64", Content_Type="text/plain"),
    "a multipart without its boundary": mail("x", Content_Type="multipart/mixed"),
    "an empty boundary": mail("--\n--\n--\n", Content_Type='multipart/mixed; boundary=""'),
    "a broken encoded word": mail(Subject="=?utf-8?b?////=?=", From="=?x?q?y?= <a@b.dk>"),
    "a filename of tricks": multipart(
        "Content-Type: text/plain\nContent-Disposition: attachment; filename*0*=klingon''%ff; filename*1=x\n\nx"
    ),
    "parameters without end": mail("x", Content_Type="text/plain" + ";a" * 2_000_000),
    "parameters of a part without end": multipart("Content-Type: text/plain" + ";a" * 2_000_000 + "\r\n\r\nx"),
    "folded parameters without end": multipart("Content-Disposition: a" + ";a\r\n " * 90_000 + "\r\n\r\nx"),
    "markup without end": mail("<a " * 1_000_000, Content_Type="text/html"),
    "scripts without end": mail("<script>" * 500_000, Content_Type="text/html"),
    "comments without end": mail("<!--" * 500_000, Content_Type="text/html"),
    "line ends of every kind": mail("\r" * 150_000 + "x"),
    "parentheses without end": mail(From="(" * 1900 + "a@b.dk"),
    "lone halves of characters": b"From: a@b.dk\nSubject: \xed\xa0\x80\n"
    b"Content-Type: text/plain; charset=utf-16\n\n\x00\xd8",
}


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_mail_is_read_in_bounded_time_and_size(raw: bytes) -> None:
    began = time.process_time()
    found = read(raw)
    assert time.process_time() - began < 20
    assert len(found.text) <= LONGEST_TEXT
    assert len(found.attachments) <= 20
    for shown in (found.subject, found.sender_name, found.message_id):
        assert shown.isprintable()
        shown.encode("utf-8")
    found.text.encode("utf-8")


@given(st.binary(max_size=2000), st.sampled_from(["text/plain", "text/html", 'multipart/mixed; boundary="x"']))
@settings(max_examples=300)
def test_any_bytes_are_read_or_refused_by_name(body: bytes, kind: str) -> None:
    for raw in (body, f"From: a@b.dk\nContent-Type: {kind}\n\n".encode() + body, b"Subject: " + body):
        try:
            read(raw).text.encode("utf-8")
        except InvalidInputError as refused:
            code = refused.code
            assert code == "not_a_mail"
