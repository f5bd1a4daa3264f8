"""A description (WSDL) as ASP.NET writes it, for given operations."""

from xml.sax.saxutils import quoteattr

HEAD = """<?xml version="1.0" encoding="utf-8"?>
<wsdl:definitions xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"
  xmlns:s="http://www.w3.org/2001/XMLSchema" xmlns:tns="http://tempuri.org/"
  xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" targetNamespace="http://tempuri.org/">"""


def build(service, operations, results=None):
    """:param dict operations: {name: [(parameter, XSD type, required)]}"""
    types, messages, port, binding = [], [], [], []
    for name, params in operations.items():
        rows = ''.join(element(*param) for param in params)
        result = (results or {}).get(name, 'string')
        types.append(f'{wrapped(name, rows)}{wrapped(name + "Response", element(name + "Result", result, result == "int"))}')
        for suffix, kind in (('SoapIn', ''), ('SoapOut', 'Response')):
            messages.append(
                f'<wsdl:message name="{name}{suffix}"><wsdl:part name="parameters" '
                f'element="tns:{name}{kind}"/></wsdl:message>')
        port.append(
            f'<wsdl:operation name="{name}"><wsdl:input message="tns:{name}SoapIn"/>'
            f'<wsdl:output message="tns:{name}SoapOut"/></wsdl:operation>')
        body = '<soap:body use="literal"/>'
        binding.append(
            f'<wsdl:operation name="{name}"><soap:operation style="document" '
            f'soapAction="http://tempuri.org/{name}"/><wsdl:input>{body}</wsdl:input>'
            f'<wsdl:output>{body}</wsdl:output></wsdl:operation>')
    return f"""{HEAD}
  <wsdl:types><s:schema elementFormDefault="qualified"
    targetNamespace="http://tempuri.org/">{''.join(types)}
    <s:complexType name="ArrayOfInt"><s:sequence><s:element minOccurs="0"
      maxOccurs="unbounded" name="int" type="s:int"/></s:sequence></s:complexType>
  </s:schema></wsdl:types>{''.join(messages)}
  <wsdl:portType name="{service}Soap">{''.join(port)}</wsdl:portType>
  <wsdl:binding name="{service}Soap" type="tns:{service}Soap">
    <soap:binding transport="http://schemas.xmlsoap.org/soap/http"/>{''.join(binding)}
  </wsdl:binding>
  <wsdl:service name="{service}"><wsdl:port name="{service}Soap"
    binding="tns:{service}Soap"><soap:address location="http://elsewhere.example/"/>
  </wsdl:port></wsdl:service>
</wsdl:definitions>""".encode()


def wrapped(name, rows):
    return (f'<s:element name="{name}"><s:complexType><s:sequence>{rows}</s:sequence>'
            '</s:complexType></s:element>')


def element(name, kind, required):
    kind = kind if ':' in kind or kind.startswith('ArrayOf') else f's:{kind}'
    kind = f'tns:{kind}' if kind.startswith('ArrayOf') else kind
    return (f'<s:element minOccurs="{int(required)}" maxOccurs="1" '
            f'name={quoteattr(name)} type="{kind}"/>')
