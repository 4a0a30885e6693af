import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

/** The core of the proxy, and that of the load and the back-end. With one core there is nothing to part. */
export const PROXY_CORE = '1'
export const LOAD_CORE = '0'

export const isInstalled = (command: string): boolean => spawnSync('which', [command]).status === 0

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const { pid } of running) {
    for (const member of family(pid!)) {
      try {
        process.kill(member, 'SIGKILL')
      } catch {}
    }
  }
})

/**
 * A process bound to one core, once it listens on this port.
 * @param timeout how long that may take, in milliseconds
 * @throws Error with what it said, if it does not
 */
export async function start (
  core: string,
  command: readonly string[],
  port: number,
  env: Record<string, string> = {},
  timeout = 30_000
): Promise<ChildProcess> {
  if (await listens(port)) throw new Error(`port ${port} is taken`)
  const child = spawn('taskset', ['-c', core, ...command], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env }
  })
  running.add(child)
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-2000)
    })
  }
  child.once('exit', () => running.delete(child))
  const deadline = performance.now() + timeout
  while (child.exitCode === null && child.signalCode === null && performance.now() < deadline) {
    if (await listens(port)) return child
    await pause(2)
  }
  throw new Error(`${command.join(' ')} does not listen on ${port}: ${said}`)
}

export const listens = async (port: number): Promise<boolean> =>
  await new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket
      .once('connect', () => {
        socket.destroy()
        resolve(true)
      })
      .once('error', () => resolve(false))
  })

export async function stop (child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise(resolve => child.once('exit', resolve))
  child.kill('SIGTERM')
  if ((await Promise.race([ended.then(() => true), pause(3000, false)])) === false) child.kill('SIGKILL')
  await ended
}

/** The ids of a process and of all that it started, directly or not. */
export function family (pid: number): number[] {
  const parents = new Map<number, number>()
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'latin1')
      parents.set(Number(entry), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]))
    } catch {}
  }
  const members = [pid]
  for (const member of members) for (const [child, parent] of parents) if (parent === member) members.push(child)
  return members
}

/** Seconds that all threads of a process and its children have run. */
export function cpuSeconds (pid: number): number {
  let nanoseconds = 0
  for (const member of family(pid)) {
    try {
      for (const thread of readdirSync(`/proc/${member}/task`)) {
        nanoseconds += Number(readFileSync(`/proc/${member}/task/${thread}/schedstat`, 'latin1').split(' ')[0])
      }
    } catch {}
  }
  return nanoseconds / 1e9
}

const memory =
  (field: string) =>
    (pid: number): number =>
      family(pid).reduce((sum, member) => {
        try {
          return (
            sum +
          Number(new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync(`/proc/${member}/status`, 'latin1'))?.[1] ?? 0) /
            1024
          )
        } catch {
          return sum
        }
      }, 0)

/** Megabytes: the most it ever had, and what it has. */
export const peakMemory = memory('VmHWM')
export const residentMemory = memory('VmRSS')
