/** Reasons why rows fail today, with the rows. */
const REASONS: Readonly<Record<string, readonly string[]>> = {
  'undici takes a reset, and an end of TLS without close_notify, for the end of a response without framing': [
    'responses-end-034',
    'responses-end-035',
    'responses-end-036',
    'responses-end-038',
    'responses-end-039'
  ],
  'undici reads a status line with HTTP/2.0': ['responses-status-007'],
  'undici breaks the connection off at a 100 that was not expected': ['responses-status-041'],
  'each chunk of a request is written to the endpoint by itself': ['framing-chunk-070']
}

/** Rows that fail today, by their id, with the reason. The list only shrinks: a row that holds again must leave it. */
export const KNOWN: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(REASONS).flatMap(([reason, ids]) => ids.map(id => [id, reason]))
)
