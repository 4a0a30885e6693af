import { setMaxListeners } from 'node:events'
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http'
import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises'
import type { Reply } from './history.js'
import { bodyIn, checksumOf, MEDIA_TYPE, writeResponse, writeOrder, type Order } from './message.js'
import type { Random } from '../support/random.js'
import { SESSION_TIMEOUT_MS, type Service } from './services.js'

/** A client without a reply after this time gives up. */
const REPLY_TIMEOUT_MS = 30_000
/** The smallest and the largest body, in bytes. */
const SIZES = [100, 300_000] as const
/**
 * The largest order that opens a session: the gateway can send it to another member, as the rules of openings suppose.
 */
const MAX_OPENING_SIZE = 60_000

export interface Clients {
  readonly replies: Reply[]
  /** Resolves when each has its last reply. */
  stop (): Promise<void>
}

/** The time between two poison orders to one service, in milliseconds: least and most. */
const POISON_GAP = [1_500, 5_000] as const
/** The share of bodies that may be large; the others have at most `MAX_SMALL_SIZE` bytes. */
const LARGE_SHARE = 0.25
const MAX_SMALL_SIZE = 3_000

/** Opens clients that send one order after the other until they are stopped, and verify every response. */
export function openClients (
  url: string,
  services: readonly Service[],
  count: number,
  random: Random,
  prefix: string
): Clients {
  return open(url, count, random, prefix, async (client, over) => await client.sendSeries(services, over))
}

/** Opens a client for each service that sends poison orders: every back-end closes the connection of such an order. */
export function openPoisonClients (url: string, services: readonly Service[], random: Random, prefix: string): Clients {
  return open(url, services.length, random, prefix, async (client, over, number) =>
    await client.sendPoison(services[number]!, over))
}

function open (
  url: string,
  count: number,
  random: Random,
  prefix: string,
  sendSome: (client: Client, over: AbortSignal, number: number) => Promise<void>
): Clients {
  const agent = new Agent({ keepAlive: true })
  const replies: Reply[] = []
  const over = new AbortController()
  setMaxListeners(count, over.signal)
  const all = Array.from(
    { length: count },
    (_, number) => new Client(url, agent, random.fork(), `${prefix}${number}`, reply => replies.push(reply))
  )
  const done = Promise.all(
    all.map(async (client, number) => {
      while (!over.signal.aborted) await sendSome(client, over.signal, number)
    })
  )
  return {
    replies,
    async stop () {
      over.abort()
      await done
      agent.destroy()
    }
  }
}

class Client {
  readonly #url: string
  readonly #agent: Agent
  readonly #random: Random
  readonly #name: string
  readonly #report: (reply: Reply) => void
  #orders = 0
  #sessions = 0

  constructor (url: string, agent: Agent, random: Random, name: string, report: (reply: Reply) => void) {
    this.#url = url
    this.#agent = agent
    this.#random = random
    this.#name = name
    this.#report = report
  }

  /** Sends a series of orders to one service, in one session if the service has sessions. */
  async sendSeries (services: readonly Service[], over: AbortSignal): Promise<void> {
    const random = this.#random
    const service = random.oneOf(services)
    const more = random.between(2, 25)
    if (service.sessions === undefined) {
      for (let left = more; left > 0 && !over.aborted; left--) {
        await this.#sendOrder(service)
        await pause(random.below(40))
      }
      return
    }
    const id = `${this.#name}-s${++this.#sessions}`
    const jar = new Map<string, string>()
    const together = service.sessions === 'client' && random.chance(0.5)
    await Promise.all(
      Array.from({ length: together ? 2 : 1 }, () => this.#sendOrder(service, { id, nth: 0, together }, jar))
    )
    for (let nth = 1; nth <= more; nth++) {
      await pauseUnless(random.chance(0.005) ? SESSION_TIMEOUT_MS * 1.25 : random.below(40), over)
      if (over.aborted) return
      await this.#sendOrder(service, { id, nth, together: false }, jar)
    }
  }

  /** Waits, and sends one poison order, which opens a session if the service has sessions. */
  async sendPoison (service: Service, over: AbortSignal): Promise<void> {
    const random = this.#random
    await pauseUnless(random.between(...POISON_GAP), over)
    if (over.aborted) return
    const id = `${this.#name}-${++this.#orders}`
    const order: Order = {
      ...{ id, service: service.name, poison: true, size: random.between(...SIZES), responseSize: 100, delay: 0 },
      ...{ clientId: service.sessions === 'client' ? id : undefined, responseChunked: false, status: 200 }
    }
    await this.#send(order, undefined, new Map(), undefined)
  }

  async #sendOrder (
    service: Service,
    session?: NonNullable<Reply['session']>,
    jar?: Map<string, string>
  ): Promise<void> {
    const random = this.#random
    const size = (most: number): number => random.between(SIZES[0], random.chance(LARGE_SHARE) ? most : MAX_SMALL_SIZE)
    const order: Order = {
      id: `${this.#name}-${++this.#orders}`,
      service: service.name,
      clientId: service.sessions === 'client' ? session!.id : undefined,
      size: size(session?.nth === 0 ? MAX_OPENING_SIZE : SIZES[1]),
      responseSize: size(SIZES[1]),
      responseChunked: random.chance(0.3),
      status: random.chance(0.05) ? random.oneOf([404, 500, 503]) : 200,
      delay: random.chance(0.3) ? random.between(1, 30) : 0,
      poison: false
    }
    const leavesAfter = session?.nth !== 0 && random.chance(0.03) ? random.below(30) : undefined
    await this.#send(order, session, jar, leavesAfter)
  }

  async #send (
    order: Order,
    session: Reply['session'],
    jar: Map<string, string> | undefined,
    leavesAfter: number | undefined
  ): Promise<void> {
    const bytes = Buffer.from(writeOrder(order))
    const sent = Date.now()
    const result = await this.#exchange(order, bytes, this.#random.chance(0.3), leavesAfter, jar)
    this.#report({ order, bytes: bytes.length, session, sent, ended: Date.now(), result })
  }

  #exchange (
    order: Order,
    bytes: Buffer,
    chunked: boolean,
    leavesAfter: number | undefined,
    jar = new Map<string, string>()
  ): Promise<Reply['result']> {
    return new Promise(resolve => {
      let settled = false
      const settle = (result: Reply['result']): void => {
        if (settled) return
        settled = true
        clearTimeout(timeout)
        clearTimeout(leaving)
        resolve(result)
      }
      const request = httpRequest(`${this.#url}/services/${order.service}`, {
        method: 'POST',
        agent: this.#agent,
        headers: {
          'Content-Type': MEDIA_TYPE,
          'X-Order': order.id,
          ...(jar.size > 0 && { Cookie: [...jar].map(pair => pair.join('=')).join('; ') }),
          ...(!chunked && { 'Content-Length': bytes.length })
        }
      })
      const giveUp = (result: Reply['result']) => (): void => {
        settle(result)
        request.destroy()
      }
      const late = giveUp({ kind: 'none', why: `no reply within ${REPLY_TIMEOUT_MS} ms` })
      const timeout = setTimeout(late, REPLY_TIMEOUT_MS)
      const leaving = leavesAfter === undefined ? undefined : setTimeout(giveUp({ kind: 'left' }), leavesAfter)
      request.on('error', error => settle({ kind: 'none', why: error.message }))
      request.on('response', response => {
        for (const line of response.headers['set-cookie'] ?? []) {
          const [name = '', value = ''] = line.split(';', 1)[0]!.split('=')
          jar.set(name, value)
        }
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', () => {})
        response.on('close', () => settle(resultOf(order, response, Buffer.concat(chunks).toString())))
      })
      void write(request, bytes, chunked, this.#random)
    })
  }
}

const pauseUnless = async (milliseconds: number, over: AbortSignal): Promise<void> =>
  await pause(milliseconds, undefined, { signal: over }).catch(() => {})

async function write (
  request: ReturnType<typeof httpRequest>,
  bytes: Buffer,
  chunked: boolean,
  random: Random
): Promise<void> {
  if (chunked) {
    for (let at = 0; at < bytes.length && !request.destroyed;) {
      const end = at + random.between(1000, 65_536)
      request.write(bytes.subarray(at, end))
      at = end
      await turn()
    }
    request.end()
  } else request.end(bytes)
}

/** Compares a response with its order. */
function resultOf (order: Order, { complete, statusCode, headers }: IncomingMessage, text: string): Reply['result'] {
  const wrong = (why: string): Reply['result'] => ({ kind: 'wrong', why: `${order.service} ${order.id}: ${why}` })
  const { 'x-order': id, 'x-from': from } = headers
  if (id === undefined) {
    const code = /<code>(\d+)<\/code>|<soapenv:Text[^>]*>(\d+)</.exec(text)?.slice(1).find(Boolean)
    if (!complete) return wrong('a truncated fault')
    if (statusCode !== 500 || code === undefined || !/<\/[\w-]+:Envelope>\s*$/.test(text)) {
      return wrong(`neither a response to an order nor a fault: ${statusCode} ${text.slice(0, 200)}`)
    }
    const sessionId = /ClientID[^>]*>([^<]*)</.exec(text)?.[1]
    return sessionId !== undefined && sessionId !== order.clientId
      ? wrong(`the fault of the session ${sessionId}`)
      : { kind: 'fault', code: Number(code) }
  }
  if (id !== order.id) return wrong(`the response to ${String(id)}`)
  if (statusCode !== order.status) return wrong(`status ${statusCode}, not ${order.status}`)
  const expected = bodyIn(writeResponse(order, String(from), checksumOf(order)))!
  const body = bodyIn(text)
  if (complete) {
    return body === expected
      ? { kind: 'response', from: String(from) }
      : wrong(`${text.length} bytes that are not its response: ${text.slice(0, 300)}`)
  }
  if (!expected.startsWith(body ?? '')) return wrong('a part of another response')
  return { kind: 'truncated', from: String(from) }
}
