import { setMaxListeners } from 'node:events'
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http'
import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises'
import type { Reply } from './history.js'
import { bodyIn, checksumOf, MEDIA_TYPE, writeAnswer, writeOrder, type Order } from './message.js'
import type { Random } from './random.js'
import { SESSION, type Service } from './services.js'

/** The longest wait for anything, in milliseconds. */
const PATIENCE = 30_000
/** The smallest and the largest body, in bytes. */
const SIZES = [100, 300_000] as const
/**
 * The largest of an order that opens a session: it can be tried elsewhere, since what is said of openings holds only
 * then.
 */
const OPENING = 60_000

export interface Clients {
  readonly replies: Reply[]
  /** Resolves when each has its last reply. */
  stop (): Promise<void>
}

/** Between two poisonous orders to one service, in milliseconds. */
const BETWEEN_POISONS = [1_500, 5_000] as const
/** The share of bodies that may be large: most of the time goes by with many small ones. */
const LARGE = 0.25
const SMALL = 3_000

/** Clients that send one order after the other until they are stopped, and look at every answer. */
export function openClients (
  url: string,
  services: readonly Service[],
  count: number,
  random: Random,
  prefix: string
): Clients {
  return open(url, count, random, prefix, async (client, over) => await client.visit(services, over))
}

/** For each service a client that sends it, now and then, an order that makes every back-end end its connection. */
export function openPoisoners (url: string, services: readonly Service[], random: Random, prefix: string): Clients {
  return open(url, services.length, random, prefix, async (client, over, number) =>
    await client.poison(services[number]!, over))
}

function open (
  url: string,
  count: number,
  random: Random,
  prefix: string,
  visit: (client: Client, over: AbortSignal, number: number) => Promise<void>
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
      while (!over.signal.aborted) await visit(client, over.signal, number)
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
  readonly #told: (reply: Reply) => void
  #orders = 0
  #sessions = 0

  constructor (url: string, agent: Agent, random: Random, name: string, told: (reply: Reply) => void) {
    this.#url = url
    this.#agent = agent
    this.#random = random
    this.#name = name
    this.#told = told
  }

  /** Some orders to one service, in one session if it has any; no more of them once it is over. */
  async visit (services: readonly Service[], over: AbortSignal): Promise<void> {
    const random = this.#random
    const service = random.pick(services)
    const more = random.between(2, 25)
    if (service.sessions === undefined) {
      for (let left = more; left > 0 && !over.aborted; left--) {
        await this.#ask(service)
        await pause(random.below(40))
      }
      return
    }
    const id = `${this.#name}-s${++this.#sessions}`
    const jar = new Map<string, string>()
    const together = service.sessions === 'client' && random.chance(0.5)
    await Promise.all(
      Array.from({ length: together ? 2 : 1 }, async () => await this.#ask(service, { id, nth: 0, together }, jar))
    )
    for (let nth = 1; nth <= more; nth++) {
      await rest(random.chance(0.005) ? SESSION * 1.25 : random.below(40), over)
      if (over.aborted) return
      await this.#ask(service, { id, nth, together: false }, jar)
    }
  }

  /** Waits, and sends one poisonous order, which opens a session where the service has any. */
  async poison (service: Service, over: AbortSignal): Promise<void> {
    const random = this.#random
    await rest(random.between(...BETWEEN_POISONS), over)
    if (over.aborted) return
    const id = `${this.#name}-${++this.#orders}`
    const order: Order = {
      ...{ id, service: service.name, poison: true, size: random.between(...SIZES), answerSize: 100, takes: 0 },
      ...{ clientId: service.sessions === 'client' ? id : undefined, answerChunked: false, status: 200 }
    }
    await this.#send(order, undefined, new Map(), undefined)
  }

  async #ask (service: Service, session?: NonNullable<Reply['session']>, jar?: Map<string, string>): Promise<void> {
    const random = this.#random
    const size = (most: number): number => random.between(SIZES[0], random.chance(LARGE) ? most : SMALL)
    const order: Order = {
      id: `${this.#name}-${++this.#orders}`,
      service: service.name,
      clientId: service.sessions === 'client' ? session!.id : undefined,
      size: size(session?.nth === 0 ? OPENING : SIZES[1]),
      answerSize: size(SIZES[1]),
      answerChunked: random.chance(0.3),
      status: random.chance(0.05) ? random.pick([404, 500, 503]) : 200,
      takes: random.chance(0.3) ? random.between(1, 30) : 0,
      poison: false
    }
    const leaves = session?.nth !== 0 && random.chance(0.03) ? random.below(30) : undefined
    await this.#send(order, session, jar, leaves)
  }

  async #send (
    order: Order,
    session: Reply['session'],
    jar: Map<string, string> | undefined,
    leaves: number | undefined
  ): Promise<void> {
    const bytes = Buffer.from(writeOrder(order))
    const sent = Date.now()
    const got = await this.#exchange(order, bytes, this.#random.chance(0.3), leaves, jar)
    this.#told({ order, bytes: bytes.length, session, sent, ended: Date.now(), got })
  }

  #exchange (
    order: Order,
    bytes: Buffer,
    chunked: boolean,
    leaves: number | undefined,
    jar = new Map<string, string>()
  ): Promise<Reply['got']> {
    return new Promise(resolve => {
      let settled = false
      const settle = (got: Reply['got']): void => {
        if (settled) return
        settled = true
        clearTimeout(patience)
        clearTimeout(leaving)
        resolve(got)
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
      const give = (got: Reply['got']) => (): void => {
        settle(got)
        request.destroy()
      }
      const patience = setTimeout(give({ kind: 'nothing', why: 'for too long' }), PATIENCE)
      const leaving = leaves === undefined ? undefined : setTimeout(give({ kind: 'left' }), leaves)
      request.on('error', error => settle({ kind: 'nothing', why: error.message }))
      request.on('response', response => {
        for (const line of response.headers['set-cookie'] ?? []) {
          const [name = '', value = ''] = line.split(';', 1)[0]!.split('=')
          jar.set(name, value)
        }
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', () => {})
        response.on('close', () => settle(judged(order, response, Buffer.concat(chunks).toString())))
      })
      void write(request, bytes, chunked, this.#random)
    })
  }
}

const rest = async (milliseconds: number, over: AbortSignal): Promise<void> =>
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

/** What came, held against what was ordered. */
function judged (order: Order, { complete, statusCode, headers }: IncomingMessage, text: string): Reply['got'] {
  const wrong = (why: string): Reply['got'] => ({ kind: 'wrong', why: `${order.service} ${order.id}: ${why}` })
  const { 'x-order': id, 'x-from': from } = headers
  if (id === undefined) {
    const code = /<code>(\d+)<\/code>|<soapenv:Text[^>]*>(\d+)</.exec(text)?.slice(1).find(Boolean)
    if (!complete) return wrong('a fault that broke off')
    if (statusCode !== 500 || code === undefined || !/<\/[\w-]+:Envelope>\s*$/.test(text)) {
      return wrong(`neither an answer nor a fault: ${statusCode} ${text.slice(0, 200)}`)
    }
    const whose = /ClientID[^>]*>([^<]*)</.exec(text)?.[1]
    return whose !== undefined && whose !== order.clientId
      ? wrong(`the fault of the session ${whose}`)
      : { kind: 'fault', code: Number(code) }
  }
  if (id !== order.id) return wrong(`the answer to ${String(id)}`)
  if (statusCode !== order.status) return wrong(`status ${statusCode}, not ${order.status}`)
  const expected = bodyIn(writeAnswer(order, String(from), checksumOf(order)))!
  const body = bodyIn(text)
  if (complete) {
    return body === expected
      ? { kind: 'answer', from: String(from) }
      : wrong(`${text.length} bytes that are not its answer: ${text.slice(0, 300)}`)
  }
  return expected.startsWith(body ?? '') ? { kind: 'broken', from: String(from) } : wrong('a part of another answer')
}
