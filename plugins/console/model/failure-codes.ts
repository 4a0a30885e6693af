/** Error codes of failed attempts, with the meaning of each. @see docs/failures.md */
export const FAILURE_CODES: readonly (readonly [code: number, sentence: string])[] = [
  [101503, 'There is no connection: it is refused, the host has no address, or TLS fails.'],
  [101508, 'The connection is not accepted in time.'],
  [101504, 'The head of the response does not come in time.'],
  [101505, 'The connection ends before the head of the response is complete.'],
  [101506, 'The response is not HTTP.'],
  [101501, 'The response ends early, or is too large to be read.'],
  [101500, 'The request cannot be sent, or the gateway has no file descriptor, port or memory left.'],
  [101507, 'The client disconnects.'],
  [303001, 'The requests in flight to the endpoint have reached their limit.'],
  [500001, 'The response has an HTTP status that counts as a failure (failureStatus).']
]

/** The meaning of a code; undefined for a code that no attempt ends with. */
export const sentenceOf = (code: number): string | undefined => FAILURE_CODES.find(([each]) => each === code)?.[1]
