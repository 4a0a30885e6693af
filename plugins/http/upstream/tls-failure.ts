/**
 * What an endpoint means by a TLS alert, by the number of the alert.
 * @see RFC 8446, section 6.2; RFC 5246, section 7.2.2
 */
const ALERTS: Readonly<Record<string, string>> = {
  40: 'the endpoint accepts none of these versions and ciphers, or requires a certificate of the gateway (mTLS)',
  42: 'the endpoint refuses the certificate of the gateway (mTLS): it is malformed',
  43: 'the endpoint refuses the certificate of the gateway (mTLS): its type is not supported',
  44: 'the endpoint refuses the certificate of the gateway (mTLS): it was revoked',
  45: 'the endpoint refuses the certificate of the gateway (mTLS): it has expired',
  46: 'the endpoint refuses the certificate of the gateway (mTLS)',
  48: 'the endpoint refuses the certificate of the gateway (mTLS): its authority is unknown there',
  49: 'the endpoint refuses access to the certificate of the gateway (mTLS)',
  51: 'the endpoint cannot verify the signature of the gateway',
  70: 'the endpoint does not accept this version of TLS',
  71: 'the endpoint requires a stronger cipher',
  112: 'the endpoint does not know the name that the gateway asks for (servername)',
  116: 'the endpoint requires a certificate of the gateway (mTLS), and <tls> has none',
  120: 'the endpoint speaks no HTTP/1.1 on this port'
}

/** What the gateway has against an endpoint, by the code of Node.js or OpenSSL. */
const CODES: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate of the endpoint is self-signed, and not trusted',
  SELF_SIGNED_CERT_IN_CHAIN: 'the authority of the certificate of the endpoint is not trusted',
  UNABLE_TO_GET_ISSUER_CERT: 'the certificate of the endpoint has an unknown authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the certificate of the endpoint has an unknown authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the endpoint does not send the certificate of its authority, which is unknown',
  CERT_HAS_EXPIRED: 'the certificate of the endpoint has expired',
  CERT_NOT_YET_VALID: 'the certificate of the endpoint is not valid yet',
  CERT_REVOKED: 'the certificate of the endpoint was revoked',
  ERR_SSL_WRONG_VERSION_NUMBER: 'the port does not speak TLS',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'the port does not speak TLS',
  ECONNRESET: 'the endpoint ended the connection in the TLS handshake'
}

/**
 * Returns the cause of a TLS failure, in words for an operator. Errors that it does not know keep those of OpenSSL, or
 * of Node.js.
 */
export function tlsFailureText (error: Error): string {
  const [text] = error.message.split('\n', 1) as [string]
  const alert = /SSL alert number (\d+)/.exec(text)?.[1]
  const code = 'code' in error ? String(error.code) : ''
  const known = alert === undefined ? CODES[code] : ALERTS[alert]
  return known ?? /error:[\da-f]+:[^:]*:[^:]*:([^:]+)/i.exec(text)?.[1] ?? text
}

/** A server that refuses the certificate of its client may do so without an alert: by the end of the connection. */
export const REFUSED_WITHOUT_ALERT =
  'it may have refused the certificate of the gateway (mTLS): the connection ended after the TLS handshake'
