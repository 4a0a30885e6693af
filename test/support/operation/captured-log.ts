import Fastify, { type FastifyInstance } from 'fastify'
import type { Test } from 'tap'

/** One line of the log of an app. */
export interface CapturedLine {
  readonly level: number
  readonly msg: string
  readonly [name: string]: unknown
}

/** An app whose log lines are collected, from this level on. */
export function capture (t: Test, level: 'info' | 'warn' = 'info'): { app: FastifyInstance, lines: CapturedLine[] } {
  const lines: CapturedLine[] = []
  const stream = { write: (line: string) => { lines.push(JSON.parse(line) as CapturedLine) } }
  const app: FastifyInstance = Fastify({ logger: { level, stream } })
  t.teardown(() => app.close())
  return { app, lines }
}
