/**
 * Looks for responses that the project's own client reads otherwise than undici and node:http do: what it takes for
 * a complete response, both must take for the same one. It may refuse what they accept, for a reason in a table.
 *
 *     node dist/test/fuzz/client.js [--seconds 10] [--executions N] [--seed N] [--only INDEX] [--reused | --memory]
 *
 * Every execution is one response over real sockets to each client; with --reused the own client gets it on a
 * connection that has carried another one, and a further request behind it must get its own response or none; with
 * --memory there are no sockets, and the own client is its reader, which is several times as fast. Prints counts; the
 * exit code is 1 if a difference is not explained.
 */
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { parseArgs } from 'node:util'
import { chanceOf } from './chance.js'
import { memoryNode, memoryOwn, memoryUndici } from './client-memory.js'
import { generate, piecesOf, type GeneratedResponse } from './client-response.js'
import {
  nodeClient, type Outcome, ownClient, PLAIN, reusingClient, type Subject, undiciClient
} from './client-oracles.js'

const CONCURRENCY = 64
/** How long the connection stays open behind a response that ends late, in milliseconds. */
const LATE = 5

/** Why the own client may accept what an oracle refuses, or read it otherwise. */
interface Explanation {
  readonly why: string
  readonly holds: (oracle: Outcome, own: Outcome, response: GeneratedResponse) => boolean
}

/** Two fields of this name, or a list in one. */
const REPEATED_LENGTH = /content-length[ \t]*:[^\r]*(,|\r\n[^]*content-length)/i

const LAXER: readonly Explanation[] = [
  {
    why: 'undici refuses a 100 that it did not ask for (RFC 9110, section 15.2: to be ignored)',
    holds: ({ error, status }, _, response) => error === 'UND_ERR_SOCKET' && status === 0 &&
      /HTTP\/1\.\d 100/.test(response.bytes)
  },
  {
    why: 'blanks before a colon are removed (RFC 9112, section 5.1)',
    holds: ({ error = '' }, _, response) =>
      /^HPE_INVALID_HEADER_TOKEN$|Invalid header (token|field char)|^UND_ERR_RES_CONTENT_LENGTH_MISMATCH$/.test(error) &&
        /\r\n[^\s:]+[ \t]+:/.test(response.bytes)
  },
  {
    why: 'equal lengths are one length (RFC 9110, section 8.6)',
    holds: ({ error = '' }, own, response) => own.headers.includes('content-length') &&
      REPEATED_LENGTH.test(response.bytes) &&
      /^HPE_(UNEXPECTED|INVALID)_CONTENT_LENGTH$|^UND_ERR_RES_CONTENT_LENGTH_MISMATCH$|Content-Length/.test(error)
  },
  {
    why: 'undici compares the length of a 204 or 304, which has no body, with its body (RFC 9110, section 8.6)',
    holds: ({ error }, { status, body }) => error === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH' &&
      (status === 204 || status === 304) && body === ''
  }
]

/** Why the own client refuses what an oracle accepts, by its code. */
const STRICTER: Readonly<Record<string, string>> = {
  TRANSFER_ENCODING: 'codings other than chunked alone are not understood, and must not be guessed',
  STATUS_LINE: 'a reason has no control characters, and a status three digits from 100 on',
  INTERIM_CLOSE: 'an interim response cannot be the last',
  INTERIM_BODY: 'an interim response has no body',
  NOT_HTTP: 'nothing may come before the status line',
  FOLDED_LINE: 'folded lines are obsolete, and read in different ways',
  TWO_FRAMINGS: 'a length and chunks contradict each other',
  ECONNRESET: 'a body that a reset ends is not complete',
  CHUNK_EXTENSION: 'an extension of a chunk without a name, or that does not end, is malformed (RFC 9112, section 7.1.1)',
  TRAILER: 'framing among trailers is read in different ways (RFC 9110, section 6.5.1)'
}

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    executions: { type: 'string', default: '0' },
    seed: { type: 'string', default: String(Date.now() % 1e9) },
    only: { type: 'string' },
    reused: { type: 'boolean', default: false },
    memory: { type: 'boolean', default: false }
  }
})
const seed = Number(values.seed)
const caseAt = (index: number): GeneratedResponse => generate(chanceOf(seed + index * 2_654_435_761))
const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

async function serve (socket: Socket, response: GeneratedResponse): Promise<void> {
  const { end } = response
  for (const piece of piecesOf(response)) {
    if (socket.destroyed) return
    socket.write(piece)
    await turn()
    await turn()
    await turn()
  }
  if (end === 'late') await new Promise(resolve => setTimeout(resolve, LATE))
  if (end === 'rst') socket.resetAndDestroy()
  else socket.end()
}

/** Called when all of a response is sent, by its path. */
const served = new Map<string, () => void>()

/** Resolves when all of a response is sent, or after a while: its client may have ended the connection before. */
const sent = async (path: string): Promise<void> => await new Promise(resolve => {
  const done = (): void => {
    served.delete(path)
    clearTimeout(timer)
    resolve()
  }
  const timer = setTimeout(done, 50)
  served.set(path, done)
})

async function startServer (): Promise<string> {
  const server = createServer({ allowHalfOpen: true }, socket => {
    let text = ''
    /** Whether no response is on its way that the client may not want to read to its end. */
    let isPlain = false
    socket.setNoDelay(true)
    socket.on('error', () => {})
    socket.on('end', () => { if (socket.writableEnded || isPlain) socket.destroy() })
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1')
      if (!text.includes('\r\n\r\n')) return
      const index = /^\w+ \/(\d+) /.exec(text)?.[1]
      text = ''
      isPlain = index === undefined
      if (index === undefined) socket.write(PLAIN)
      else void serve(socket, caseAt(Number(index))).then(() => served.get(`/${index}`)?.())
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const counts = { executions: 0, complete: 0, refused: 0 }
const explained: Record<string, number> = {}
const stricter: Record<string, number> = {}
const failures: string[] = []

const same = (one: Outcome, other: Outcome): boolean => one.error === other.error && one.status === other.status &&
  one.body === other.body &&
  one.headers.join('\n') === other.headers.join('\n')

function compare (index: number, own: Outcome, oracle: Outcome, name: string, both: boolean): void {
  const response = caseAt(index)
  if (own.error === 'NO_OUTCOME' || own.error === 'NO_CLIENT_ERROR' || own.error === 'ANOTHER_RESPONSE') {
    failures.push(report(index, 'no outcome', own, oracle))
  }
  if (own.error === undefined) {
    if (same(own, oracle)) return
    const explanation = LAXER.find(({ holds }) => holds(oracle, own, response))
    if (explanation === undefined) failures.push(report(index, `laxer than ${name}, or other`, own, oracle))
    else explained[explanation.why] = (explained[explanation.why] ?? 0) + 1
  } else if (both) {
    stricter[own.error] = (stricter[own.error] ?? 0) + 1
    if (STRICTER[own.error] === undefined) {
      failures.push(report(index, 'stricter than both, for no reason that is known', own, oracle))
    }
  }
}

function report (index: number, what: string, own: Outcome, oracle: Outcome): string {
  const lines = Object.entries({ case: caseAt(index), own, oracle }).map(([name, each]) => `  ${name} ${JSON.stringify(each)}`)
  return [`${what}: --seed ${seed} --only ${index}`, ...lines].join('\n')
}

async function execute (index: number, [own, ...oracles]: readonly [Subject, ...Subject[]]): Promise<void> {
  const { method } = caseAt(index)
  const path = `/${index}`
  const [mine, ...theirs] = await Promise.all([own.send(method, path),
    ...oracles.map(oracle => oracle.send(method, path))])
  counts.executions++
  counts[mine.error === undefined ? 'complete' : 'refused']++
  const both = theirs.every(({ error }) => error === undefined)
  theirs.forEach((outcome, at) => {
    if (mine.error === undefined || at === 0) compare(index, mine, outcome, oracles[at]!.name, both)
  })
}

// Most executions end in errors, whose stacks would take a tenth of the time.
if (values.memory) Error.stackTraceLimit = 0
const inMemory = (path: string): GeneratedResponse => caseAt(Number(path.slice(1)))
const origin = values.memory ? '' : await startServer()
const subjects = values.memory
  ? [memoryOwn(inMemory), memoryUndici(inMemory), memoryNode(inMemory)] as const
  : [values.reused ? reusingClient(origin, sent) : ownClient(origin), undiciClient(origin), nodeClient(origin)] as const
if (values.only !== undefined) {
  const index = Number(values.only)
  console.log(caseAt(index))
  for (const subject of subjects) console.log(subject.name, await subject.send(caseAt(index).method, `/${index}`))
} else {
  const until = Date.now() + Number(values.seconds) * 1000
  const executions = Number(values.executions)
  let next = 0
  await Promise.all(Array.from({ length: CONCURRENCY }, async () => {
    while (failures.length < 10 && (executions > 0 ? next < executions : Date.now() < until)) {
      await execute(next++,
        subjects)
    }
  }))
  console.log(`seed ${seed}:`, counts, 'explained:', explained, 'stricter:', stricter)
  for (const failure of failures) console.error(failure)
  console.log(`${failures.length} differences that are not explained`)
}
process.exit(failures.length > 0 ? 1 : 0)
