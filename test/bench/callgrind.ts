import { execFile } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { start, stop } from '../support/processes/processes.js'

/** A Node.js program whose instructions callgrind counts between two calls. */
export interface CountedProgram {
  /** Counts the instructions that the program executes meanwhile. Returns the files to read with `readProfile`. */
  count(work: () => Promise<void>): Promise<CallgrindFiles>
  stop(): Promise<void>
}

export interface CallgrindFiles {
  /** The profile, in the format of callgrind. */
  readonly profile: string
  /** The names of compiled functions by address, in the format of `perf`. */
  readonly symbols: string
}

/** How long a program under valgrind may take to start, in milliseconds. */
const START_MS = 180_000

const control = async (pid: number, ...options: string[]): Promise<void> => {
  await promisify(execFile)('callgrind_control', [...options, String(pid)])
}

/** Starts a program of Node.js that listens on a port. Nothing is counted yet, so that it warms up much faster. */
export async function startCounted (
  core: string,
  [node, ...rest]: readonly string[],
  port: number,
  folder: string
): Promise<CountedProgram> {
  const profile = join(folder, `callgrind.${port}`)
  // V8 writes a log of its own beside the names of functions.
  const v8 = ['--perf-basic-prof', '--no-logfile-per-isolate', `--logfile=${join(folder, 'v8.log')}`]
  const valgrind = [
    'valgrind',
    '--tool=callgrind',
    '--instr-atstart=no',
    '--dump-instr=yes',
    `--callgrind-out-file=${profile}`
  ]
  const child = await start(core, [...valgrind, node!, ...v8, ...rest], port, {}, START_MS)
  const pid = child.pid!
  const symbols = `/tmp/perf-${pid}.map`
  let dumps = 0
  return {
    async count (work) {
      await control(pid, '--instr=on')
      await work()
      await control(pid, '--instr=off')
      await control(pid, '--dump')
      return { profile: `${profile}.${++dumps}`, symbols }
    },
    async stop () {
      await stop(child)
      rmSync(symbols, { force: true })
    }
  }
}
