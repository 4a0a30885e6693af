import { resolve } from 'node:path'
import { TLS_VERSIONS, type ServerTlsOptions } from '../../../plugins/tls/server-tls.js'
import type { EndpointCertificates } from '../../contracts/build-context.js'
import { omitUndefined } from '../../contracts/fields.js'
import type { SERVE_SETTINGS, ServeValues } from './serve-settings.js'
import { UsageError } from '../command-line/usage.js'

/** The port with TLS, and its settings. */
export interface SecurePortOptions {
  readonly port: number
  readonly options: ServerTlsOptions
}

/** What only a port with TLS uses. */
const TLS_FLAGS = [
  'tls-cert',
  'tls-key',
  'tls-min-version',
  'tls-max-version',
  'tls-ciphers',
  'tls-client-ca',
  'tls-client-crl',
  'tls-client-auth'
] as const satisfies readonly (keyof typeof SERVE_SETTINGS)[]

/** Returns the flags' settings of TLS; undefined: there is no port with TLS. @throws UsageError naming the flags */
export function tlsOptionsOf (values: ServeValues): SecurePortOptions | undefined {
  const { 'https-port': port, 'tls-cert': certs = [], 'tls-key': keys = [] } = values
  if (port === undefined) {
    const [unused] = TLS_FLAGS.filter(flag => values[flag] !== undefined)
    if (unused !== undefined) throw new UsageError(`--${unused} needs --https-port`)
    return undefined
  }
  if (certs.length === 0 || keys.length === 0) throw new UsageError('--https-port needs --tls-key and --tls-cert')
  if (certs.length !== keys.length) {
    throw new UsageError(
      `--tls-cert has ${certs.length} files and --tls-key ${keys.length}: each needs the other one`
    )
  }
  const { 'tls-client-ca': clientCa, 'tls-client-crl': clientCrl, 'tls-client-auth': clientAuth } = values
  const { 'tls-min-version': minVersion = 'TLSv1.2', 'tls-max-version': maxVersion = 'TLSv1.3' } = values
  if (clientCa === undefined && clientAuth !== undefined && clientAuth !== 'none') {
    throw new UsageError(`--tls-client-auth ${clientAuth} needs --tls-client-ca`)
  }
  if (clientCa === undefined && clientCrl !== undefined) {
    throw new UsageError('--tls-client-crl needs --tls-client-ca')
  }
  if (TLS_VERSIONS.indexOf(minVersion) > TLS_VERSIONS.indexOf(maxVersion)) {
    throw new UsageError(`--tls-min-version ${minVersion} is above --tls-max-version ${maxVersion}`)
  }
  return {
    port,
    options: {
      certificates: certs.map((cert, at) => ({ cert, key: keys[at]! })),
      minVersion,
      maxVersion,
      ...omitUndefined({ ciphers: values['tls-ciphers'], clientCa, clientCrl, clientAuth })
    }
  }
}

/** The files that a reload reads again. */
export const tlsFiles = ({ certificates, clientCa, clientCrl }: Partial<ServerTlsOptions> = {}): string[] => [
  ...(certificates ?? []).flatMap(({ cert, key }) => [cert, key]),
  ...[clientCa, clientCrl].filter(file => file !== undefined)
]

/** Certificates for connections of the gateway. @throws UsageError for a certificate without its key */
export function certificatesOf (
  values: ServeValues, of: 'session-store' | 'endpoint'
): EndpointCertificates | undefined {
  const [ca, cert, key] = [values[`${of}-ca`], values[`${of}-cert`], values[`${of}-key`]]
  if ((cert === undefined) !== (key === undefined)) throw new UsageError(`--${of}-cert and --${of}-key need each other`)
  return ca === undefined && cert === undefined ? undefined : { ca, cert, key }
}

/** The certificates for endpoints; files are relative to the working directory, as those of other flags. */
export function endpointTlsOf (values: ServeValues): EndpointCertificates | undefined {
  const files = certificatesOf(values, 'endpoint')
  const absolute = (file: string | undefined): string | undefined => file && resolve(file)
  return files && { ca: absolute(files.ca), cert: absolute(files.cert), key: absolute(files.key) }
}

export const filesOf = ({ ca, cert, key }: EndpointCertificates = {}): string[] =>
  [ca, cert, key].filter(file => file !== undefined)
