/**
 * Looks for responses that the project's own client reads otherwise than undici and node:http do: what it takes for
 * a complete response, both must take for the same one. It may refuse what they accept, for a reason in a table.
 *
 *     node dist/test/fuzz/client.js [--seconds 10] [--executions N] [--seed N] [--only INDEX] [--reused | --memory]
 *
 * Every execution is one response over real sockets to the own client. What it accepts, both oracles get; what it
 * refuses for a reason of the table, one in 16, since nothing follows from it; what it refuses otherwise, each oracle
 * until one refuses it, too. With --reused the own client gets it on a connection that has carried another one, and a
 * further request after it must get its own response or none; with --memory there are no sockets, and the own client
 * is its reader, which is far faster. Prints counts; the exit code is 1 if a difference is not explained.
 */
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { parseArgs } from 'node:util'
import { Random } from '../support/random.js'
import { LAXER, STRICTER } from './client-differences.js'
import { memoryNode, memoryOwn, memoryUndici } from './client-memory.js'
import { generate, piecesOf, type GeneratedResponse } from './client-response.js'
import {
  nodeClient, type Outcome, ownClient, PLAIN, reusingClient, type Subject, undiciClient
} from './client-oracles.js'

const CONCURRENCY = 64
/** Of what the own client refuses for a known reason, the oracles get one in so many. */
const SAMPLE = 16
/** How long the connection stays open after a response that ends late, in milliseconds. */
const LATE = 5

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
/** Those that are being executed. */
const cases = new Map<number, GeneratedResponse>()
const caseAt = (index: number): GeneratedResponse =>
  cases.get(index) ?? generate(new Random(seed + Math.imul(index, 2_654_435_761)))
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

const counts = { executions: 0, complete: 0, refused: 0, undici: 0, node: 0 }
const explained: Record<string, number> = {}
const stricter: Record<string, number> = {}
const failures: string[] = []

const same = (one: Outcome, other: Outcome): boolean => one.error === other.error && one.status === other.status &&
  one.body === other.body &&
  one.headers.join('\n') === other.headers.join('\n')

/** The own client has accepted the response: this oracle must have read the same. */
function compareAccepted (index: number, own: Outcome, oracle: Outcome, name: string): void {
  if (same(own, oracle)) return
  const explanation = LAXER.find(({ holds }) => holds(oracle, own, caseAt(index)))
  if (explanation === undefined) failures.push(report(index, `laxer than ${name}, or other`, own, oracle))
  else explained[explanation.why] = (explained[explanation.why] ?? 0) + 1
}

function report (index: number, what: string, own: Outcome, oracle?: Outcome): string {
  const lines = Object.entries({ case: caseAt(index), own, oracle }).map(([name, each]) => `  ${name} ${JSON.stringify(each)}`)
  return [`${what}: --seed ${seed} --only ${index}`, ...lines].join('\n')
}

const NO_OUTCOMES = new Set(['NO_OUTCOME', 'NO_CLIENT_ERROR', 'ANOTHER_RESPONSE'])

interface Clients {
  readonly own: Subject
  readonly undici: Subject
  readonly node: Subject
}

async function execute (index: number, { own, undici, node }: Clients): Promise<void> {
  const response = caseAt(index)
  cases.set(index, response)
  const { method } = response
  const path = `/${index}`
  const request = async (name: 'undici' | 'node'): Promise<Outcome> => {
    counts[name]++
    return await (name === 'undici' ? undici : node).send(method, path)
  }
  const mine = await own.send(method, path)
  counts.executions++
  const { error } = mine
  if (error === undefined) {
    counts.complete++
    const [first, second] = await Promise.all([request('undici'), request('node')])
    compareAccepted(index, mine, first, undici.name)
    compareAccepted(index, mine, second, node.name)
  } else {
    counts.refused++
    if (NO_OUTCOMES.has(error)) failures.push(report(index, 'no outcome', mine))
    else if (STRICTER[error] === undefined || index % SAMPLE === 0) {
      const oracle = await request('undici')
      if (oracle.error === undefined && (await request('node')).error === undefined) {
        countStricter(index, mine, oracle, error)
      }
    }
  }
  cases.delete(index)
}

/** Both oracles accept what the own client refuses. */
function countStricter (index: number, own: Outcome, oracle: Outcome, error: string): void {
  stricter[error] = (stricter[error] ?? 0) + 1
  if (STRICTER[error] === undefined) {
    failures.push(report(index, 'stricter than both, for no reason that is known', own, oracle))
  }
}

// Most executions end in errors, whose stacks would take a tenth of the time.
if (values.memory) Error.stackTraceLimit = 0
const inMemory = (path: string): GeneratedResponse => caseAt(Number(path.slice(1)))
const origin = values.memory ? '' : await startServer()
const clients: Clients = values.memory
  ? { own: memoryOwn(inMemory), undici: memoryUndici(inMemory), node: memoryNode(inMemory) }
  : {
      own: values.reused ? reusingClient(origin, sent) : ownClient(origin),
      undici: undiciClient(origin),
      node: nodeClient(origin)
    }
if (values.only !== undefined) {
  const index = Number(values.only)
  console.log(caseAt(index))
  for (const subject of Object.values<Subject>({ ...clients })) {
    console.log(subject.name, await subject.send(caseAt(index).method, `/${index}`))
  }
} else {
  const until = Date.now() + Number(values.seconds) * 1000
  const executions = Number(values.executions)
  let next = 0
  await Promise.all(Array.from({ length: CONCURRENCY }, async () => {
    while (failures.length < 10 && (executions > 0 ? next < executions : Date.now() < until)) {
      await execute(next++, clients)
    }
  }))
  console.log(`seed ${seed}:`, counts, 'explained:', explained, 'stricter:', stricter)
  for (const failure of failures) console.error(failure)
  console.log(`${failures.length} differences that are not explained`)
}
process.exit(failures.length > 0 ? 1 : 0)
