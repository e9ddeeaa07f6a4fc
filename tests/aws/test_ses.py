"""Mails through SES: at botocore's wire, at moto's SES, and what each of AWS's errors means for a mail."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from botocore import exceptions
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends

from finops.aws.calls import Calls
from finops.aws.permissions import permitted
from finops.aws.ses import MOST_BYTES, Ses
from finops.model.delivery import MailError
from finops.model.metering import Caller
from tests.aws.standins import Refusal, StandIn
from tests.aws.wire import NOW, PocketMeter, Reply, Wire, sessions

CALLER = Caller("acme", "mail")
MAIL = b"From: Costs <costs@example.com>\r\nTo: ann@example.com\r\nSubject: x\r\n\r\nHello\r\n"
WHO = {"sender": "Costs <costs@example.com>", "recipient": "ann@example.com", "delivery_id": "d1"}
SENT = Reply({"MessageId": "0100018b-id"})
URL = "https://email.eu-central-1.amazonaws.com/v2/email/outbound-emails"


def at_the_wire(*replies: Reply | Exception, **settings: str) -> tuple[Ses, Wire, PocketMeter]:
    wire, meter = Wire(list(replies)), PocketMeter()
    calls = Calls(sessions(wire.hook), meter, now=lambda: NOW)
    return Ses(calls, CALLER, **{"region": "eu-central-1", **settings}), wire, meter


def refused(reply: Reply | Exception | Refusal) -> MailError:
    ses = Ses(StandIn(lambda *_: reply).calls(), CALLER) if isinstance(reply, Refusal) else at_the_wire(reply)[0]
    with pytest.raises(MailError) as caught:
        ses.send(MAIL, **WHO)
    return caught.value


def test_a_mail_goes_out_raw_in_the_chosen_region_and_with_its_configuration_set():
    ses, wire, meter = at_the_wire(SENT, configuration_set="finops")
    assert ses.send(MAIL, **WHO).message_id == "0100018b-id"
    assert wire.urls == [URL]
    assert wire.requests == [
        {
            "FromEmailAddress": "costs@example.com",
            "Destination": {"ToAddresses": ["ann@example.com"]},
            "Content": {"Raw": {"Data": base64.b64encode(MAIL).decode()}},
            "EmailTags": [{"Name": "delivery", "Value": "d1"}],
            "ConfigurationSetName": "finops",
        }
    ]
    assert [(record.operation, record.outcome, record.price) for record in meter.records] == [("SendEmail", "ok", 0)]


def test_a_mail_arrives_at_a_ses_that_checks_the_sender(monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    with mock_aws():
        calls = Calls(sessions(), PocketMeter(), now=lambda: NOW)
        ses = Ses(calls, CALLER, region="eu-west-1")
        backend = ses_backends[DEFAULT_ACCOUNT_ID]["eu-west-1"]
        with pytest.raises(MailError) as caught:
            ses.send(MAIL, **WHO)
        assert (caught.value.kind, caught.value.code) == (MailError.NEVER, "MessageRejected")
        backend.verify_email_identity("costs@example.com")
        receipt = ses.send(MAIL, **WHO)
        (message,) = backend.sent_messages
        assert message.id == receipt.message_id
        assert message.source == "costs@example.com"
        assert set(message.destinations) == {"ann@example.com"}


LOST = (
    exceptions.ReadTimeoutError(endpoint_url=URL),
    exceptions.ConnectionClosedError(endpoint_url=URL),
    exceptions.HTTPClientError(error=OSError("reset")),
)


@pytest.mark.parametrize("lost", LOST, ids=lambda error: type(error).__name__)
def test_a_mail_whose_answer_was_lost_is_not_sent_again_and_nobody_knows(lost):
    ses, wire, _ = at_the_wire(lost, SENT)
    with pytest.raises(MailError) as caught:
        ses.send(MAIL, **WHO)
    assert caught.value.kind == MailError.UNKNOWN
    assert len(wire.requests) == 1


@pytest.mark.parametrize("status", [500, 502, 504])
def test_a_fault_of_awss_own_leaves_it_open_and_is_not_tried_again(status):
    ses, wire, _ = at_the_wire(Reply({"__type": "InternalServiceErrorException", "message": "no"}, status), SENT)
    with pytest.raises(MailError) as caught:
        ses.send(MAIL, **WHO)
    assert caught.value.kind == MailError.UNKNOWN
    assert len(wire.requests) == 1


def test_an_answer_without_an_id_leaves_it_open():
    assert refused(Reply({})).kind == MailError.UNKNOWN


def test_what_never_left_is_tried_again_by_botocore_and_then_later():
    never = exceptions.EndpointConnectionError(endpoint_url=URL)
    ses, wire, _ = at_the_wire(never, SENT)
    assert ses.send(MAIL, **WHO).message_id == "0100018b-id"
    assert len(wire.requests) == 2
    assert refused(never).kind == MailError.LATER


@pytest.mark.parametrize(
    ("code", "message", "kind", "told"),
    [
        ("TooManyRequestsException", "Maximum sending rate exceeded.", MailError.LATER, "takes no more mails"),
        ("TooManyRequestsException", "Daily message quota exceeded.", MailError.LATER, "Daily message quota"),
        ("LimitExceededException", "quota", MailError.LATER, "quota of SES is used up"),
        ("SendingPausedException", "paused", MailError.LATER, "paused"),
        ("AccountSuspendedException", "suspended", MailError.NEVER, "for good"),
        ("MessageRejected", "Email address is not verified.", MailError.NEVER, "not verified"),
        ("MailFromDomainNotVerifiedException", "no", MailError.NEVER, "not verified"),
        ("NotFoundException", "Configuration set <x> does not exist.", MailError.NEVER, "<x> does not exist"),
        ("BadRequestException", "Missing final '@domain'", MailError.NEVER, "did not accept"),
        ("ServiceUnavailable", "busy", MailError.LATER, "could not be reached"),
        ("ExpiredTokenException", "expired", MailError.LATER, "no valid AWS credentials"),
        ("SomethingNew", "hm", MailError.NEVER, "hm"),
    ],
)
def test_each_error_says_whether_the_mail_may_go_later_and_why_it_did_not(code, message, kind, told):
    error = refused(Refusal(code, message, 503 if code == "ServiceUnavailable" else 400))
    assert (error.kind, error.code) == (kind, code)
    assert told in str(error)


def test_a_denied_mail_names_the_permission_that_a_raw_one_needs():
    told = "User `arn:aws:iam::1:user/x' is not authorized to perform `ses:SendRawEmail' on resource `arn'"
    error = refused(Refusal("AccessDeniedException", told, 403))
    assert error.kind == MailError.NEVER
    assert "ses:SendRawEmail" in str(error)


def test_a_mail_too_large_for_ses_is_not_even_sent():
    ses, wire, _ = at_the_wire(SENT)
    with pytest.raises(MailError, match="40,000,001 bytes") as caught:
        ses.send(b"x" * (MOST_BYTES + 1), **WHO)
    assert caught.value.kind == MailError.NEVER
    assert not wire.requests


def account(**answer: Any) -> Ses:
    usual = {"SendingEnabled": True, "ProductionAccessEnabled": True, "EnforcementStatus": "HEALTHY"}
    quota = {"Max24HourSend": 50_000.0, "MaxSendRate": 14.0, "SentLast24Hours": 1_204.0}
    return Ses(StandIn(lambda *_: {**usual, "SendQuota": quota, **answer}).calls(), CALLER)


def test_the_check_tells_quota_sandbox_and_pause_and_sends_nothing():
    assert account().check() == "SES sends, 1,204 of 50,000 mails in 24 hours"
    assert account(ProductionAccessEnabled=False).check().endswith("in the sandbox: only to verified addresses")
    with pytest.raises(MailError, match=r"paused sending.*SHUTDOWN"):
        account(SendingEnabled=False, EnforcementStatus="SHUTDOWN").check()
    with pytest.raises(MailError, match="ses:GetAccount"):
        Ses(StandIn(lambda *_: Refusal("AccessDeniedException", "no", 403)).calls(), CALLER).check()


def test_ses_cannot_tell_what_became_of_a_mail_and_nothing_else_of_it_may_be_called():
    assert account().delivered("d1") is None
    assert {name for service, name in permitted() if service == "sesv2"} == {"SendEmail", "GetAccount"}
