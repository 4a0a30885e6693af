import { SCHEMA, SOAP11, SOAP12, WSDL, type Addresses } from './document.js'
import { escapeAttribute } from '../xml/escape.js'

/**
 * The namespace of generated documents, and the names below, are the engine's (Axis2), so that what was generated
 * from its documents still fits.
 */
const TARGET = 'http://ws.apache.org/axis2'
const HTTP_TRANSPORT = 'http://schemas.xmlsoap.org/soap/http'

/**
 * A WSDL 1.1 for a proxy that publishes none: one operation `mediate`, document/literal, that takes any content and
 * accepts any, with a port for SOAP 1.1 and one for SOAP 1.2 at each address.
 */
export function generateWsdl ({ service, addresses }: { service: string; addresses: Addresses }): string {
  const name = ncName(service)
  const versions = [
    { version: 'Soap11', prefix: 'soap' },
    { version: 'Soap12', prefix: 'soap12' }
  ]

  const binding = ({ version, prefix }: { version: string; prefix: string }): string => `
  <wsdl:binding name="${name}${version}Binding" type="tns:${name}PortType">
    <${prefix}:binding transport="${HTTP_TRANSPORT}" style="document"/>
    <wsdl:operation name="mediate">
      <${prefix}:operation soapAction="urn:mediate" style="document"/>
      <wsdl:input><${prefix}:body use="literal"/></wsdl:input>
      <wsdl:output><${prefix}:body use="literal"/></wsdl:output>
    </wsdl:operation>
  </wsdl:binding>`

  const port = (
    scheme: string,
    address: string,
    { version, prefix }: { version: string; prefix: string }
  ): string => `
    <wsdl:port name="${name}${scheme}${version}Endpoint" binding="tns:${name}${version}Binding">
      <${prefix}:address location="${escapeAttribute(address)}"/>
    </wsdl:port>`

  const ports = [
    { scheme: 'Http', address: addresses.http },
    { scheme: 'Https', address: addresses.https }
  ].flatMap(({ scheme, address }) => (address === undefined ? [] : versions.map(each => port(scheme, address, each))))

  return `<?xml version="1.0" encoding="UTF-8"?>
<wsdl:definitions xmlns:wsdl="${WSDL}" xmlns:soap="${SOAP11}" xmlns:soap12="${SOAP12}" xmlns:xs="${SCHEMA}"
  xmlns:tns="${TARGET}" targetNamespace="${TARGET}">
  <wsdl:documentation>This proxy passes on any message; no WSDL of its service is published.</wsdl:documentation>
  <wsdl:types>
    <xs:schema targetNamespace="${TARGET}" elementFormDefault="qualified">
      <xs:element name="mediate" type="tns:anything"/>
      <xs:element name="mediateResponse" type="tns:anything"/>
      <xs:complexType name="anything">
        <xs:sequence>
          <xs:any namespace="##any" processContents="lax" minOccurs="0" maxOccurs="unbounded"/>
        </xs:sequence>
      </xs:complexType>
    </xs:schema>
  </wsdl:types>
  <wsdl:message name="in"><wsdl:part name="parameters" element="tns:mediate"/></wsdl:message>
  <wsdl:message name="out"><wsdl:part name="parameters" element="tns:mediateResponse"/></wsdl:message>
  <wsdl:portType name="${name}PortType">
    <wsdl:operation name="mediate">
      <wsdl:input message="tns:in"/>
      <wsdl:output message="tns:out"/>
    </wsdl:operation>
  </wsdl:portType>${versions.map(binding).join('')}
  <wsdl:service name="${name}">${ports.join('')}
  </wsdl:service>
</wsdl:definitions>
`
}

/** A name that XML allows (an NCName), as near to the given one as can be. */
const ncName = (text: string): string => text.replace(/[^\p{L}\p{N}\p{M}._-]/gu, '_').replace(/^(?![\p{L}_])/u, '_')
