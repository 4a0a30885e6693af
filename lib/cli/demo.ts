import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startGateway } from './gateway.js'
import { clientIdOf, createSessionClient, placeOrder, SESSIONS, type SessionId } from './sample/client.js'
import { startBackend, type Backend } from './sample/server.js'

const HOST = '127.0.0.1'
const REQUESTS = 100
/** Before which request a back-end stops, and before which it starts again. */
const STOPS = 51
const STARTS = 76
/** Milliseconds between two questions whether a suspension is over, and how long it is asked: the configuration suspends for 20 s. */
const POLL = 250
const START_TIMEOUT_MS = 30_000
const SERVED = 'Response from server: '
/** What the documentation orders. */
const ORDER = { symbol: 'IBM', quantity: 18398, price: 172.23182849731984, headers: { simpleClientSession: '123' } }

export interface DemoOptions {
  /** Leaves everything running until SIGINT, SIGTERM or `signal`. */
  keep?: boolean | undefined
  /** Gets the story, line by line; standard output unless told. */
  out?: ((line: string) => void) | undefined
  /** Gets what keeps the demo from running; standard error unless told. */
  err?: ((line: string) => void) | undefined
  /** Chooses the session of each request: from 0 to below 1. */
  random?: (() => number) | undefined
  /** Those that the configuration names, for the back-ends, and those where its two proxies are reached. */
  ports?: { readonly backends: readonly number[], readonly lbProxy: number, readonly stockQuote: number } | undefined
  /** The folder with `lb-proxy.xml` and `stock-quote/`; the one in this package unless told. */
  config?: string | undefined
  signal?: AbortSignal | undefined
}

/**
 * Plays the two documented examples on loopback: three back-ends, both proxies, the 100 requests of the sample client, a back-end that stops
 * and comes back, three orders. Takes as long as a suspension: 20 s.
 * @returns the exit code: 0 when everything went as the examples promise, else 1.
 */
export async function demo ({
  keep = false,
  out = line => { process.stdout.write(`${line}\n`) },
  err = line => { process.stderr.write(`${line}\n`) },
  random = Math.random,
  ports = { backends: [9001, 9002, 9003], lbProxy: 8280, stockQuote: 8290 },
  config = fileURLToPath(new URL('../../../config', import.meta.url)),
  signal
}: DemoOptions = {}): Promise<number> {
  const running = new Map<string, { close (): Promise<void> }>()
  const orders: string[] = []
  const startServer = async (name: string): Promise<Backend> => {
    const backend = await startBackend({ port: portOf(name), host: HOST, name, log: line => { if (line.includes('Accepted order')) orders.push(name) } })
    running.set(name, backend)
    return backend
  }
  const names = ports.backends.map((_, at) => `MyServer${at + 1}`)
  const portOf = (name: string): number => ports.backends[names.indexOf(name)]!
  const proxies = {
    lb: `http://localhost:${ports.lbProxy}/services/LBProxy`,
    orders: `http://localhost:${ports.stockQuote}/services/LoadBalanceProxy`
  }
  try {
    const busy = await busyAmong([...ports.backends, ports.lbProxy, ports.stockQuote])
    if (busy.length > 0) {
      err(`port ${busy.join(', port ')} is in use: the demo needs it, so stop what listens there`)
      return 1
    }
    for (const name of names) await startServer(name)
    running.set('lb-proxy.xml', await startGateway({ config: join(config, 'lb-proxy.xml'), port: ports.lbProxy, host: HOST, logLevel: 'silent' }))
    running.set('stock-quote', await startGateway({ config: join(config, 'stock-quote'), port: ports.stockQuote, host: HOST, logLevel: 'silent' }))
    out(`Back-ends: ${names.map(name => `${name} on port ${portOf(name)}`).join(', ')}`)
    out(`Proxies:   ${proxies.lb} (lb-proxy.xml)\n           ${proxies.orders} (stock-quote)\n`)

    const kept = await playSessions(proxies.lb, out, random, {
      stop: async name => { out(`*** ${name} stops`); await running.get(name)!.close() },
      start: async name => { await startServer(name); out(`*** ${name} runs again; its endpoint stays suspended (initialDuration, 20 s in lb-proxy.xml)`) }
    })
    const taken = await playOrders(proxies.orders, out, orders)
    if (keep) {
      out('\nEverything keeps running: Ctrl+C ends it')
      await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM'), ...(signal === undefined ? [] : [signal.aborted ? undefined : once(signal, 'abort')])])
    }
    return kept && taken ? 0 : 1
  } catch (error) {
    err(`the demo stopped: ${error instanceof Error ? error.message : String(error)}`)
    return 1
  } finally {
    for (const each of [...running.values()].reverse()) await each.close()
  }
}

interface Stage { stop (name: string): Promise<void>, start (name: string): Promise<void> }

/** The requests of the sample client; half-way the server of one session fails. Whether every session kept its server. */
async function playSessions (url: string, out: (line: string) => void, random: () => number, stage: Stage): Promise<boolean> {
  const tallies = new Map(SESSIONS.map(session => [session, { servers: new Set<string>(), requests: 0, faults: 0 }]))
  const client = createSessionClient(url)
  let last: { session: SessionId, server: string } | undefined
  let struck: typeof last
  try {
    for (let number = 1; number <= REQUESTS; number++) {
      if (number === STOPS && last !== undefined) await stage.stop((struck = last).server)
      if (number === STARTS && struck !== undefined) await stage.start(struck.server)
      const session = SESSIONS[Math.floor(random() * SESSIONS.length)]!
      const { text, fault } = await client.ask(session)
      const tally = tallies.get(session)!
      tally.requests++
      if (fault) tally.faults++
      else {
        const server = text.startsWith(SERVED) ? text.slice(SERVED.length) : text
        tally.servers.add(server)
        last = { session, server }
      }
      out(`Request: ${number} with Session ID: ${session} ---- ${fault ? 'Fault : ' : 'Response : with    '}${text}`)
    }
    const back = struck !== undefined && await returns(client, struck.session, out)
    out(`\n${table([
      ['Session', 'ClientID', 'Server', 'Requests', 'Faults'],
      ...[...tallies].map(([session, { servers, requests, faults }]) => [session, clientIdOf(session), [...servers].join(' ') || '-', requests, faults])
    ])}\n`)
    return back && [...tallies].every(([session, { servers, faults }]) => servers.size <= 1 && (faults === 0 || session === struck?.session))
  } finally {
    await client.close()
  }
}

/** Asks until the session is served again. */
async function returns (client: ReturnType<typeof createSessionClient>, session: SessionId, out: (line: string) => void): Promise<boolean> {
  const start = performance.now()
  const waited = (): number => performance.now() - start
  out(`*** Session ${session} waits for its server: it asks every ${POLL} ms until the suspension is over`)
  while (waited() < START_TIMEOUT_MS) {
    const { text, fault } = await client.ask(session)
    if (!fault) {
      out(`*** After ${(waited() / 1000).toFixed(1)} s: ${text}`)
      return true
    }
    await delay(POLL)
  }
  out(`*** Session ${session} was not served again within ${START_TIMEOUT_MS / 1000} s`)
  return false
}

/** Orders, one for each back-end: without a ClientID in the SOAP header there is no session, and they are taken in turn. Whether all were. */
async function playOrders (url: string, out: (line: string) => void, orders: readonly string[]): Promise<boolean> {
  for (const number of [1, 2, 3]) {
    const { status, fault } = await placeOrder({ url, ...ORDER })
    out(`Order: ${number} ---- ${fault === undefined ? `HTTP status ${status}, taken by ${orders[number - 1] ?? 'nobody'}` : `Fault : ${fault}`}`)
  }
  return orders.length === 3
}

/** Rows under each other, the first one naming the columns. */
function table (rows: readonly (readonly (string | number)[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map(row => String(row[column]).length)))
  return rows.map(row => row.map((cell, column) => String(cell).padEnd(widths[column]!)).join('  ').trimEnd()).join('\n')
}

/** Those of the ports where somebody listens already, on any address of localhost. */
async function busyAmong (ports: readonly number[]): Promise<number[]> {
  const hosts = new Set([HOST, ...(await lookup('localhost', { all: true })).map(({ address }) => address)])
  const busy = await Promise.all(ports.map(async port => (await Promise.all([...hosts].map(host => isBusy(port, host)))).includes(true)))
  return ports.filter((_, at) => busy[at])
}

const isBusy = (port: number, host: string): Promise<boolean> => new Promise((resolve, reject) => {
  const probe = createServer()
  probe.once('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EADDRINUSE') resolve(true)
    else if (error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT') resolve(false)
    else reject(error)
  })
  probe.listen(port, host, () => { probe.close(() => resolve(false)) })
})
