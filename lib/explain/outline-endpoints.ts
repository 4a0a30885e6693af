import type { OutlineEndpoint, OutlineStep, ProxyOutline } from './proxy-outline.js'

/** All endpoints and groups that a flow may send requests to, each once, in the order of the flow. */
export function endpointsOfFlow ({ in: steps, endpoint }: Pick<ProxyOutline, 'in' | 'endpoint'>): OutlineEndpoint[] {
  const byName = new Map<string, OutlineEndpoint>()
  const visit = (all: readonly OutlineStep[]): void => {
    for (const step of all) {
      if (step.endpoint !== null) byName.set(step.endpoint.name, step.endpoint)
      for (const branch of step.branches) visit(branch.steps)
    }
  }
  visit(steps)
  if (endpoint !== null) byName.set(endpoint.name, endpoint)
  return [...byName.values()]
}
