import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

const BINARY = fileURLToPath(new URL('../../../lib/cli.js', import.meta.url))

/** What a command of the binary has printed, and its exit code. */
export interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Runs a command of the binary to its end, with this on standard input. */
export async function runCommand (
  words: readonly string[],
  { input = '', environment = {} }: { input?: string; environment?: Record<string, string> } = {}
): Promise<Ran> {
  const child = spawn(process.execPath, [BINARY, ...words], {
    stdio: 'pipe',
    env: { PATH: process.env['PATH'], ...environment }
  })
  // A command that does not read its input may have ended before.
  child.stdin.on('error', () => {}).end(input)
  const exited = new Promise<number | null>(resolve => child.once('close', resolve))
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)])
  return { code: await exited, out, err }
}
