import { isIP } from 'node:net'
import { SystemFile } from './system-file.js'

/** An address of a name. */
export interface ResolvedAddress {
  readonly address: string
  readonly family: 4 | 6
}

/** The settings of the resolver for names that are not complete. */
export interface SearchRules {
  readonly domains: readonly string[]
  /** Names with fewer dots are tried with the domains first. */
  readonly dots: number
  /** The text, to see changes. */
  readonly text: string
}

const HOSTS = process.platform === 'win32'
  ? `${process.env['SystemRoot'] ?? 'C:\\Windows'}\\System32\\drivers\\etc\\hosts`
  : '/etc/hosts'
const MAX_DOMAINS = 16
const MAX_DOTS = 15

export const addressOf = (text: string): ResolvedAddress | undefined => {
  const family = isIP(text)
  return family === 4 || family === 6 ? { address: text, family } : undefined
}

/** Names and addresses of a hosts file; names in lower case. */
export function parseHosts (text: string): ReadonlyMap<string, readonly ResolvedAddress[]> {
  const names = new Map<string, ResolvedAddress[]>()
  for (const line of text.split('\n')) {
    const [address = '', ...aliases] = line.split('#', 1)[0]!.trim().split(/\s+/)
    const found = address === '' ? undefined : addressOf(address)
    if (found === undefined) continue
    for (const alias of aliases) {
      const name = alias.toLowerCase()
      const known = names.get(name)
      if (known === undefined) names.set(name, [found])
      else if (!known.some(each => each.address === address)) known.push(found)
    }
  }
  return names
}

/** @see resolv.conf(5): `search`, `domain`, `options ndots` */
export function parseSearchRules (text: string): SearchRules {
  let domains: string[] = []
  let dots = 1
  for (const line of text.split('\n')) {
    const [keyword = '', ...values] = line.trim().split(/\s+/)
    if (keyword === 'search' || keyword === 'domain') domains = values.slice(0, MAX_DOMAINS)
    else if (keyword === 'options') {
      for (const option of values) {
        const number = Number(option.startsWith('ndots:') ? option.slice(6) : Number.NaN)
        if (Number.isInteger(number)) dots = Math.min(Math.max(number, 0), MAX_DOTS)
      }
    }
  }
  const bare = domains.map(domain => domain.replace(/^\.+|\.+$/g, ''))
  return { domains: bare.filter(domain => domain !== ''), dots, text }
}

/** Whether a name never has an address, so that no name server gets a query. @see RFC 6761, section 6.4 */
export const isInvalid = (name: string): boolean => /(?:^|\.)invalid\.?$/.test(name)

/** The full names to look up for a name, in this order. */
export function candidates (name: string, { domains, dots }: SearchRules): readonly string[] {
  if (name.endsWith('.')) return [name.slice(0, -1)]
  const searched = domains.map(domain => `${name}.${domain}`)
  return name.split('.').length - 1 >= dots ? [name, ...searched] : [...searched, name]
}

export const hostsFile = new SystemFile(HOSTS, parseHosts)
export const searchRules = new SystemFile('/etc/resolv.conf', parseSearchRules)

const LOOPBACK: readonly ResolvedAddress[] = [{ address: '127.0.0.1', family: 4 }, { address: '::1', family: 6 }]

/** Addresses that need no name server. @see RFC 6761, section 6.3 */
export function localAddresses (name: string): readonly ResolvedAddress[] | undefined {
  const found = hostsFile.read().get(name)
  if (found !== undefined) return found
  return name === 'localhost' || name.endsWith('.localhost') ? LOOPBACK : undefined
}
