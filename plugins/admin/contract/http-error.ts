/** An error of the caller, with the HTTP status of its response. */
export class HttpError extends Error {
  readonly statusCode: number
  /** Seconds after which the request may be accepted; undefined: that is not known. */
  readonly retryAfter: number | undefined

  constructor (statusCode: number, message: string, retryAfter?: number) {
    super(message)
    this.statusCode = statusCode
    this.retryAfter = retryAfter
  }
}
