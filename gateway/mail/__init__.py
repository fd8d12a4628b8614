"""A mail's bytes become its content: header facts, body, attachments. Pure, and never an exception for any input."""

from gateway.mail.content import parse_mail
from gateway.mail.model import Body, Mail, Mailbox, MailLimits, Part, Problem

__all__ = ["Body", "Mail", "MailLimits", "Mailbox", "Part", "Problem", "parse_mail"]
