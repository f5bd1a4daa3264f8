"""The frame of all provider sandboxes; see ../README.md."""

from .http import Refused, Request, Response, Route, dumps
from .provider import ControlError, ObjectKind, Provider
from .sandbox import Sandbox, known_providers

__all__ = [
    'ControlError', 'ObjectKind', 'Provider', 'Refused', 'Request', 'Response',
    'Route', 'Sandbox', 'dumps', 'known_providers',
]
