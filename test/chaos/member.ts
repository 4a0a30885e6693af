import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync, truncateSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { openBackEnd, type BackEnd, type Behaviour } from './back-end.js'
import type { BackEndCommand } from './back-end-process.js'
import type { Observation } from './history.js'

/**
 * The faults of back-ends. `kill`: it ends. `freeze`: it is stopped by a signal, so that its kernel accepts connections
 * and nothing responds. `slow-trial`: it ends, and is frozen when it starts again. `reset-all`: all its connections are
 * reset. The others are behaviours; `stale` and `stale-reset` are no evidence against it.
 */
export const FAULTS = [
  'kill', 'freeze', 'slow-trial', 'reset-all', 'refuse', 'reset', 'close', 'not-http', 'truncate', 'slow', 'stale',
  'stale-reset'
] as const
export type Fault = typeof FAULTS[number]

/** By how much the responses of a slow one are late. */
const SLOW_DELAY_MS = 400

/** A back-end, in a process of its own or in this one. */
export interface Member {
  readonly name: string
  /** `http://host:port` */
  readonly origin: string
  /** Begins a fault. */
  inject (fault: Fault): Promise<void>
  /** Starts again after its end, frozen. */
  restartFrozen (): Promise<void>
  /** Ends a fault: it responds as before. */
  clear (fault: Fault): Promise<void>
  /** Closes idle connections. Returns how many connections are left. */
  closeIdle (): Promise<number>
  close (): Promise<void>
  /** What it observed since the last call, over all its starts. */
  takeObservations (): Observation[]
}

/**
 * The address of a back-end: each has its own where that is possible, so that no connection can take its port while it
 * is down, or be connected to itself.
 */
export const hostOf = (number: number): string => process.platform === 'linux' ? `127.0.1.${number + 1}` : '127.0.0.1'

const behaviourOf = (fault: Fault): Behaviour | undefined =>
  fault === 'kill' || fault === 'freeze' || fault === 'slow-trial' || fault === 'reset-all'
    ? undefined
    : fault === 'slow'
      ? { kind: 'slow', by: SLOW_DELAY_MS }
      : { kind: fault }

/** A back-end in this process: `kill` closes it, `freeze` makes it unresponsive. @param wanted its port; 0: any */
export async function inProcessMember (number: number, wanted = 0): Promise<Member> {
  const [name, host] = [`b${number}`, hostOf(number)]
  let observed: Observation[] = []
  let incarnation = 0
  const open = async (port: number, kind: 'healthy' | 'unresponsive' = 'healthy'): Promise<BackEnd> =>
    await openBackEnd(name, ++incarnation, host, port, observation => observed.push(observation), { kind })
  let backEnd = await open(wanted)
  const { port } = backEnd
  return {
    name,
    origin: `http://${host}:${port}`,
    async inject (fault) {
      if (fault === 'kill' || fault === 'slow-trial') await backEnd.close()
      else if (fault === 'reset-all') backEnd.resetAll()
      else backEnd.behave(behaviourOf(fault) ?? { kind: 'unresponsive' })
    },
    async restartFrozen () {
      backEnd = await open(port, 'unresponsive')
    },
    async clear (fault) {
      if (fault === 'kill') backEnd = await open(port)
      else backEnd.behave({ kind: 'healthy' })
    },
    closeIdle: async () => backEnd.closeIdle(),
    close: async () => await backEnd.close(),
    takeObservations () {
      const taken = observed
      observed = []
      return taken
    }
  }
}

const PROGRAM = fileURLToPath(new URL('back-end-process.js', import.meta.url))
const running = new Set<ChildProcess>()
process.on('exit', () => { for (const child of running) child.kill('SIGKILL') })

/** A back-end in a process of its own. @param folder where it writes what it saw @param wanted its port; 0: any */
export async function spawnMember (number: number, folder: string, wanted = 0): Promise<Member> {
  const [name, host, journal] = [`b${number}`, hostOf(number), `${folder}/b${number}.jsonl`]
  let incarnation = 0
  const open = async (
    port: number,
    kind: 'healthy' | 'unresponsive' = 'healthy'
  ): Promise<[child: ChildProcess, port: number]> => {
    const file = openSync(journal, 'a')
    const child = spawn(
      process.execPath,
      [PROGRAM, name, String(++incarnation), host, String(port), kind],
      { stdio: ['ignore', 'inherit', 'inherit', file, 'ipc'] }
    )
    closeSync(file)
    running.add(child)
    child.once('exit', () => running.delete(child))
    const [listening] = (await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(() => {
        throw new Error(`the back-end ${name} does not start`)
      })
    ])) as [number]
    return [child, listening]
  }
  let [child, port] = await open(wanted)
  const command = async (command: BackEndCommand): Promise<number> => {
    const done = once(child, 'message')
    child.send(command)
    return (await done)[0] as number
  }
  const end = async (): Promise<void> => {
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }
  return {
    name,
    origin: `http://${host}:${port}`,
    async inject (fault) {
      if (fault === 'kill' || fault === 'slow-trial') await end()
      else if (fault === 'freeze') child.kill('SIGSTOP')
      else if (fault === 'reset-all') await command('resetAll')
      else await command({ behave: behaviourOf(fault)! })
    },
    async restartFrozen () {
      [child, port] = await open(port, 'unresponsive')
    },
    async clear (fault) {
      if (fault === 'kill') [child, port] = await open(port)
      else {
        if (fault === 'freeze') child.kill('SIGCONT')
        await command({ behave: { kind: 'healthy' } })
      }
    },
    closeIdle: async () => await command('closeIdle'),
    close: end,
    takeObservations () {
      const lines = readFileSync(journal, 'utf8').split('\n').filter(Boolean)
      truncateSync(journal)
      return lines.map(line => JSON.parse(line) as Observation)
    }
  }
}
