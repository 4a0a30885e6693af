import Fastify, { type FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import type { Page } from 'playwright-core'
import proxyServices, { admin } from '../../plugins/index.js'
import { backend, type Backend } from '../support/backend.js'
import { TOKEN } from './demonstration.js'

/** A gateway with a group of two members, whose back-ends can be stopped. */
export interface Setup {
  readonly app: FastifyInstance
  readonly url: string
  readonly backends: readonly Backend[]
  /** Sends a message in a session. @returns its status */
  readonly send: (session?: string) => Promise<number>
}

export interface Options {
  readonly initialDuration?: number
  readonly port?: number
  readonly viewToken?: string
  readonly bufferBudget?: number
}

export async function gateway (t: Test, options: Options = {}): Promise<Setup> {
  const { initialDuration = 20_000, port = 0, viewToken, bufferBudget } = options
  const backends = [await backend(t, 'orders-1'), await backend(t, 'orders-2')]
  const app = Fastify({ forceCloseConnections: true })
  t.teardown(() => app.close())
  const members = backends.map(({ name, uri }) => ({
    kind: 'address',
    name,
    uri,
    suspendOnFailure: { initialDuration, progressionFactor: 2, maximumDuration: 120_000 }
  }))
  const session = { kind: 'header', name: 'X-Session', onLost: 'redispatch' }
  const endpoint = { kind: 'loadbalance', name: 'OrdersLB', session, members }
  await app.register(proxyServices, {
    definitions: { proxies: { Orders: { in: [{ kind: 'send', endpoint }] } } } as object,
    ...(bufferBudget !== undefined && { limits: { bufferBudget } })
  })
  await app.register(admin, { prefix: '/admin', console: true, token: TOKEN, viewToken })
  const url = await app.listen({ host: '127.0.0.1', port })
  const send = async (session = ''): Promise<number> => {
    const headers = { 'content-type': 'text/plain', ...(session !== '' && { 'x-session': session }) }
    const response = await fetch(`${url}/services/Orders`, { method: 'POST', headers, body: 'x' })
    await response.arrayBuffer()
    return response.status
  }
  return { app, url, backends, send }
}

/** The row of an endpoint. */
export const rowOf = (page: Page, name: string) => page.locator('tr', { hasText: name }).last()
/** The state of an endpoint, as the gateway has it. */
export const stateOf = ({ app: { endpointRegistry: registry } }: Setup, name: string): string =>
  registry.healthOf(registry.endpoints.get(name)!).state

/** Sends messages until an endpoint has a state. */
export async function sendUntil (setup: Setup, name: string, state: string): Promise<void> {
  while (stateOf(setup, name) !== state) await setup.send()
}
