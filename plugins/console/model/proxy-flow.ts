import type { OutlineEndpoint } from '../../../lib/explain/proxy-outline.js'

/** `simpleClientSession` as `simple client session`: kinds are shown as words. */
export const kindLabel = (kind: string): string =>
  KNOWN[kind] ?? kind.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase()

const KNOWN: Readonly<Record<string, string>> = {
  loadbalance: 'load balance',
  recipientlist: 'recipient list',
  weightedRRLC: 'weighted by load',
  simpleClientSession: 'Client ID',
  soap: 'SOAP session',
  http: 'transport session',
  header: 'HTTP header',
  cookie: 'signed cookie'
}

/** How a group distributes messages, in a few words. */
export const mannerOf = ({ kind, algorithm, session }: OutlineEndpoint): string =>
  [
    kind === 'loadbalance' ? kindLabel(algorithm ?? 'roundRobin') : kindLabel(kind),
    ...(session === null ? [] : [kindLabel(session)])
  ].join(' · ')
