import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { openBackEnd, type BackEnd, type Mood } from './back-end.js'
import type { Told } from './back-end-process.js'
import type { Sight } from './history.js'

/**
 * What can be done to a back-end. `kill` and `stop` are the signals, `drop` resets all its connections, the others are
 * moods of it.
 */
export const FAULTS = ['kill', 'stop', 'drop', 'refuse', 'reset', 'hang up', 'garble', 'cut', 'slow'] as const
export type Fault = typeof FAULTS[number]

/** How late the answers of a slow one are, in milliseconds. */
const LATE = 400

/** A back-end, in a process of its own or in this one. */
export interface Member {
  readonly name: string
  /** `http://host:port` */
  readonly origin: string
  /** Resolves when it is done. */
  strike (fault: Fault): Promise<void>
  /** Resolves when it answers as before. */
  heal (fault: Fault): Promise<void>
  /** Closes idle connections. Returns how many connections are left. */
  closeIdle (): Promise<number>
  close (): Promise<void>
  /** What it saw, in all its lives. */
  sights (): Sight[]
}

/**
 * Each has an address of its own, where that is possible: then no connection can take its port while it is
 * dead, nor be connected to itself.
 */
export const hostOf = (number: number): string => process.platform === 'linux' ? `127.0.1.${number + 1}` : '127.0.0.1'

const moodFor = (fault: Fault): Mood | undefined =>
  fault === 'kill' || fault === 'stop' || fault === 'drop'
    ? undefined
    : fault === 'slow'
      ? { kind: 'slow', by: LATE }
      : { kind: fault }

/** A back-end in this process: dead is closed, stopped is deaf. */
export async function insideMember (number: number): Promise<Member> {
  const [name, host] = [`b${number}`, hostOf(number)]
  const seen: Sight[] = []
  let life = 0
  const open = async (port: number): Promise<BackEnd> =>
    await openBackEnd(name, ++life, host, port, sight => seen.push(sight))
  let backEnd = await open(0)
  const { port } = backEnd
  return {
    name,
    origin: `http://${host}:${port}`,
    async strike (fault) {
      if (fault === 'kill') await backEnd.close()
      else if (fault === 'drop') backEnd.drop()
      else backEnd.feel(moodFor(fault) ?? { kind: 'deaf' })
    },
    async heal (fault) {
      if (fault === 'kill') backEnd = await open(port)
      else backEnd.feel({ kind: 'well' })
    },
    closeIdle: async () => backEnd.closeIdle(),
    close: async () => await backEnd.close(),
    sights: () => seen
  }
}

const running = new Set<ChildProcess>()
process.on('exit', () => { for (const child of running) child.kill('SIGKILL') })

/** A back-end in a process of its own. @param folder where it writes what it saw */
export async function processMember (number: number, folder: string): Promise<Member> {
  const [name, host, journal] = [`b${number}`, hostOf(number), `${folder}/b${number}.jsonl`]
  let life = 0
  const open = async (port: number): Promise<[child: ChildProcess, port: number]> => {
    const file = openSync(journal, 'a')
    const child = spawn(
      process.execPath,
      [fileURLToPath(new URL('back-end-process.js', import.meta.url)), name, String(++life), host, String(port)],
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
  let [child, port] = await open(0)
  const tell = async (told: Told): Promise<number> => {
    const done = once(child, 'message')
    child.send(told)
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
    async strike (fault) {
      if (fault === 'kill') await end()
      else if (fault === 'stop') child.kill('SIGSTOP')
      else if (fault === 'drop') await tell('drop')
      else await tell({ feel: moodFor(fault)! })
    },
    async heal (fault) {
      if (fault === 'kill') [child, port] = await open(port)
      else {
        if (fault === 'stop') child.kill('SIGCONT')
        await tell({ feel: { kind: 'well' } })
      }
    },
    closeIdle: async () => await tell('closeIdle'),
    close: end,
    sights: () => readFileSync(journal, 'utf8').split('\n').filter(Boolean).map(line => JSON.parse(line) as Sight)
  }
}
