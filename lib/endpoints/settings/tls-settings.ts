import { createHash } from 'node:crypto'
import { Type, type Static } from '@sinclair/typebox'
import type { BuildContext, EndpointCertificates, EndpointDefaults } from '../../contracts/build-context.js'
import { describe, omitUndefined } from '../../contracts/fields.js'
import type { TlsMaterial } from '../../state/tls-material.js'
import type { Element } from '../../xml/element.js'
import type { Tag } from '../../xml/markup.js'

const FILE = 'a file, relative to the folder of the configuration, or the PEM itself. A reload reads it again.'

const Tls = Type.Object(
  {
    ca: describe(
      Type.Optional(Type.String({ minLength: 1 })),
      `Certificates of authorities in place of those of Node.js: ${FILE}`
    ),
    cert: describe(
      Type.Optional(Type.String({ minLength: 1 })),
      `The certificate of the gateway, with its chain: ${FILE}`
    ),
    key: describe(Type.Optional(Type.String({ minLength: 1 })), `The private key of that certificate: ${FILE}`),
    servername: describe(
      Type.Optional(Type.String({ minLength: 1 })),
      'The name that the certificate of the endpoint must have. Default: the host of the address.'
    )
  },
  { additionalProperties: false }
)
export type Tls = Static<typeof Tls>

/** The field `tls`. */
export const tlsField = describe(Type.Optional(Tls), 'Certificates for an https address.')

const NAMES = ['ca', 'cert', 'key', 'servername'] as const

/** `<tls ca="ca.pem" cert="gateway.pem" key="gateway-key.pem" servername="orders.internal"/>` */
export function readTls (element: Element): object | undefined {
  const tls = element.child('tls')
  return tls && omitUndefined(Object.fromEntries(NAMES.map(name => [name, tls.attribute(name)?.trim()])))
}

/** The inverse of `readTls`. */
export const writeTls = (tls: Tls | undefined): Tag | undefined => tls && ['tls', tls]

/** What certificates of endpoints are read by, and those of endpoints without their own. */
export interface TlsContext {
  readonly readFile?: BuildContext['readFile']
  readonly endpointDefaults?: Pick<EndpointDefaults, 'tls'> | undefined
}

/**
 * Reads the files of an endpoint. What it does not set itself comes from the defaults.
 * @throws Error for a file that cannot be read, for a certificate without a key, and for a key without a certificate
 */
export function tlsMaterialOf (
  own: Tls | undefined,
  { readFile, endpointDefaults: { tls: defaults } = {} }: TlsContext
): TlsMaterial | undefined {
  if (own === undefined && defaults === undefined) return undefined
  const pairs: readonly EndpointCertificates[] = [own ?? {}, defaults ?? {}]
  for (const { cert, key } of pairs) {
    if ((cert === undefined) !== (key === undefined)) throw new Error('tls needs both cert and key, or neither')
  }
  const tls: Partial<Tls> = { ...omitUndefined({ ...defaults }), ...own }
  const pemText = (name: 'ca' | 'cert' | 'key'): string | undefined => {
    const fileOrPem = tls[name]
    return fileOrPem === undefined || fileOrPem.startsWith('-----BEGIN ')
      ? fileOrPem
      : pemIn(fileOrPem, name, readFile)
  }
  const material = omitUndefined({
    ca: pemText('ca'),
    cert: pemText('cert'),
    key: pemText('key'),
    servername: tls.servername
  })
  const id = createHash('sha256').update(JSON.stringify(material)).digest('base64url')
  return { id, ...material }
}

function pemIn (file: string, name: string, readFile: BuildContext['readFile']): string {
  if (readFile === undefined) return ''
  let text: string
  try {
    text = readFile(file)
  } catch (error) {
    throw new Error(`tls.${name}: the file "${file}" cannot be read: ${(error as Error).message.split(',', 1)[0]}`)
  }
  if (!text.includes('-----BEGIN ')) throw new Error(`tls.${name}: the file "${file}" is not PEM`)
  return text
}
