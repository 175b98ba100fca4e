"""How a message leaves the bank.

In the demo nothing leaves this machine: every message goes to the demo phone, an SMS through the real client and the
rail simulator where `rundemo` has started one.
"""

import smtplib

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.message import BadHeaderError

from wekeza_portal import clock
from wekeza_portal.notifications.models import Channel, DemoMessage
from wekeza_portal.rails import sms


class Refused(Exception):
    """The provider will never deliver this message; the text says why, without address or body."""


class TryAgain(Exception):
    """It did not work, or nobody knows whether it did; later it may."""


def send(*, channel: str, to: str, subject: str, body: str) -> str:
    """Hand one message to its provider and return the provider's id, "" where it gives none.

    Raises `Refused` or `TryAgain`; returning means accepted.
    """
    message_id = ""
    if channel == Channel.SMS and (settings.RAILSIM_URL or not settings.DEMO):
        message_id = _by_sms(to, body)
    elif not settings.DEMO:
        _by_email(to, subject, body)
    if settings.DEMO:
        _to_demo_phone(channel=channel, to=to, subject=subject if channel == Channel.EMAIL else "", body=body)
    return message_id


def _to_demo_phone(*, channel: str, to: str, subject: str, body: str) -> None:
    DemoMessage.objects.create(to=to, channel=channel, subject=subject, body=body, sent_at=clock.now())


def _by_sms(to: str, body: str) -> str:
    answer = sms.send(to, body)
    if answer.outcome is sms.Outcome.REFUSED:
        raise Refused(answer.reason)
    if answer.outcome is sms.Outcome.RETRY:
        raise TryAgain(answer.reason)
    return answer.message_id


def _by_email(to: str, subject: str, body: str) -> None:
    try:
        EmailMessage(subject=subject, body=body, to=[to]).send()
    except BadHeaderError as error:
        raise Refused("line break in subject or address") from error
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _text in error.recipients.values()]
        if codes and all(code >= 500 for code in codes):
            raise Refused(f"mail address refused: {codes[0]}") from error
        raise TryAgain(f"mail address refused for now: {codes}") from error
    except (smtplib.SMTPException, OSError) as error:
        raise TryAgain(f"mail server: {type(error).__name__}") from error
