import { InvalidSessionStore } from '../errors.js'

interface Host {
  readonly host: string
  readonly port: number
}

/** Where Redis is, and by which user and password it is used. */
export interface RedisAddress {
  readonly kind: 'single' | 'sentinel' | 'cluster'
  /** The server; the sentinels; some nodes of the cluster. */
  readonly hosts: readonly Host[]
  readonly isSecure: boolean
  readonly username: string | undefined
  readonly password: string | undefined
  readonly database: number
  /** What sentinels call the primary. */
  readonly primary: string | undefined
  readonly sentinelUsername: string | undefined
  readonly sentinelPassword: string | undefined
}

const REDIS_ADDRESSES =
  'redis://user:password@host:6379/0 (rediss:// for TLS), redis+sentinel://host:26379,host:26379/PRIMARY, ' +
  'redis+cluster://host:6379,host:6379'

const ADDRESS =
  /^(?:redis|valkey)(s?)(?:\+(sentinel|cluster))?:\/\/(?:([^@/?#]*)@)?([^/?#]+)(\/[^?#]*)?(?:\?([^#]*))?$/i
const DEFAULT_PORTS = { single: 6379, sentinel: 26379, cluster: 6379 } as const

/**
 * Reads the address of a server, of sentinels or of a cluster. Its error does not repeat it: it may contain a password.
 * @throws InvalidSessionStore
 */
export function parseRedisAddress (text: string): RedisAddress {
  const [, secureSuffix, form, login = '', list, path = '', query = ''] = ADDRESS.exec(text) ?? []
  if (list === undefined) throw new InvalidSessionStore(`the url must be like ${REDIS_ADDRESSES}`)
  const kind = (form?.toLowerCase() ?? 'single') as RedisAddress['kind']
  const hosts = list.split(',').map(each => hostOf(each, DEFAULT_PORTS[kind]))
  if (kind === 'single' && hosts.length > 1) {
    throw new InvalidSessionStore('the url has several hosts: begin it with redis+sentinel:// or redis+cluster://')
  }
  const parts = path
    .split('/')
    .slice(1)
    .map(decode)
    .filter(part => part !== '')
  const primary = kind === 'sentinel' ? parts.shift() : undefined
  if (kind === 'sentinel' && primary === undefined) {
    throw new InvalidSessionStore('the url of sentinels must end with the name of the primary: /mymaster')
  }
  const [database = '0', ...more] = parts
  if (more.length > 0 || !/^\d{1,5}$/.test(database)) {
    throw new InvalidSessionStore('the url must end with the number of a database, or with nothing')
  }
  if (kind === 'cluster' && database !== '0') {
    throw new InvalidSessionStore('a cluster has the database 0 only')
  }
  const options = new URLSearchParams(query)
  for (const name of options.keys()) {
    if (kind !== 'sentinel' || (name !== 'sentinelUsername' && name !== 'sentinelPassword')) {
      throw new InvalidSessionStore(`the url has an unknown option "${name.slice(0, 40)}"`)
    }
  }
  const colon = login.indexOf(':')
  return {
    kind,
    hosts,
    isSecure: secureSuffix !== '',
    username: decode(colon < 0 ? login : login.slice(0, colon)) || undefined,
    password: colon < 0 ? undefined : decode(login.slice(colon + 1)) || undefined,
    database: Number(database),
    primary,
    sentinelUsername: options.get('sentinelUsername') ?? undefined,
    sentinelPassword: options.get('sentinelPassword') ?? undefined
  }
}

/** `host`, `host:port`, `[address of IPv6]:port` */
function hostOf (text: string, standard: number): Host {
  const [, ipv6, name = ipv6, port = String(standard)] =
    /^(?:\[([\da-f:.]+)\]|([^:@[\]\s]+))(?::(\d{1,5}))?$/i.exec(text) ?? []
  if (name === undefined || Number(port) > 65_535 || Number(port) === 0) {
    throw new InvalidSessionStore(
      'the url has a host or a port that is invalid (write @ and / in a password as %40, %2F)'
    )
  }
  return { host: name, port: Number(port) }
}

function decode (text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new InvalidSessionStore('the url has a malformed escape: write % as %25')
  }
}
