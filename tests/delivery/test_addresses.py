"""Who may get a mail: what is an address, and in which domains."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finops.delivery.addresses import checked_address, checked_recipients, may_receive
from finops.model.errors import InputError


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("Ann.Smith+costs@Example.COM", "Ann.Smith+costs@example.com"),
        (" ann@example.com ", "ann@example.com"),
        ("ann@bücher.example", "ann@xn--bcher-kva.example"),
        ("o'hara@mail.example.co.uk", "o'hara@mail.example.co.uk"),
        (f"{'a' * 64}@example.com", f"{'a' * 64}@example.com"),
    ],
)
def test_an_address_is_taken_with_its_domain_in_lower_case_ascii(text, address):
    assert checked_address(text) == address


@pytest.mark.parametrize(
    "text",
    [
        *("", "ann", "@example.com", "ann@", "ann@localhost", "ann@example", "a@@example.com", "ann@.com"),
        *("ann@example..com", "ann@example.com.", "ann@-x.com", "ann@x-.com", "ann@ex_ample.com", "ann@127.0.0.1"),
        *("ann@[127.0.0.1]", ".ann@example.com", "a..b@example.com", '"ann b"@example.com', "ann b@example.com"),
        *("Ann <ann@example.com>", "ann@example.com,bob@example.com", "ann@example.com;bob@example.com"),
        *("ann@example.com\n", "ann@example.com\r\nBcc: all@example.com", "ann\0@example.com"),
        *("änn@example.com", "ann@straße.de", f"a@{'.'.join(['b' * 60] * 5)}.com"),
        *(f"{'a' * 65}@example.com", f"a@{'b' * 64}.com"),
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused_by_name_on_one_line(text):
    with pytest.raises(InputError) as caught:
        checked_recipients(["good@example.com", text], ["*"])
    assert caught.value.field == "recipients"
    assert "not an e-mail address" in caught.value.message
    assert caught.value.message.isprintable()
    assert text[:5].rstrip("\r\n\0") in caught.value.message.replace("\ufffd", "\0")


@given(st.text(max_size=100))
def test_whatever_is_taken_has_one_at_sign_and_nothing_a_header_could_break_on(text):
    try:
        address = checked_address(text)
    except InputError:
        return
    assert address.count("@") == 1
    assert address.isascii()
    assert not set(address) & set(' \t\r\n\0<>,;:"\\')
    assert checked_address(address) == address


@pytest.mark.parametrize(
    ("allowed", "address", "may"),
    [
        ("example.com", "ann@example.com", True),
        ("example.com", "ann@mail.example.com", False),
        ("example.com", "ann@badexample.com", False),
        ("*.example.com", "ann@mail.example.com", True),
        ("*.example.com", "ann@example.com", False),
        ("*.example.com", "ann@badexample.com", False),
        ("*", "ann@anywhere.example", True),
        ("example.com", "example.com@evil.example", False),
    ],
)
def test_a_domain_covers_its_subdomains_only_when_asked(allowed, address, may):
    assert may_receive(address, (allowed,)) is may


def test_one_recipient_outside_the_domains_refuses_all_and_is_named():
    with pytest.raises(InputError, match=r"bob@evil\.example is outside .*\(example\.com\)"):
        checked_recipients(["ann@example.com", "bob@evil.example"], ("Example.com",))


def test_no_domain_at_all_lets_nothing_out_and_says_why():
    with pytest.raises(InputError, match="FINOPS_EMAIL_FROM names no sender"):
        checked_recipients(["ann@example.com"], ())


def test_each_recipient_is_kept_once_as_first_written():
    found = checked_recipients(["Ann@example.com", "bob@example.com", "ann@EXAMPLE.com"], ("example.com",))
    assert found == ("Ann@example.com", "bob@example.com")


def test_there_is_somebody_and_not_everybody():
    with pytest.raises(InputError, match="at least one"):
        checked_recipients([], ("*",))
    with pytest.raises(InputError, match="at most 50"):
        checked_recipients([f"a{number}@example.com" for number in range(51)], ("*",))
