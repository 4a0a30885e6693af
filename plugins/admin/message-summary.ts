import type { RecordedMessage } from '../gateway/recorded-message.js'
import { redactUrl } from '../logging/redact.js'
import type { MessageSummary } from './message-views.js'

/** A recorded message without its heads. */
export function messageSummary (id: number, message: RecordedMessage): MessageSummary {
  const { at, proxy, method, status, ms, hasLeft, attempts } = message
  return {
    id,
    at,
    proxy,
    method,
    status: status ?? null,
    ms: ms ?? null,
    hasLeft,
    attempts: attempts.map(({ endpoint, outcome, status: answered, from, to, code, cause }) => ({
      endpoint: redactUrl(endpoint),
      outcome: outcome ?? 'pending',
      status: answered ?? null,
      from,
      to: to ?? null,
      code: code ?? null,
      cause: cause ?? null
    }))
  }
}
