import { Type } from '@sinclair/typebox'
import type { FastifyBaseLogger } from 'fastify'
import { redactUrl } from '../../../lib/message/redact-url.js'
import type { JournalEntry, NewEntry } from './live-protocol.js'

/** The name that an operator gives, in a body or a query. */
export const By = Type.Optional(Type.String({ maxLength: 64, description: 'Name of the operator, for the log.' }))
export const ByQuery = Type.Object({ by: By })

/** A change by an operator: from where, by which operator, and what was changed. */
export interface HandChange {
  /** The address that the request came from. */
  readonly remote: string
  readonly by?: string | undefined
  readonly before?: unknown
  readonly after?: unknown
  readonly [detail: string]: unknown
}

/**
 * Writes the line of the log for a change by an operator.
 * @param level `warn` for what must be in the log although its level is high. Default: `info`
 */
export function logHandChange (
  log: FastifyBaseLogger,
  text: string,
  { by, ...change }: HandChange,
  level: 'info' | 'warn' = 'info'
): void {
  const fields = { ...change, ...(by !== undefined && { by: printable(by) }) }
  if (level === 'warn') log.warn(fields, `by hand: ${text}`)
  else log.info(fields, `by hand: ${text}`)
}

/** The entry of the journal for what an operator has done. */
export const handChangeEntry = (
  kind: JournalEntry['kind'],
  text: string,
  { remote, by }: Pick<HandChange, 'remote' | 'by'>
): NewEntry =>
  ({ level: 'info', kind, text, remote, ...(by !== undefined && { by: printable(by) }) })

/**
 * Text of a caller for a message or a log line: redacted, short, one line. Redacted first: a URL that is
 * cut would show its password.
 */
export const printable = (text: string): string => redactUrl(text).slice(0, 200).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, ' ')
