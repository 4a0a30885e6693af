import { networkInterfaces } from 'node:os'

/** What is different each time, as tokens: what stands in a record can be compared with what came of it here. */

/** Ports by token, without braces: `b1` … `b4` of back-ends, `dead` a port without a listener, `gw` of the gateway. */
export type Ports = Readonly<Record<string, number>>

const UUID = /\{(uuid|prefix|boundary)\d+\}|[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12}/gi
const addresses = Object.values(networkInterfaces()).flatMap((found = []) => found)
  .filter(({ family, internal }) => family === 'IPv4' && !internal).map(({ address }) => address)

/** `{b1}` … in a text as ports. */
export const filled =
  (ports: Ports) =>
    (text: string): string =>
      text.replace(/\{(b\d|gw|dead)\}/g, (token, name: string) => String(ports[name] ?? token))

/** Ports in a text as `{b1}` …, addresses of this machine as `{ip}`. */
export function emptied (ports: Ports): (text: string) => string {
  const names = new Map(Object.entries(ports).map(([name, port]) => [String(port), name]))
  return text => addresses.reduce((text, address) => text.replaceAll(address, '{ip}'), text)
    .replace(/(?<=:)\d{4,5}(?!\d)/g, port => names.has(port) ? `{${names.get(port)}}` : port)
}

/**
 * Ids made up on the way, by the order in which they appear: the same text for what is the same but for the ids.
 * Prefixes become names.
 */
export function numbered<T> (value: T): T {
  const known = new Map<string, string>()
  const counts = new Map<string, number>()
  return JSON.parse(
    JSON.stringify(value)
      .replace(/\bendpoint_[0-9a-f]{32,}/g, 'endpoint_{id}')
      .replace(UUID, (found, kind = 'uuid') => {
        if (!known.has(found)) {
          counts.set(kind, (counts.get(kind) ?? 0) + 1)
          const name = `${kind}${counts.get(kind)}`
          known.set(found, kind === 'prefix' ? name : `{${name}}`)
        }
        return known.get(found)!
      })
  )
}
