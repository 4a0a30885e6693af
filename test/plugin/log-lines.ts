import Fastify, { type FastifyInstance } from 'fastify'
import type { Test } from 'tap'

/** An app whose log lines are collected. */
export function capture (t: Test): { app: FastifyInstance, lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = []
  const stream = { write: (line: string) => { lines.push(JSON.parse(line) as Record<string, unknown>) } }
  const app: FastifyInstance = Fastify({ logger: { level: 'info', stream } })
  t.teardown(() => app.close())
  return { app, lines }
}
