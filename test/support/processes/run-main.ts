import type { Test } from 'tap'
import { main } from '../../../lib/cli/main.js'

/** What a command has printed, both outputs also in the order of their lines, and its exit code. */
export interface RanMain {
  readonly code: number
  readonly out: string
  readonly err: string
  readonly text: string
}

/** Runs a command in this process. No other test of the file may write to the console meanwhile. */
export async function runMain (
  t: Test,
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {}
): Promise<RanMain> {
  const printed = { out: '', err: '', text: '' }
  const print = (stream: 'out' | 'err', text: string): void => {
    printed[stream] += text
    printed.text += text
  }
  const captured = [
    t.capture(console, 'log', (line: string) => print('out', `${line}\n`)),
    t.capture(console, 'error', (line: string) => print('err', `${line}\n`)),
    t.capture(process.stdout, 'write', (text: string) => {
      print('out', text)
      return true
    })
  ]
  Object.assign(process.env, environment)
  try {
    return { code: await main(words), ...printed }
  } finally {
    for (const name of Object.keys(environment)) delete process.env[name]
    for (const each of captured) each.restore()
  }
}
