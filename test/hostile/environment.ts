import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { BackgroundClients } from './background-clients.js'
import type { Check, Seen } from './checks.js'
import { runClient, type Observed } from './client.js'
import { Endpoint } from './endpoint.js'
import { valuesOf, statusOf } from './http-message.js'
import { KNOWN } from './known.js'
import { start, type Peer, type PeerName } from './peers.js'
import type { EnvelopeRow, Row, Step, WireRow } from './row.js'
import { runSteps } from './run-steps.js'

/** What was seen where nothing was sent. */
export const NOTHING: Seen = {
  responses: [],
  received: '',
  end: 'open',
  ms: 0,
  requests: [],
  violations: [],
  cutAtEndpoint: false,
  log: '',
  placed: []
}

/**
 * Bytes that a gateway may hold after all rows beyond what it held after the first check of the other clients. Of this
 * gateway these are objects and buffers, of others the whole process, which keeps memory that it has freed.
 */
const growthLimit = (name: PeerName): number => (name === 'ours' ? 64 : 512) * 2 ** 20

/** How long a row of our gateway may hang, in milliseconds. */
const HANG_LIMIT = 60_000

/** Both ends may only ever see valid HTTP. */
const VALID: readonly Check[] = [
  { rule: 'the client gets valid HTTP', broken: ({ problem }) => problem },
  { rule: 'the endpoint gets valid HTTP', broken: ({ violations }) => violations[0] }
]

/** One gateway with its endpoints, for rows to run in. */
export class Environment {
  readonly peer: Peer
  readonly background: BackgroundClients
  readonly #plain: Endpoint
  readonly #tls: Endpoint
  readonly #members: readonly Endpoint[]
  #before = { sockets: 0, memory: 0 }

  private constructor (peer: Peer, plain: Endpoint, tls: Endpoint, members: readonly Endpoint[]) {
    this.peer = peer
    this.background = new BackgroundClients(peer.port)
    this.#plain = plain
    this.#tls = tls
    this.#members = members
  }

  static async open (name: PeerName, folder: string, rows: readonly Row[]): Promise<Environment> {
    const wire = new Map(rows.flatMap(row => (isWire(row) ? [[row.id, row] as const] : [])))
    const [plain, tls, ...members] = await Promise.all([
      Endpoint.open('plain', wire),
      Endpoint.open('tls', wire, true),
      ...[0, 1, 2].map(at => Endpoint.open(`m${at}`))
    ])
    const peer = await start(name, join(folder, name), {
      plain: plain!.port,
      tls: tls!.port,
      members: members.map(({ port }) => port)
    })
    const environment = new Environment(peer, plain!, tls!, members)
    const sockets = peer.sockets()
    const why = await environment.background.check()
    if (why !== undefined) throw new Error(`${name} does not serve: ${why}`)
    environment.#before = { sockets, memory: await peer.memory() }
    return environment
  }

  async runWire (row: WireRow): Promise<Seen> {
    const endpoint = row.tls === true ? this.#tls : this.#plain
    const arrivals = endpoint.of(row.id)
    const logged = this.peer.log().length
    const checks = checksOf(row)
    const seen = (observed: Observed): Seen => ({
      ...NOTHING,
      ...observed,
      requests: arrivals.requests,
      violations: arrivals.violations,
      cutAtEndpoint: arrivals.cut,
      log: row.oursOnly === true ? this.peer.log().slice(logged) : ''
    })
    const others = await this.#openOthers(row.otherConnections)
    const steps = row.client.map(step => withPort(step, this.#plain.port))
    const observed = await runClient({
      port: this.peer.port,
      steps,
      quietFor: row.quietFor,
      settle: row.settle,
      within: row.within ?? (this.peer.name === 'ours' && !Object.hasOwn(KNOWN, row.id) ? HANG_LIMIT : undefined),
      head: row.head,
      arrivals,
      holds: observed => checks.every(({ broken }) => broken(seen(observed)) === undefined)
    })
    for (const each of others) each.destroy()
    // Not every row has an entry in the log.
    if (row.oursOnly === true) {
      await until(() => this.peer.log().length > logged, 250)
      await until(() => checks.every(({ broken }) => broken(seen(observed)) === undefined), 10_000)
    }
    return seen(observed)
  }

  async runEnvelopes (row: EnvelopeRow): Promise<Seen> {
    const placed: { status: number; body: string; member: string | undefined; sessions: number; ms: number }[] = []
    const service = row.service ?? 'Envelopes'
    for (const { type, body } of row.messages) {
      const head = `POST /services/${service}/r/${row.id}/ HTTP/1.1\r\nHost: h\r\nContent-Type: ${type}\r\nSOAPAction: "urn:a"\r\nX-Row: ${row.id}\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n`
      const { responses: [response], ms } = await runClient({
        port: this.peer.port,
        steps: [head, { bytes: body }],
        quietFor: HANG_LIMIT,
        within: HANG_LIMIT
      })
      placed.push({
        status: response === undefined ? 0 : statusOf(response),
        body: response?.body ?? '',
        member: response && valuesOf(response, 'x-endpoint')[0],
        sessions: await this.#sessions(),
        ms
      })
    }
    return { ...NOTHING, placed }
  }

  /** What is not as it was, once all rows are over. */
  async after (): Promise<readonly string[]> {
    const problems: string[] = []
    const strays = [this.#plain, this.#tls].flatMap(({ strays }) => strays)
    if (strays.length > 0) {
      problems.push(
        `${strays.length} requests of no row reached an endpoint: ${JSON.stringify(strays[0]!.slice(0, 100))}`
      )
    }
    await this.background.sendMany(480)
    const why = await this.background.check()
    if (why !== undefined) problems.push(why)
    const used = await this.peer.memory()
    this.background.close()
    await Promise.all([this.#plain, this.#tls, ...this.#members].map(each => each.close()))
    const { sockets, memory } = this.#before
    if (!(await until(() => this.peer.sockets() <= sockets + 4, 30_000))) {
      problems.push(`${this.peer.sockets() - sockets} descriptors more than at its start`)
    }
    const grown = used - memory
    if (grown > growthLimit(this.peer.name)) {
      problems.push(
        `${megabytes(used)} in use, ${megabytes(grown)} more than before all rows, ${megabytes(growthLimit(this.peer.name))} at most`
      )
    }
    const code = await this.peer.stop()
    if (code !== 0 && this.peer.name === 'ours') problems.push(`it ended with ${code}`)
    return problems
  }

  async #sessions (): Promise<number> {
    const groups = (await (await fetch(`http://127.0.0.1:${this.peer.adminPort}/groups`)).json()) as {
      list: { name: string; sessions: { bound: number } | null }[]
    }
    return groups.list.find(({ name }) => name.startsWith('Envelopes'))?.sessions?.bound ?? -1
  }

  async #openOthers (others: WireRow['otherConnections']) {
    if (others === undefined) return []
    return await Promise.all(
      Array.from({ length: others.count }, async () => {
        const socket = connect({ port: this.peer.port, host: '127.0.0.1', noDelay: true }).on('error', () => {})
        await new Promise<void>(resolve => socket.once('connect', resolve).once('close', () => resolve()))
        void runSteps(socket, others.steps)
        return socket.resume()
      })
    )
  }
}

const megabytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MB`

export const isWire = (row: Row): row is WireRow => row.kind !== 'envelopes' && row.kind !== 'configurations'

/** `@PORT` in a text is the port of the endpoint; it has as many characters. */
const withPort = (step: Step, port: number): Step =>
  typeof step === 'string' ? step.replaceAll('@PORT', String(port).padStart(5, '0')) : step

export const checksOf = (row: Row): readonly Check[] => (isWire(row) ? [...row.checks, ...VALID] : row.checks)

async function until (holds: () => boolean, ms: number): Promise<boolean> {
  for (const end = performance.now() + ms; !holds();) {
    if (performance.now() > end) return false
    await pause(5)
  }
  return true
}
