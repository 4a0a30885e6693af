import type { X509Certificate } from 'node:crypto'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { Properties } from '../../lib/message/message.js'

/** What a client has shown of itself when it connected. */
export interface ClientCertificate {
  /**
   * In scope axis2: `CLIENT_CERT_SUBJECT`, `_ISSUER`, `_SERIAL`, `_SAN` and `_FINGERPRINT` of a certificate that is
   * valid; else `CLIENT_CERT_ERROR` alone.
   */
  readonly properties: Properties
  /** The certificate as DER; undefined: it is not valid. */
  readonly der: Buffer | undefined
}

/** Returns the certificate of the client of a connection; undefined: it has presented none, or none was requested. */
export function clientCertificateOf (socket: Socket | TLSSocket): ClientCertificate | undefined {
  if (!('encrypted' in socket)) return undefined
  const certificate = socket.getPeerX509Certificate()
  if (certificate === undefined) return undefined
  if (!socket.authorized) {
    return { properties: { CLIENT_CERT_ERROR: String(socket.authorizationError) }, der: undefined }
  }
  return { properties: propertiesOf(certificate), der: certificate.raw }
}

const propertiesOf = ({
  subject,
  issuer,
  serialNumber,
  subjectAltName,
  fingerprint256
}: X509Certificate): Properties => ({
  CLIENT_CERT_SUBJECT: distinguishedName(subject),
  CLIENT_CERT_ISSUER: distinguishedName(issuer),
  CLIENT_CERT_SERIAL: serialNumber,
  CLIENT_CERT_FINGERPRINT: fingerprint256.replaceAll(':', '').toLowerCase(),
  ...(subjectAltName !== undefined && { CLIENT_CERT_SAN: subjectAltName })
})

/**
 * A name in one line, its most specific part first. Node writes one part a line, in the order of the certificate, its
 * special characters escaped.
 * @see RFC 4514
 */
const distinguishedName = (lines: string): string => lines.split('\n').reverse().join(',')
