import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync, truncateSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { openBackEnd, type BackEnd, type Mood } from './back-end.js'
import type { Told } from './back-end-process.js'
import type { Sight } from './history.js'

/**
 * What can be done to a back-end. `kill`: it ends. `frozen`: it is stopped by a signal, so that its system accepts
 * connections and nothing responds. `slow trial`: it ends, and is frozen when it begins again. `drop`: all its
 * connections are reset. The others are moods of it; `stale` and `stale-reset` say nothing of it.
 */
export const FAULTS = [
  'kill', 'frozen', 'slow trial', 'drop', 'refuse', 'reset', 'hang up', 'garble', 'cut', 'slow', 'stale', 'stale-reset'
] as const
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
  /** Begins again after its end, frozen. */
  beginFrozen (): Promise<void>
  /** Resolves when it answers as before. */
  heal (fault: Fault): Promise<void>
  /** Closes idle connections. Returns how many connections are left. */
  closeIdle (): Promise<number>
  close (): Promise<void>
  /** What it saw since the last call, in all its lives. */
  takeSights (): Sight[]
}

/**
 * Each has an address of its own, where that is possible: then no connection can take its port while it is
 * dead, nor be connected to itself.
 */
export const hostOf = (number: number): string => process.platform === 'linux' ? `127.0.1.${number + 1}` : '127.0.0.1'

const moodFor = (fault: Fault): Mood | undefined =>
  fault === 'kill' || fault === 'frozen' || fault === 'slow trial' || fault === 'drop'
    ? undefined
    : fault === 'slow'
      ? { kind: 'slow', by: LATE }
      : { kind: fault }

/** A back-end in this process: dead is closed, frozen is deaf. @param wanted its port; 0: any */
export async function insideMember (number: number, wanted = 0): Promise<Member> {
  const [name, host] = [`b${number}`, hostOf(number)]
  let seen: Sight[] = []
  let life = 0
  const open = async (port: number, kind: 'well' | 'deaf' = 'well'): Promise<BackEnd> =>
    await openBackEnd(name, ++life, host, port, sight => seen.push(sight), { kind })
  let backEnd = await open(wanted)
  const { port } = backEnd
  return {
    name,
    origin: `http://${host}:${port}`,
    async strike (fault) {
      if (fault === 'kill' || fault === 'slow trial') await backEnd.close()
      else if (fault === 'drop') backEnd.drop()
      else backEnd.feel(moodFor(fault) ?? { kind: 'deaf' })
    },
    async beginFrozen () {
      backEnd = await open(port, 'deaf')
    },
    async heal (fault) {
      if (fault === 'kill') backEnd = await open(port)
      else backEnd.feel({ kind: 'well' })
    },
    closeIdle: async () => backEnd.closeIdle(),
    close: async () => await backEnd.close(),
    takeSights () {
      const taken = seen
      seen = []
      return taken
    }
  }
}

const running = new Set<ChildProcess>()
process.on('exit', () => { for (const child of running) child.kill('SIGKILL') })

/** A back-end in a process of its own. @param folder where it writes what it saw @param wanted its port; 0: any */
export async function processMember (number: number, folder: string, wanted = 0): Promise<Member> {
  const [name, host, journal] = [`b${number}`, hostOf(number), `${folder}/b${number}.jsonl`]
  let life = 0
  const open = async (port: number, kind: 'well' | 'deaf' = 'well'): Promise<[child: ChildProcess, port: number]> => {
    const file = openSync(journal, 'a')
    const child = spawn(
      process.execPath,
      [fileURLToPath(new URL('back-end-process.js', import.meta.url)), name, String(++life), host, String(port), kind],
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
      if (fault === 'kill' || fault === 'slow trial') await end()
      else if (fault === 'frozen') child.kill('SIGSTOP')
      else if (fault === 'drop') await tell('drop')
      else await tell({ feel: moodFor(fault)! })
    },
    async beginFrozen () {
      [child, port] = await open(port, 'deaf')
    },
    async heal (fault) {
      if (fault === 'kill') [child, port] = await open(port)
      else {
        if (fault === 'frozen') child.kill('SIGCONT')
        await tell({ feel: { kind: 'well' } })
      }
    },
    closeIdle: async () => await tell('closeIdle'),
    close: end,
    takeSights () {
      const lines = readFileSync(journal, 'utf8').split('\n').filter(Boolean)
      truncateSync(journal)
      return lines.map(line => JSON.parse(line) as Sight)
    }
  }
}
