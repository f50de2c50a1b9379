"""E-mail by SMTP: plain text with an HTML twin, a timeout, and a clear word on what failed."""

from __future__ import annotations

import smtplib
import ssl
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

from markupsafe import Markup, escape

from foundation.errors import N_
from foundation.language import translate
from foundation.notifications.errors import TransportError
from foundation.notifications.service import Outgoing

TIMEOUT = 15
LINK = N_("Xem trên Phiên Chợ")
SIGNATURE = N_("Thư gửi tự động từ Phiên Chợ, xin đừng trả lời.")
# Mail programs know no style sheets of ours, hence the style inside.
PAGE = Markup(
    '<!DOCTYPE html><html lang="{language}"><body style="margin:0;padding:24px;'
    'font:16px/1.5 system-ui,sans-serif;color:#1c211e"><div style="max-width:34em;margin:auto">'
    '<p style="font-weight:700;color:#1d6b45">Phiên Chợ</p><h1 style="font-size:20px">{subject}'
    "</h1>{paragraphs}{link}"
    '<p style="font-size:14px;color:#59625d;border-top:1px solid #dfe4e0;padding-top:12px">'
    "{signature}</p></div></body></html>"
)
BUTTON = Markup(
    '<p><a href="{address}" style="display:inline-block;padding:12px 20px;border-radius:8px;'
    'background:#1d6b45;color:#fff;text-decoration:none">{words}</a></p>'
)


class EmailTransport:
    """Sends through the server of `smtp_url`: smtp(s)://user:password@host:port."""

    def __init__(self, smtp_url: str, mail_from: str, public_url: str) -> None:
        parts = urlsplit(smtp_url)
        self.encrypted = parts.scheme == "smtps"
        self.host = parts.hostname or "localhost"
        self.port = parts.port or (465 if self.encrypted else 587)
        self.user = unquote(parts.username or "")
        self.password = unquote(parts.password or "")
        self.mail_from = mail_from
        self.public_url = public_url

    def send(self, message: Outgoing) -> None:
        """Send one e-mail. Raises TransportError."""
        letter = compose(message, mail_from=self.mail_from, public_url=self.public_url)
        try:
            with self._connected() as server:
                server.send_message(letter)
        except smtplib.SMTPRecipientsRefused as error:
            code = next(iter(error.recipients.values()))[0]
            raise TransportError(f"recipient refused: {code}", permanent=code >= 500) from error
        except smtplib.SMTPDataError as error:
            raise TransportError(
                f"message refused: {error.smtp_code}", permanent=error.smtp_code >= 500
            ) from error
        except smtplib.SMTPNotSupportedError as error:
            raise TransportError("the server cannot carry this", permanent=True) from error
        except smtplib.SMTPResponseException as error:
            # Greeting, sign-in or sender refused: our settings, which an operator can put right.
            raise TransportError(f"server refused: {error.smtp_code}", permanent=False) from error
        except (OSError, smtplib.SMTPException) as error:
            raise TransportError(type(error).__name__, permanent=False) from error

    def _connected(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self.encrypted:
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, timeout=TIMEOUT, context=context
            )
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT)
        try:
            self._introduce(server, context)
        except BaseException:
            server.close()
            raise
        return server

    def _introduce(self, server: smtplib.SMTP, context: ssl.SSLContext) -> None:
        server.ehlo()
        if not self.encrypted and server.has_extn("starttls"):
            server.starttls(context=context)
            server.ehlo()
        elif not self.encrypted and self.user and self.host not in ("localhost", "127.0.0.1"):
            raise TransportError("the server offers no encryption", permanent=False)
        if self.user:
            server.login(self.user, self.password)


def compose(message: Outgoing, *, mail_from: str, public_url: str) -> EmailMessage:
    """Return the letter: text for every program, HTML for those that show it."""
    letter = EmailMessage()
    letter["Subject"] = " ".join(message.subject.split())
    letter["From"] = mail_from
    letter["To"] = message.recipient
    letter["Date"] = format_datetime(datetime.now(UTC))
    # Ours and constant, so that a letter sent again after a crash is known as the same one.
    letter["Message-ID"] = f"<{message.public_id}@{urlsplit(public_url).hostname}>"
    letter["Auto-Submitted"] = "auto-generated"
    signature = translate(SIGNATURE, message.language, {})
    address = f"{public_url}{message.url}" if message.url else ""
    parts = [message.body, address, f"-- \n{signature}"]
    letter.set_content("\n\n".join(part for part in parts if part) + "\n")
    letter.add_alternative(_page(message, address, signature), subtype="html")
    return letter


def _page(message: Outgoing, address: str, signature: str) -> str:
    words = translate(LINK, message.language, {})
    paragraphs = Markup("").join(
        Markup("<p>{}</p>").format(Markup("<br>").join(map(escape, block.splitlines())))
        for block in message.body.split("\n\n")
    )
    return PAGE.format(
        language=message.language,
        subject=message.subject,
        paragraphs=paragraphs,
        link=BUTTON.format(address=address, words=words) if address else "",
        signature=signature,
    )
