"""The WSDL of one service, as an ASP.NET .asmx gives it (README 2)."""

from lxml import etree

TNS = 'http://tempuri.org/'
WSDL = 'http://schemas.xmlsoap.org/wsdl/'
XSD = 'http://www.w3.org/2001/XMLSchema'
SOAP = 'http://schemas.xmlsoap.org/wsdl/soap/'
SOAP12 = 'http://schemas.xmlsoap.org/wsdl/soap12/'
HTTP = 'http://schemas.xmlsoap.org/soap/http'
NSMAP = {'wsdl': WSDL, 's': XSD, 'soap': SOAP, 'soap12': SOAP12, 'tns': TNS}


def render(service, operations, address):
    """WSDL text as bytes.

    :param operations: name -> Operation
    :param address: where the service is
    """
    root = etree.Element(f'{{{WSDL}}}definitions', nsmap=NSMAP, targetNamespace=TNS)
    schema = _add(_add(root, WSDL, 'types'), XSD, 'schema',
                  elementFormDefault='qualified', targetNamespace=TNS)
    for operation in operations.values():
        _elements(schema, operation)
    if any(p.type == 'ints' for o in operations.values() for p in o.parameters):
        _array_of_int(schema)
    for name in operations:
        for suffix, element in (('In', name), ('Out', f'{name}Response')):
            message = _add(root, WSDL, 'message', name=f'{name}Soap{suffix}')
            _add(message, WSDL, 'part', name='parameters', element=f'tns:{element}')
    port_type = _add(root, WSDL, 'portType', name=f'{service}Soap')
    for name in operations:
        node = _add(port_type, WSDL, 'operation', name=name)
        _add(node, WSDL, 'input', message=f'tns:{name}SoapIn')
        _add(node, WSDL, 'output', message=f'tns:{name}SoapOut')
    ports = ((f'{service}Soap', SOAP), (f'{service}Soap12', SOAP12))
    for port, kind in ports:
        _binding(root, service, port, kind, operations)
    node = _add(root, WSDL, 'service', name=service)
    for port, kind in ports:
        child = _add(node, WSDL, 'port', name=port, binding=f'tns:{port}')
        _add(child, kind, 'address', location=address)
    return etree.tostring(root, xml_declaration=True, encoding='utf-8')


def _add(parent, space, tag, **attributes):
    return etree.SubElement(parent, f'{{{space}}}{tag}', **attributes)


def _sequence(schema, name):
    element = _add(schema, XSD, 'element', name=name)
    return _add(_add(element, XSD, 'complexType'), XSD, 'sequence')


def _elements(schema, operation):
    sequence = _sequence(schema, operation.name)
    for parameter in operation.parameters:
        kind = 'tns:ArrayOfInt' if parameter.type == 'ints' else f's:{parameter.type}'
        attributes = {'nillable': 'true'} if parameter.nillable else {}
        _add(sequence, XSD, 'element', minOccurs=str(int(parameter.required)),
             maxOccurs='1', name=parameter.name, type=kind, **attributes)
    sequence = _sequence(schema, f'{operation.name}Response')
    least = '1' if operation.result_type == 'int' else '0'
    _add(sequence, XSD, 'element', minOccurs=least, maxOccurs='1',
         name=f'{operation.name}Result', type=f's:{operation.result_type}')


def _array_of_int(schema):
    kind = _add(schema, XSD, 'complexType', name='ArrayOfInt')
    _add(_add(kind, XSD, 'sequence'), XSD, 'element', minOccurs='0',
         maxOccurs='unbounded', name='int', type='s:int')


def _binding(root, service, port, kind, operations):
    binding = _add(root, WSDL, 'binding', name=port, type=f'tns:{service}Soap')
    _add(binding, kind, 'binding', transport=HTTP)
    for name in operations:
        node = _add(binding, WSDL, 'operation', name=name)
        _add(node, kind, 'operation', soapAction=TNS + name, style='document')
        for way in ('input', 'output'):
            _add(_add(node, WSDL, way), kind, 'body', use='literal')
