/** A message in, what goes out, and the class of the engine that shows it: all as data. */
export interface Pair {
  readonly name: string
  /** The mediators between the request and `<respond/>`. */
  readonly mediators: string
  readonly body: string
  /** The body of the response; with a status that is not 200, a part of it. */
  readonly out: string
  /** The class of WSO2's engine, and its method. */
  readonly fact: string
  readonly status?: number
  /** The media type of the response. */
  readonly type?: string
  /** Bodies of the responses of endpoints, in order. */
  readonly responses?: readonly string[]
  /** What is defined beside the proxy. */
  readonly beside?: string
}

/** A row of a table: name, mediators, body, out, fact. */
export type Row = readonly [
  name: string,
  mediators: string,
  body: string,
  out: string,
  fact: string,
  more?: Partial<Pair>
]

export const pairsOf = (topic: string, rows: readonly Row[]): Pair[] =>
  rows.map(([name, mediators, body, out, fact, more]) => ({
    name: `${topic}: ${name}`,
    mediators,
    body,
    out,
    fact,
    ...more
  }))

/** The media type that a body in a table has. */
export const typeOfBody = (body: string): string =>
  body.includes('schemas.xmlsoap.org') ? 'text/xml' : body.startsWith('<') ? 'application/xml' : 'application/json'

export const soap = (body: string, header = ''): string =>
  `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">${header === '' ? '' : `<s:Header>${header}</s:Header>`}<s:Body>${body}</s:Body></s:Envelope>`
