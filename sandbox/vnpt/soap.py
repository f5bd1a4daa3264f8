"""SOAP 1.1 and 1.2 in and out (README 2)."""

import re
from decimal import Decimal, InvalidOperation

from lxml import etree

from sandbox.frame import Response

from .wsdl import TNS

ENVELOPES = {
    '1.1': 'http://schemas.xmlsoap.org/soap/envelope/',
    '1.2': 'http://www.w3.org/2003/05/soap-envelope',
}
TYPES = {'1.1': 'text/xml; charset=utf-8', '1.2': 'application/soap+xml; charset=utf-8'}
XSI = 'http://www.w3.org/2001/XMLSchema-instance'
XSD = 'http://www.w3.org/2001/XMLSchema'
NO_TEXT = re.compile('[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]')


def parser():
    """Neither entities nor files nor the network; big answers are possible."""
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


class Fault(Exception):
    """The call could not be read, or the server broke: HTTP 500."""


def version(request):
    return '1.2' if request.content_type == 'application/soap+xml' else '1.1'


def action(request):
    """The operation that the HTTP header names, '' if none."""
    if version(request) == '1.1':
        text = request.headers.get('SOAPAction', '').strip().strip('"')
    else:
        found = re.search(r'action="?([^";]+)', request.headers.get('Content-Type', ''))
        text = found[1] if found else ''
    return text.removeprefix(TNS) if text.startswith(TNS) else ''


def read(request):
    """The element of the operation in the body.

    :raise Fault: not an envelope of this version
    """
    space = ENVELOPES[version(request)]
    try:
        root = etree.fromstring(request.body, parser())
    except (etree.XMLSyntaxError, ValueError):
        raise Fault('Server was unable to read request. ---> There is an error in XML '
                    'document.') from None
    if root.getroottree().docinfo.doctype:
        raise Fault('DTD is prohibited in this XML document.')
    if root.tag != f'{{{space}}}Envelope':
        raise Fault('Possible SOAP version mismatch')
    body = root.find(f'{{{space}}}Body')
    if body is None or not len(body):
        raise Fault('Server was unable to read request: no body')
    return body[0]


def arguments(node, operation):
    """name -> value; unknown elements are ignored, missing texts are None.

    :raise Fault: a required number is missing or none
    """
    found = {}
    for child in node:
        if isinstance(child.tag, str) and child.tag.startswith(f'{{{TNS}}}'):
            found.setdefault(etree.QName(child).localname, child)
    return {p.name: _value(found.get(p.name), p) for p in operation.parameters}


def _value(node, parameter):
    if node is None:
        if parameter.required:
            raise Fault(f'missing parameter {parameter.name}')
        return None
    if node.get(f'{{{XSI}}}nil') in ('true', '1'):
        if parameter.required and not parameter.nillable:
            raise Fault(f'{parameter.name} is not nillable')
        return None
    if parameter.type == 'ints':
        return [_number(child.text, 'int') for child in node]
    if parameter.type == 'string':
        return ''.join(node.itertext())
    return _number(node.text, parameter.type)


def _number(text, kind):
    text = (text or '').strip()
    try:
        if kind == 'boolean':
            return {'true': True, '1': True, 'false': False, '0': False}[text]
        return int(text) if kind == 'int' else Decimal(text)
    except (ValueError, KeyError, InvalidOperation):
        raise Fault('Input string was not in a correct format.') from None


def answer(request, operation, result, refused=None):
    """HTTP 200 with the result; None = no result element."""
    root, body = _envelope(version(request))
    response = etree.SubElement(body, f'{{{TNS}}}{operation}Response', nsmap={None: TNS})
    if result is not None:
        node = etree.SubElement(response, f'{{{TNS}}}{operation}Result')
        node.text = NO_TEXT.sub('', str(result))
    return _response(request, 200, root, refused)


def fault(request, text):
    root, body = _envelope(version(request))
    space = ENVELOPES[version(request)]
    node = etree.SubElement(body, f'{{{space}}}Fault')
    if version(request) == '1.1':
        etree.SubElement(node, 'faultcode').text = 'soap:Server'
        etree.SubElement(node, 'faultstring').text = text
    else:
        code = etree.SubElement(node, f'{{{space}}}Code')
        etree.SubElement(code, f'{{{space}}}Value').text = 'soap:Receiver'
        reason = etree.SubElement(node, f'{{{space}}}Reason')
        line = etree.SubElement(reason, f'{{{space}}}Text')
        line.text = text
        line.set('{http://www.w3.org/XML/1998/namespace}lang', 'en')
    return _response(request, 500, root, f'fault: {text}')


def _envelope(kind):
    space = ENVELOPES[kind]
    root = etree.Element(f'{{{space}}}Envelope',
                         nsmap={'soap': space, 'xsi': XSI, 'xsd': XSD})
    return root, etree.SubElement(root, f'{{{space}}}Body')


def _response(request, status, root, refused):
    return Response(
        status, body=etree.tostring(root, xml_declaration=True, encoding='utf-8'),
        content_type=TYPES[version(request)], refused=refused)
