import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { send, type Got } from './client.js'
import { arrived, Origin, rewritten, type Received } from './origin.js'
import { unusedPort } from './ports.js'
import { fromBytes, toBytes, type Case, type Exchange, type Seen, type Spoken } from './record.js'
import { emptied, filled, type Ports } from './tokens.js'
import { valuesOf } from './wire.js'

/** A gateway that serves one configuration. */
export interface Gateway {
  /** A path below `/` that responds with a header of this name, where there is one. */
  readonly mark?: string
  /** So much time goes by, in milliseconds. */
  pass (time: number): Promise<void>
  stop (): Promise<void>
}

export interface Start {
  readonly definitions: string
  /** Holds the files of the case. */
  readonly folder: string
  readonly port: number
}

/** Rejects with Refused where the configuration is not served. */
export type StartGateway<G extends Gateway = Gateway> = (start: Start) => Promise<G>

export class Refused extends Error {}

/** What came of a case: its exchanges, or why it never began. */
export type CaseResult = { readonly seen: readonly Seen[] } | { readonly refused: string }

/** Performs all exchanges of a case on a gateway of its own, and keeps what is seen from outside. */
export async function runCase (each: Case, start: StartGateway): Promise<CaseResult> {
  let running: RunningCase | undefined
  try {
    running = await open(each, start)
    const seen: Seen[] = []
    for (const exchange of each.exchanges) seen.push(await running.perform(exchange))
    return { seen }
  } catch (error) {
    if (error instanceof Refused) return { refused: error.message }
    throw error
  } finally {
    await running?.close()
  }
}

/** A gateway between clients and back-ends. */
export interface RunningCase<G extends Gateway = Gateway> {
  readonly gateway: G
  readonly origins: readonly Origin[]
  perform (exchange: PlannedExchange): Promise<Seen>
  close (): Promise<void>
}

export type Setting = Pick<Case, 'definitions' | 'files' | 'backends'>
/** What is done in an exchange; of what was recorded, only as much as waiting for it needs. */
export type PlannedExchange = Omit<Exchange, keyof Seen> & {
  readonly reply?: unknown
  readonly atBackends?: readonly unknown[]
}

/** Back-ends first, then the gateway. Rejects with Refused where the configuration is not served. */
export async function open<G extends Gateway> (setting: Setting, start: StartGateway<G>): Promise<RunningCase<G>> {
  const ports: Record<string, number> = {}
  for (const name of [...Object.keys(setting.backends), 'dead', 'gw']) ports[name] = await unusedPort()
  const fill = filled(ports)
  const folder = await mkdtemp(join(tmpdir(), 'engine-'))
  const origins = Object.keys(setting.backends).map(name => new Origin(name, ports[name]!, fill))
  const cleanUp = async (): Promise<void> => {
    await Promise.all(origins.map(async origin => await origin.stop()))
    await rm(folder, { recursive: true, force: true })
  }
  try {
    for (const [path, content] of Object.entries(setting.files ?? {})) {
      await mkdir(dirname(join(folder, path)), { recursive: true })
      await writeFile(join(folder, path), fill(content))
    }
    for (const origin of origins) await origin.behave(setting.backends[origin.name]!)
    const gateway = await start({ definitions: fill(setting.definitions), folder, port: ports['gw']! })
    return {
      gateway,
      origins,
      perform: async exchange => await perform(exchange, gateway, origins, ports),
      close: async () => {
        await gateway.stop()
        await cleanUp()
      }
    }
  } catch (error) {
    await cleanUp()
    throw error
  }
}

/** A response may take so long, however busy this machine is. Only what never responds is waited for to the end. */
const REPLY_TIMEOUT_MS = 60_000
/** How long nothing must come, where nothing may. */
const SILENCE_MS = 2_000
/** Where messages may come after the response. */
const SETTLE = 20_000

async function perform (
  exchange: PlannedExchange,
  gateway: Gateway,
  origins: readonly Origin[],
  ports: Ports
): Promise<Seen> {
  for (const origin of origins) {
    const plan = exchange.backendsNow?.[origin.name]
    if (plan !== undefined) await origin.behave(plan)
  }
  if (exchange.pause !== undefined) await gateway.pass(exchange.pause)
  const got = await send({
    port: ports['gw']!,
    ...request(exchange, ports),
    expect: exchange.expect ?? false,
    timeout: timeoutFor(exchange),
    mark: gateway.mark
  })
  if (exchange.settle !== undefined) await arrived(origins, exchange.atBackends?.length ?? 0, SETTLE)
  return tokenized(got, origins.flatMap(origin => origin.take()).sort((a, b) => a.at - b.at), ports)
}

const timeoutFor = ({ wait = 0, reply }: PlannedExchange): number =>
  reply === null ? SILENCE_MS : Math.max(wait, REPLY_TIMEOUT_MS)

/** With the ports of this run; a single, plain Content-Length is that of the bytes which are really sent. */
function request ({ request: { head, body } }: PlannedExchange, ports: Ports): { head: string[], body: Buffer } {
  const fill = filled(ports)
  const bytes = rewritten(toBytes(body), fill)
  const single = valuesOf(head, 'content-length').length === 1 && valuesOf(head, 'transfer-encoding').length === 0
  return {
    head: head.map(line =>
      single && /^content-length: *\d+$/i.test(line) ? line.replace(/:.*/, `: ${bytes.length}`) : fill(line)
    ),
    body: bytes
  }
}

function tokenized ({ reply, interim, connection, ms }: Got, received: readonly Received[], ports: Ports): Seen {
  const empty = emptied(ports)
  const bytes = (content: Buffer): Spoken['body'] => fromBytes(rewritten(content, empty))
  const spoken = ({ head, framing, body, complete }: Omit<Received, 'backend' | 'at'>): Spoken =>
    ({ head: head.map(empty), framing, body: bytes(body), ...!complete && { complete } })
  return {
    atBackends: received.map(each => ({ backend: each.backend, ...spoken(each) })),
    ...(interim.length > 0 && { interim }),
    reply:
      reply === undefined
        ? null
        : { ...spoken(reply), ...(reply.extra.length > 0 && { extra: bytes(reply.extra) }) },
    connection,
    time:
      reply === undefined && connection === 'open'
        ? `none within ${ms / 1000} s`
        : ms < 1000
          ? 'at once'
          : `after ${Math.round(ms / 1000)} s`
  }
}
