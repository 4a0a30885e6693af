import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { errorMessage } from '../message/error-message.js'
import { startGateway } from './serve/gateway.js'
import { clientIdOf, createSessionClient, placeOrder, SESSIONS, type SessionId } from './sample/client.js'
import { startBackend, type Backend } from './sample/server.js'

const HOST = '127.0.0.1'
const REQUESTS = 100
/** The requests before which a back-end stops and starts again. */
const STOP_BEFORE = 51
const START_BEFORE = 76
/** How often, and for how long, a suspended session is tried again. The configuration suspends for 20 s. */
const POLL_MS = 250
const RETURN_TIMEOUT_MS = 30_000
const SERVED = 'Response from server: '
/** The order of Synapse's documentation. */
const ORDER = { symbol: 'IBM', quantity: 18398, price: 172.23182849731984, headers: { simpleClientSession: '123' } }

export interface DemoOptions {
  /** Keeps everything running until SIGINT, SIGTERM or `signal`. */
  keep?: boolean | undefined
  /** Gets each line of output. Default: standard output. */
  out?: ((line: string) => void) | undefined
  /** Gets each error. Default: standard error. */
  err?: ((line: string) => void) | undefined
  /** Chooses the session of each request: from 0 to below 1. */
  random?: (() => number) | undefined
  /** The ports of the back-ends, as the configuration names them, and those of the two gateways. */
  ports?: { readonly backends: readonly number[], readonly lbProxy: number, readonly stockQuote: number } | undefined
  /** The folder with `lb-proxy.xml` and `stock-quote/`. Default: the one of this package. */
  config?: string | undefined
  signal?: AbortSignal | undefined
}

/**
 * Runs the two documented examples on loopback: three back-ends, both proxies, the 100 requests of the sample client, a
 * back-end that stops and starts again, three orders. Takes as long as a suspension: 20 s.
 * @returns The exit code: 0 if every session kept its back-end and every order was accepted, else 1.
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
    const backend =
      await startBackend({
        port: portOf(name), host: HOST, name, log: line => { if (line.includes('Accepted order')) orders.push(name) }
      })
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
      err(`port ${busy.join(', port ')} is in use: stop what listens there`)
      return 1
    }
    for (const name of names) await startServer(name)
    running.set('lb-proxy.xml',
      await startGateway({ config: join(config, 'lb-proxy.xml'), port: ports.lbProxy, host: HOST, logLevel: 'silent' }))
    running.set('stock-quote',
      await startGateway({
        config: join(config, 'stock-quote'), port: ports.stockQuote, host: HOST, logLevel: 'silent'
      }))
    out(`Back-ends: ${names.map(name => `${name} on port ${portOf(name)}`).join(', ')}`)
    out(`Proxies:   ${proxies.lb} (lb-proxy.xml)\n           ${proxies.orders} (stock-quote)\n`)

    const kept = await playSessions(proxies.lb, out, random, {
      stop: async name => { out(`*** ${name} stops`); await running.get(name)!.close() },
      start: async name => {
        await startServer(name)
        out(`*** ${name} runs again; its endpoint is still suspended (initialDuration, 20 s)`)
      }
    })
    const ordered = await playOrders(proxies.orders, out, orders)
    if (keep) {
      out('\nEverything keeps running until Ctrl+C')
      await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM'),
        ...(signal === undefined ? [] : [signal.aborted ? undefined : once(signal, 'abort')])])
    }
    return kept && ordered ? 0 : 1
  } catch (error) {
    err(`the demo stopped: ${errorMessage(error)}`)
    return 1
  } finally {
    for (const each of [...running.values()].reverse()) await each.close()
  }
}

interface Stage { stop (name: string): Promise<void>, start (name: string): Promise<void> }

/**
 * Sends the requests of the sample client; one back-end stops half-way.
 * @returns Whether every session kept its server.
 */
async function playSessions (
  url: string, out: (line: string) => void, random: () => number, stage: Stage
): Promise<boolean> {
  const tallies = new Map(SESSIONS.map(session => [session, { servers: new Set<string>(), requests: 0, faults: 0 }]))
  const client = createSessionClient(url)
  let last: { session: SessionId, server: string } | undefined
  let stopped: typeof last
  try {
    for (let number = 1; number <= REQUESTS; number++) {
      if (number === STOP_BEFORE && last !== undefined) await stage.stop((stopped = last).server)
      if (number === START_BEFORE && stopped !== undefined) await stage.start(stopped.server)
      const session = SESSIONS[Math.floor(random() * SESSIONS.length)]!
      const { text, fault } = await client.send(session)
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
    const back = stopped !== undefined && await waitForReturn(client, stopped.session, out)
    out(`\n${table([
      ['Session', 'ClientID', 'Server', 'Requests', 'Faults'],
      ...[...tallies].map(([session, { servers, requests, faults }]) =>
        [session, clientIdOf(session), [...servers].join(' ') || '-', requests, faults])
    ])}\n`)
    return back &&
      [...tallies].every(([session, { servers, faults }]) =>
        servers.size <= 1 && (faults === 0 || session === stopped?.session))
  } finally {
    await client.close()
  }
}

/** Sends requests until the session is served again. @returns Whether it was. */
async function waitForReturn (
  client: ReturnType<typeof createSessionClient>, session: SessionId, out: (line: string) => void
): Promise<boolean> {
  const start = performance.now()
  const waited = (): number => performance.now() - start
  out(`*** Session ${session} retries every ${POLL_MS} ms until the suspension is over`)
  while (waited() < RETURN_TIMEOUT_MS) {
    const { text, fault } = await client.send(session)
    if (!fault) {
      out(`*** After ${(waited() / 1000).toFixed(1)} s: ${text}`)
      return true
    }
    await delay(POLL_MS)
  }
  out(`*** Session ${session} was not served again within ${RETURN_TIMEOUT_MS / 1000} s`)
  return false
}

/** Sends one order for each back-end: without a ClientID they are spread. @returns Whether all were accepted. */
async function playOrders (url: string, out: (line: string) => void, orders: readonly string[]): Promise<boolean> {
  for (const number of [1, 2, 3]) {
    const { status, fault } = await placeOrder({ url, ...ORDER })
    out(`Order: ${number} ---- ${fault === undefined
      ? `HTTP status ${status}, accepted by ${orders[number - 1] ?? 'no back-end'}`
      : `Fault : ${fault}`}`)
  }
  return orders.length === 3
}

/** Formats rows as columns. The first row names them. */
function table (rows: readonly (readonly (string | number)[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map(row => String(row[column]).length)))
  return rows.map(row => row.map((cell, column) => String(cell).padEnd(widths[column]!)).join('  ').trimEnd())
    .join('\n')
}

/** The ports that are in use on any address of localhost. */
async function busyAmong (ports: readonly number[]): Promise<number[]> {
  const hosts = new Set([HOST, ...(await lookup('localhost', { all: true })).map(({ address }) => address)])
  const busy =
    await Promise.all(ports.map(async port =>
      (await Promise.all([...hosts].map(host => isBusy(port, host)))).includes(true)))
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
