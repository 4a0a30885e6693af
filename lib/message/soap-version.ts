/** The two versions of SOAP, and how they differ on the wire. */
export type Version = '1.1' | '1.2'

export const SOAP_NAMESPACE = {
  1.1: 'http://schemas.xmlsoap.org/soap/envelope/',
  1.2: 'http://www.w3.org/2003/05/soap-envelope'
} as const satisfies Record<Version, string>

export const MEDIA_TYPE = { 1.1: 'text/xml', 1.2: 'application/soap+xml' } as const satisfies Record<Version, string>

export const SYNAPSE_NAMESPACE = 'http://ws.apache.org/ns/synapse'

export const versionOf = (namespace: string): Version | undefined =>
  namespace === SOAP_NAMESPACE['1.1'] ? '1.1' : namespace === SOAP_NAMESPACE['1.2'] ? '1.2' : undefined
