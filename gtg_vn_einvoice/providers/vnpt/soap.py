"""SOAP by zeep over our own transport: the WSDL is the customer's, kept as text, and
nothing that it names is ever fetched."""

import functools
import io
from dataclasses import dataclass

from zeep import Client, Settings
from zeep.exceptions import Fault
from zeep.wsdl import Document
from zeep.wsdl.utils import etree_to_string

from odoo.addons.gtg_connector_base.lib.errors import (
    ConnectorError,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Retryable,
)

from . import const

_ = str  # marks texts for the translators; they are translated when shown
# texts of more than 10 MB (PDF) need the huge tree; `_harmless` sees to the rest
SETTINGS = Settings(
    strict=True, forbid_dtd=True, forbid_entities=True, forbid_external=True,
    xml_huge_tree=True)


class Unreadable(ValueError):
    """No XML that may be opened safely."""


def operations(wsdl, service):
    """Names of the operations that a WSDL offers for a service.

    :param bytes wsdl: as the server gave it
    :raise Rejected: it is none, or not of this service
    """
    return frozenset(_binding(_document(wsdl), service).all())


def parameters(wsdl, service, operation):
    """Names of the parameters of an operation in this customer's build.

    :return: frozenset, empty if it is not offered
    """
    found = _binding(_document(wsdl), service).all().get(operation)
    return frozenset(
        name for name, _element in found.input.body.type.elements) if found else (
        frozenset())


def call(wire, service, wsdl, operation, arguments, safe):
    """One call; its result as text, '' where the result is absent (README 1).

    :param Transport wire: the customer's host
    :param bytes wsdl: description of the service
    :param dict arguments: by the names of the WSDL
    :raise Retryable: ``safe`` and no readable answer
    :raise OutcomeUnknown: not ``safe`` and no readable answer, or a SOAP fault
    :raise Rejected: this server does not offer the call; nothing was sent
    """
    document = _document(wsdl)
    binding = _binding(document, service)
    if operation not in binding.all():
        raise Rejected(
            _('The service of VNPT does not offer this call.'), code='no_operation',
            hint=_('Ask VNPT for the present version of the service.'))
    post = Post(wire, f'/{service}.asmx', safe)
    client = Client(document, transport=post, settings=SETTINGS)
    trouble = Retryable if safe else OutcomeUnknown
    try:
        result = client.create_service(binding.name, f'/{service}.asmx')[operation](
            **arguments)
    except ConnectorError:
        raise
    except Fault as fault:
        # README 1: a crash or a bad envelope; whether before or after storing?
        raise trouble(fault.message or _('VNPT gave no readable answer'),
                      code='fault') from fault
    except Exception as error:
        if not post.sent:
            raise Rejected(
                _('The call does not fit the service of VNPT.'), code='signature',
                hint=str(error)) from error
        raise trouble(_('VNPT gave no readable answer'), code='unreadable') from error
    return '' if result is None else str(result).strip()


@dataclass
class Post:
    """What zeep takes for its transport: one POST to one path, no fetching."""

    wire: object
    path: str
    safe: bool
    sent: bool = False

    def load(self, url):
        raise Unreadable(f'outside reference: {url}')

    def post_xml(self, address, envelope, headers):
        self.sent = True
        answer = self.wire.send('POST', self.path, data=etree_to_string(envelope),
                                headers=headers, safe=self.safe)
        if answer.status == 429:
            raise RateLimited(_('VNPT asks for fewer calls'), code='429', after=30)
        return Response(answer.status, _harmless(answer.content), answer.headers)


@dataclass(frozen=True)
class Response:
    status_code: int
    content: bytes
    headers: dict
    encoding: str = 'utf-8'


@functools.lru_cache(maxsize=32)
def _document(wsdl):
    """Parsed once per process: it is read only afterwards."""
    try:
        return Document(io.BytesIO(_harmless(wsdl)), Post(None, '', True),
                        settings=SETTINGS)
    except Exception as error:
        raise Rejected(
            _('The description (WSDL) of the VNPT service is not usable.'),
            code='bad_wsdl', hint=_(
                'Check the address on the account, then test the connection.')
        ) from error


def _binding(document, service):
    binding = document.bindings.get(f'{{{const.NAMESPACE}}}{service}Soap')
    if binding is None:
        raise Rejected(
            _('The server lacks a part of the service.'), code='bad_wsdl', hint=_(
                'Check the address on the account or ask VNPT for the present version of '
                'the service.'))
    return binding


def _harmless(content):
    """A document type could make the parser blow up; none of these answers has one."""
    if b'<!' in content.replace(b'\0', b'').replace(b'<![CDATA[', b'').replace(
            b'<!--', b''):
        raise Unreadable('document type')
    return content
