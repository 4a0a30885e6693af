import type { OutlineEndpoint, OutlineStep, ProxyOutline } from '../../../lib/explain/proxy-outline.js'

/** All endpoints and groups that a flow may send requests to, each once, in the order of the flow. */
export function endpointsOfFlow ({ in: steps, endpoint }: Pick<ProxyOutline, 'in' | 'endpoint'>): OutlineEndpoint[] {
  const found = new Map<string, OutlineEndpoint>()
  const visit = (all: readonly OutlineStep[]): void => {
    for (const step of all) {
      if (step.endpoint !== null) found.set(step.endpoint.name, step.endpoint)
      for (const branch of step.branches) visit(branch.steps)
    }
  }
  visit(steps)
  if (endpoint !== null) found.set(endpoint.name, endpoint)
  return [...found.values()]
}

/** `simpleClientSession` as `simple client session`: kinds are shown as words. */
export const wordsOf = (kind: string): string =>
  KNOWN[kind] ?? kind.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase()

const KNOWN: Readonly<Record<string, string>> = {
  loadbalance: 'load balance',
  recipientlist: 'recipient list',
  simpleClientSession: 'Client ID',
  soap: 'SOAP session',
  http: 'transport session',
  header: 'HTTP header',
  cookie: 'signed cookie'
}

/** How a group distributes messages, in a few words. */
export const mannerOf = ({ kind, algorithm, session }: OutlineEndpoint): string =>
  [
    kind === 'loadbalance' ? wordsOf(algorithm ?? 'roundRobin') : wordsOf(kind),
    ...(session === null ? [] : [wordsOf(session)])
  ].join(' · ')
