import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Test } from 'tap'
import { exchange, optionalPlugin, type Side, type SideOptions, type WireResponse } from './sides.js'

/** What is compared of a row: anything that can be serialized. */
export type Seen = unknown

/** One request, or a few, to `@fastify/http-proxy` and to this plugin in its place. */
export interface Row extends SideOptions {
  /** A line of `docs/http-proxy.md`. */
  readonly name: string
  /** A plugin that must be installed. */
  readonly needs?: string
  /** The process ends in older versions of Fastify, with http-proxy and with any other handler. */
  readonly since?: '5.12.8'
  readonly run: (side: Side, t: Test) => Promise<Seen>
  /** What both must give; undefined: what http-proxy gives. */
  readonly expected?: Seen
  /** A known difference: what this plugin gives instead, and why. */
  readonly differs?: { readonly own: Seen; readonly why: string }
}

/** The address of the proxy in most rows. */
export const url = '/services/P/x'

export const get = async (
  { app }: Side,
  path = url,
  headers = {}
): Promise<{ status: number; body: string; headers: object }> => {
  const { statusCode: status, body, headers: received } = await app.inject({ url: path, headers })
  return { status, body, headers: received }
}

export const status = async (side: Side, path = url): Promise<number> => (await get(side, path)).status

/** Returns a header of the response to a GET. */
export const header =
  (name: string) =>
    async (side: Side): Promise<Seen> =>
      ({ ...((await get(side)).headers as Record<string, unknown>) })[name]

/** Status and body. */
export const response = async (side: Side, path = url): Promise<[number, string]> => {
  const { status, body } = await get(side, path)
  return [status, body]
}

export const statuses = async (side: Side, count: number): Promise<number[]> => {
  const all: number[] = []
  for (let at = 0; at < count; at++) all.push(await status(side))
  return all
}

/** Adds a hook to the app of a row. */
export const hook =
  (name: string, run: (request: FastifyRequest, reply: FastifyReply) => unknown) =>
    (app: FastifyInstance): void => {
      app.addHook(name as 'preHandler', async (request, reply) => {
        // A reply is thenable, and would be awaited until it is sent.
        const result = run(request, reply)
        if (result instanceof Promise) await result
      })
    }

/** Changes the routes of the proxy as they are added. */
export const onRoute =
  (add: (route: { url: string; preHandler?: unknown; onRequest?: unknown }) => void) =>
    (app: FastifyInstance): void => {
      app.addHook('onRoute', route => {
        if (route.url.startsWith('/services/P')) add(route)
      })
    }

export const deny = (_request: FastifyRequest, reply: FastifyReply, _done: () => void): void => {
  void reply.code(401).send('no')
}

/** Sends a head, whose lines end with a line feed, and a body. */
export const raw = async (side: Side, lines: string, body = ''): Promise<WireResponse> =>
  await exchange(side, `${lines.replaceAll('\n', '\r\n')}\r\nConnection: close\r\n\r\n${body}`)

export const install =
  (name: string, options: object = {}) =>
    async (app: FastifyInstance): Promise<void> => {
      const plugin = await optionalPlugin(name)
      if (plugin !== undefined) await app.register(plugin, options)
    }

/** What the hooks of an app have noted, in order. */
const NOTES = new WeakMap<object, string[]>()

export const notesOf = ({ server }: Pick<FastifyInstance, 'server'>): string[] => {
  let notes = NOTES.get(server)
  if (notes === undefined) NOTES.set(server, (notes = []))
  return notes
}

/** Notes the name of each of these hooks when it runs. */
export const noting =
  (...names: readonly string[]) =>
    (app: FastifyInstance): void => {
      for (const name of names) {
        // Hooks of this kind have no reply, and may be asynchronous with one argument only.
        app.addHook(name as 'onRequestAbort', async (_request: FastifyRequest) => {
          notesOf(app).push(name)
        })
      }
    }
