import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createSecureContext } from 'node:tls'
import type { FastifyInstance } from 'fastify'
import type { Credentials } from './gateway.js'

/** A certificate that ends within this time is warned of, in milliseconds. */
const WARNING_MS = 14 * 24 * 3_600_000
const DAY_MS = 24 * 3_600_000

/** The files of a certificate chain and its key, PEM. */
export interface CertificateFiles { readonly key: string, readonly cert: string }

/** Reads a certificate and its key. @throws Error naming the files, if they are missing, malformed or no pair */
export async function readCredentials ({ key, cert }: CertificateFiles): Promise<Credentials> {
  const credentials = { key: await readFile(key), cert: await readFile(cert) }
  try {
    createSecureContext(credentials)
  } catch (error) {
    throw new Error(`${cert} and ${key} are no certificate and its key: ${(error as Error).message}`, { cause: error })
  }
  return credentials
}

/** Puts the end of a certificate among the metrics, and warns of an end that is near. */
export function reportExpiry (
  { log, proxyServices }: FastifyInstance, { cert: file }: CertificateFiles, pem: Buffer
): void {
  const expiresAt = Date.parse(new X509Certificate(pem).validTo)
  proxyServices.certificates.set(file, expiresAt)
  const left = expiresAt - Date.now()
  if (left > WARNING_MS) return
  const days = Math.floor(left / DAY_MS)
  const expires = new Date(expiresAt).toISOString()
  if (left > 0) log.warn({ file, expires }, `the certificate ${file} expires in ${days} days`)
  else log.error({ file, expires }, `the certificate ${file} has expired: clients refuse it`)
}
