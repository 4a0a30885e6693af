import { hash, X509Certificate } from 'node:crypto'
import type { ServerOptions } from 'node:https'
import { createSecureContext, type SecureContext, type SecureContextOptions, type SecureVersion } from 'node:tls'
import { InvalidTls } from '../errors.js'
import {
  readServerCertificates,
  type ServerCertificateFiles,
  type ServerCertificates
} from './server-certificates.js'

export const TLS_VERSIONS = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const satisfies readonly SecureVersion[]
export const CLIENT_AUTHENTICATION = ['none', 'optional', 'required'] as const

/** TLS settings of a server. Paths are relative to the working directory. */
export interface ServerTlsOptions extends ServerCertificateFiles {
  /** Default: TLSv1.2, as Node.js has it */
  readonly minVersion?: (typeof TLS_VERSIONS)[number] | undefined
  /** Default: TLSv1.3 */
  readonly maxVersion?: (typeof TLS_VERSIONS)[number] | undefined
  /** Cipher suites as OpenSSL names them, separated by colons. Default: those of Node.js */
  readonly ciphers?: string | undefined
  /**
   * Whether the server requests client certificates of `clientCa`. `required`: others get no connection. `optional`: a
   * client without a valid one is served, and known as such. Default: `required` with `clientCa`, else `none`
   */
  readonly clientAuth?: (typeof CLIENT_AUTHENTICATION)[number] | undefined
}

/** A server whose certificates can be replaced while it listens: of `https`, or of Fastify. */
export interface SecureServer {
  setSecureContext(options: SecureContextOptions): void
}

interface NamedContext {
  readonly certificate: X509Certificate
  readonly context: SecureContext
}

/** The TLS of a server: several certificates, chosen by the name that a client sends (SNI), and mutual TLS. */
export class ServerTls {
  readonly #options: ServerTlsOptions
  #current: ServerCertificates
  #contexts: readonly NamedContext[]

  /**
   * @param certificates what the files contain. Default: they are read
   * @throws InvalidTls naming the file or the option that is invalid
   */
  constructor (options: ServerTlsOptions, certificates = readServerCertificates(options)) {
    checkOptions(options)
    this.#options = options
    this.#current = certificates
    this.#contexts = this.#contextsOf(certificates)
  }

  /** What new connections use. */
  get certificates (): ServerCertificates {
    return this.#current
  }

  /** The options of `https.createServer`, and of Fastify as `https`. */
  get serverOptions (): ServerOptions {
    const { clientAuth = this.#current.clientCa === undefined ? 'none' : 'required' } = this.#options
    return {
      ...this.#contextOptions(this.#current, 0),
      requestCert: clientAuth !== 'none',
      rejectUnauthorized: clientAuth === 'required',
      // Where a client names no host, the first certificate is used.
      SNICallback: (name, done) => done(null, this.#contextFor(name))
    }
  }

  /** Reads the files again and checks them. Nothing changes. @throws InvalidTls as the constructor */
  read (): ServerCertificates {
    const read = readServerCertificates(this.#options)
    this.#contextsOf(read)
    return read
  }

  /** Uses these certificates for new connections of servers. Open ones stay as they are. */
  use (certificates: ServerCertificates, ...servers: readonly SecureServer[]): void {
    this.#contexts = this.#contextsOf(certificates)
    this.#current = certificates
    for (const server of servers) server.setSecureContext(this.#contextOptions(certificates, 0))
  }

  /**
   * Reads the files again, and uses them for new connections of this server.
   * @throws InvalidTls as the constructor; then nothing changes
   */
  reload (server: SecureServer): void {
    this.use(readServerCertificates(this.#options), server)
  }

  #contextFor (name: string): SecureContext | undefined {
    return this.#contexts.find(({ certificate }) => certificate.checkHost(name) !== undefined)?.context
  }

  #contextsOf (certificates: ServerCertificates): NamedContext[] {
    this.#checkRevocations(certificates)
    return certificates.certificates.map(({ cert }, at) => {
      const files = this.#options.certificates[at]!
      try {
        const context = createSecureContext(this.#contextOptions(certificates, at))
        return { certificate: new X509Certificate(cert), context }
      } catch (cause) {
        const reason = (cause as Error).message
        throw new InvalidTls(`${files.cert} and ${files.key} are not a certificate and its key: ${reason}`, { cause })
      }
    })
  }

  #checkRevocations ({ clientCrl: crl }: ServerCertificates): void {
    try {
      if (crl !== undefined) createSecureContext({ crl })
    } catch (cause) {
      const reason = (cause as Error).message
      throw new InvalidTls(`${this.#options.clientCrl} contains no list of revoked certificates: ${reason}`, {
        cause
      })
    }
  }

  #contextOptions ({ certificates, clientCa, clientCrl }: ServerCertificates, at: number): SecureContextOptions {
    const { minVersion, maxVersion, ciphers } = this.#options
    return {
      ...certificates[at]!,
      ...(clientCa !== undefined && { ca: clientCa }),
      ...(clientCrl !== undefined && { crl: clientCrl }),
      ...(minVersion !== undefined && { minVersion }),
      ...(maxVersion !== undefined && { maxVersion }),
      ...(ciphers !== undefined && { ciphers }),
      // OpenSSL resumes no session of a client with a certificate without it.
      sessionIdContext: SESSION_ID_CONTEXT
    }
  }
}

const SESSION_ID_CONTEXT = hash('sha256', 'fastify-proxy-services').slice(0, 32)

/** @throws InvalidTls naming the option */
function checkOptions ({ certificates, clientCa, clientCrl, clientAuth, ...options }: ServerTlsOptions): void {
  const { minVersion = 'TLSv1.2', maxVersion = 'TLSv1.3', ciphers } = options
  if (certificates.length === 0) throw new InvalidTls('TLS needs at least one certificate and its key')
  if (TLS_VERSIONS.indexOf(minVersion) > TLS_VERSIONS.indexOf(maxVersion)) {
    throw new InvalidTls(`the least version of TLS, ${minVersion}, is above the greatest, ${maxVersion}`)
  }
  if (clientAuth !== undefined && clientAuth !== 'none' && clientCa === undefined) {
    throw new InvalidTls(`client certificates that are ${clientAuth} need the authorities that sign them`)
  }
  if (clientCrl !== undefined && clientCa === undefined) {
    throw new InvalidTls('lists of revoked client certificates need the authorities that sign them')
  }
  try {
    if (ciphers !== undefined) createSecureContext({ ciphers, minVersion, maxVersion })
  } catch (cause) {
    throw new InvalidTls(`the cipher suites "${ciphers}" are invalid: ${(cause as Error).message}`, { cause })
  }
}
