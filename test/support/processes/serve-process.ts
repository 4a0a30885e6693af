import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'

const BINARY = fileURLToPath(new URL('../../../lib/cli.js', import.meta.url))

export interface ServeOptions {
  /** The port of the admin API. Default: `off`. */
  readonly adminPort?: string
  readonly environment?: Record<string, string>
  readonly binary?: string
}

/** Starts `serve` with this configuration and these flags at a free port of loopback. */
export function serve (
  t: Test,
  config: string,
  flags: readonly string[] = [],
  { adminPort = 'off', environment, binary }: ServeOptions = {}
): Running {
  const ports = ['--port', '0', '--host', '127.0.0.1', '--admin-port', adminPort]
  return new Running(t, ['serve', config, ...ports, ...flags], environment, binary)
}

export interface Line { readonly level: number, readonly msg: string, readonly [field: string]: unknown }

/**
 * A command of the binary, as it is compiled or as it is published, in a process of its own; its log can be waited
 * for.
 */
export class Running {
  readonly child: ChildProcessByStdio<null, Readable, Readable>
  /** All output until now. */
  text = ''
  readonly exited: Promise<number | null>
  #listeners: (() => void)[] = []

  constructor (t: Test, words: readonly string[], environment: Record<string, string> = {}, binary = BINARY) {
    this.child = spawn(process.execPath, [binary, ...words], {
      env: { PATH: process.env['PATH'], ...environment },
      stdio: ['ignore', 'pipe', 'pipe']
    })
    t.teardown(() => { this.child.kill('SIGKILL') })
    this.exited = once(this.child, 'close').then(([code]) => code as number | null)
    const collect = (chunk: Buffer): void => {
      this.text += chunk.toString()
      for (const each of this.#listeners.splice(0)) each()
    }
    this.child.stdout.on('data', collect)
    this.child.stderr.on('data', collect)
    this.child.on('close', () => { for (const each of this.#listeners.splice(0)) each() })
  }

  get lines (): Line[] {
    return this.text.split('\n').slice(0, -1).filter(line => line.startsWith('{')).map(line => JSON.parse(line) as Line)
  }

  /** The line of this number among those whose message matches. @throws Error if the process ends before */
  async line (pattern: RegExp, number = 1): Promise<Line> {
    for (;;) {
      const found = this.lines.filter(({ msg }) => pattern.test(msg))[number - 1]
      if (found !== undefined) return found
      if (this.child.exitCode !== null || this.child.signalCode !== null) {
        throw new Error(`it ended without ${String(pattern)}:\n${this.text}`)
      }
      await new Promise<void>(resolve => { this.#listeners.push(resolve) })
    }
  }

  /** Resolves when all that it has said is as wanted. @throws Error if the process ends before */
  async until (isWanted: (text: string) => boolean): Promise<void> {
    while (!isWanted(this.text)) {
      if (this.child.exitCode !== null || this.child.signalCode !== null) throw new Error(`it ended:\n${this.text}`)
      await new Promise<void>(resolve => { this.#listeners.push(resolve) })
    }
  }

  /** Where it listens. */
  async port (what: 'Server' | 'Admin' | 'https'): Promise<number> {
    const { msg } = await this.line(
      what === 'https'
        ? /Server listening at https:/
        : what === 'Server'
          ? /Server listening at http:/
          : /Admin listening at/
    )
    return Number(/:(\d+)$/.exec(msg)![1])
  }
}
