import type { FastifyInstance } from 'fastify'
import type { ServerCertificates } from '../../../plugins/tls/server-certificates.js'

/** A certificate that ends within this time is warned of, in milliseconds. */
const WARNING_MS = 14 * 24 * 3_600_000
const DAY_MS = 24 * 3_600_000

/** Puts the ends of certificates among the metrics, and warns of those that are near. */
export function reportExpiry ({ log, proxyServices }: FastifyInstance, { expiry }: ServerCertificates): void {
  for (const [file, expiresAt] of expiry) {
    proxyServices.certificates.set(file, expiresAt)
    const left = expiresAt - Date.now()
    if (left > WARNING_MS) continue
    const days = Math.floor(left / DAY_MS)
    const expires = new Date(expiresAt).toISOString()
    if (left > 0) log.warn({ file, expires }, `the certificate ${file} expires in ${days} days`)
    else log.error({ file, expires }, `the certificate ${file} has expired: connections with it fail`)
  }
}
