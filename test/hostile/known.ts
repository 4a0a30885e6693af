/** Reasons why rows fail today, with the ids of the rows. */
type Reasons = Readonly<Record<string, readonly string[]>>

const OWN: Reasons = {}

const UNDICI: Reasons = {
  'undici takes the end of a connection for the end of a response without framing, also by a reset': [
    'responses-end-034', 'responses-end-035', 'responses-end-036'
  ],
  'undici does not require a close_notify': ['responses-end-038', 'responses-end-039'],
  'undici reads a status line of HTTP/2.0': ['responses-status-007'],
  'undici refuses a 100 that it has not requested': ['responses-status-041']
}

/** `serve` reads this variable, so that the suite can run with either client. */
const REASONS = process.env['PROXY_SERVICES_UPSTREAM_CLIENT'] === 'undici' ? UNDICI : OWN

/** Rows that fail today, by their id, with the reason. The list only shrinks: a row that holds again must leave it. */
export const KNOWN: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(REASONS).flatMap(([reason, ids]) => ids.map(id => [id, reason]))
)
