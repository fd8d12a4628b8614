"""Converter processes: where documents of strangers are opened. One that breaks costs a job an answer, no more."""

from gateway.documents.converter.confinement import missing_confinements
from gateway.documents.converter.pool import Converters, look_at_once
from gateway.documents.converter.worker import Start, Unavailable

__all__ = ["Converters", "Start", "Unavailable", "look_at_once", "missing_confinements"]
