import { writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { fileURLToPath } from 'node:url'
import { requests } from './load.js'
import { isWhole } from './raw-load.js'

/**
 * A load at a fixed rate: `node fixed-rate.js PORT RATE CONNECTIONS SECONDS`. Every request is due at a time that was
 * fixed before; its latency is counted from then on, however long it waited for a connection or for this process. What
 * a slow answer holds up is thus not left out ("coordinated omission"). No pipelining. Prints one line of JSON:
 * microseconds, and how late this process was by itself.
 */
export interface Latency {
  readonly requests: number
  readonly rate: number
  readonly errors: number
  readonly p50: number
  readonly p99: number
  readonly p999: number
  readonly max: number
  readonly late99: number
  readonly queued: number
}

const now = (): number => Number(process.hrtime.bigint()) / 1e3
/** Seconds at the start that are not counted. */
const FIRST = 1

interface Clock {
  readonly begin: number
  readonly step: number
  readonly count: number
}
if (isMainThread) main()
else tick(workerData as Clock)

/**
 * Says when the next request is due: a thread that does nothing else can wait for microseconds, which timers cannot.
 */
function tick ({ begin, step, count }: Clock): void {
  const nothing = new Int32Array(new SharedArrayBuffer(4))
  for (let at = 0; at < count; at++) {
    const wait = begin + at * step - now()
    if (wait > 0) Atomics.wait(nothing, 0, 0, wait / 1e3)
    parentPort!.postMessage(at)
  }
}

function main (): void {
  const [port = 0, rate = 3000, connections = 64, seconds = 10] = process.argv.slice(2).map(Number)
  try {
    writeFileSync('/proc/self/timerslack_ns', '1')
  } catch {}
  const messages = requests()
  const clock: Clock = { begin: now() + 500_000, step: 1e6 / rate, count: Math.round((FIRST + seconds) * rate) }
  const skipped = FIRST * rate
  const due = (at: number): number => clock.begin + at * clock.step
  const latencies: number[] = []
  const lateness: number[] = []
  const idle: Socket[] = []
  let errors = 0
  /** Requests up to this one were due when no connection was free. */
  let held = -1
  let queued = 0
  let next = 0
  let done = 0

  const begun = new Map<Socket, number>()

  /** Sends all that is due, as far as connections are free. */
  const send = (): void => {
    for (const time = now(); next < clock.count && due(next) <= time; next++) {
      const socket = idle.shift()
      if (socket === undefined) {
        held = Math.floor((time - clock.begin) / clock.step)
        return
      }
      if (next <= held) queued++
      else if (next >= skipped) lateness.push(time - due(next))
      begun.set(socket, next)
      socket.write(messages[next % messages.length]!)
    }
  }
  const over = (socket: Socket, ok: boolean): void => {
    const at = begun.get(socket)
    if (at === undefined) return
    begun.delete(socket)
    if (!ok) errors++
    if (at >= skipped) latencies.push(now() - due(at))
    if (++done === clock.count) finish()
  }
  const open = (): void => {
    let text = ''
    const socket = connect(port, '127.0.0.1').setNoDelay().setEncoding('latin1')
    socket.once('connect', () => {
      idle.push(socket)
      send()
    })
    socket.on('data', (chunk: string) => {
      text = text === '' ? chunk : text + chunk
      if (!isWhole(text)) return
      over(socket, text.startsWith('HTTP/1.1 200'))
      text = ''
      idle.push(socket)
      send()
    })
    socket
      .on('error', () => {})
      .once('close', () => {
        const at = idle.indexOf(socket)
        if (at >= 0) idle.splice(at, 1)
        over(socket, false)
        if (done < clock.count) setTimeout(open, 10)
      })
  }
  const finish = (): void => {
    const sorted = latencies.toSorted((a, b) => a - b)
    const of = (numbers: readonly number[], share: number): number =>
      Math.round(numbers[Math.min(numbers.length - 1, Math.floor(numbers.length * share))] ?? NaN)
    const result: Latency = {
      requests: latencies.length,
      rate: Math.round((latencies.length / (now() - due(skipped))) * 1e6),
      errors,
      p50: of(sorted, 0.5),
      p99: of(sorted, 0.99),
      p999: of(sorted, 0.999),
      max: of(sorted, 1),
      late99: of(
        lateness.toSorted((a, b) => a - b),
        0.99
      ),
      queued
    }
    console.log(JSON.stringify(result))
    process.exit(0)
  }
  for (let each = 0; each < connections; each++) open()
  new Worker(fileURLToPath(import.meta.url), { workerData: clock }).on('message', send)
}
