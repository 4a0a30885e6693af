import type { InjectOptions, LightMyRequestResponse } from 'fastify'
import { url, type Row } from './row.js'
import type { Received } from './sides.js'

type Run = Row['run']
type Options = Omit<InjectOptions, 'url'>

/** The headers of a body that every plugin forwards as it came. */
export const TEXT = { 'content-type': 'text/plain' } as const

/** Injects a request, and returns something of its response. */
export const gives =
  (pick: (response: LightMyRequestResponse) => unknown, options: Options | (() => Options) = {}): Run =>
    async ({ app }) =>
      await pick(await app.inject({ url, ...(typeof options === 'function' ? options() : options) }))

/** Injects a request, and returns status and body of its response. */
export const injected = (options: Options | (() => Options)): Run =>
  gives(({ statusCode, body }) => [statusCode, body], options)

/** Injects a request, and returns something of what the back-end has received. */
export const receives =
  (options: Options, pick: (received: Received) => unknown): Run =>
    async ({ app, backend }) => {
      await app.inject({ url, ...options })
      return backend.received.map(pick)
    }

/** Requests these paths, and returns the statuses and what the back-end has received. */
export const reaches =
  (...paths: readonly string[]): Run =>
    async ({ app, backend }) => {
      const statuses: number[] = []
      for (const path of paths) statuses.push((await app.inject(path)).statusCode)
      return [statuses, backend.received.map(({ url }) => url)]
    }
