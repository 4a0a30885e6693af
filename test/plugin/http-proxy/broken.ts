import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

type Done = (error?: Error) => void
export type Hook = (request: FastifyRequest, reply: FastifyReply, done: Done) => unknown

/** Adds a hook as it is written: with a callback, or with a promise. */
export const adding =
  (name: string, run: Hook) =>
    (app: FastifyInstance): void => {
      app.addHook(name as 'onRequest', run)
    }

export const broken = (): never => {
  throw new Error('broken')
}

export const failingAtOnce = (): Readable =>
  new Readable({
    read () {
      this.destroy(new Error('broken'))
    }
  })

/** What hooks do wrong, and how the rows are called. */
export const MISTAKES: readonly [name: string, run: Hook][] = [
  ['throws', (_request, _reply, _done) => broken()],
  ['calls back with an error', (_request, _reply, done) => done(new Error('broken'))],
  ['calls back later with an error', (_request, _reply, done) => setImmediate(done, new Error('broken'))],
  ['rejects', async () => broken()],
  ['rejects with undefined', async () => await Promise.reject(undefined)], // eslint-disable-line prefer-promise-reject-errors
  ['rejects with a text', async () => await Promise.reject('text')], // eslint-disable-line prefer-promise-reject-errors
  ['rejects with an object', async () => await Promise.reject({ statusCode: 418 })], // eslint-disable-line prefer-promise-reject-errors
  ['rejects with an invalid status', async () => await Promise.reject(Object.assign(new Error('x'), { statusCode: 1 }))],
  ['replies, and calls back', (_request, reply, done) => { void reply.code(401).send('no'); done() }],
  ['replies twice', async (_request, reply) => { void reply.code(401).send('no'); return await reply.code(402).send('again') }],
  ['replies, and throws', async (_request, reply) => { void reply.code(401).send('no'); broken() }],
  ['replies with an error', async (_request, reply) => await reply.send(Object.assign(new Error('x'), { statusCode: 402 }))],
  ['replies with a stream that fails', async (_request, reply) => await reply.send(failingAtOnce())]
]

const isAsync = (run: Hook): boolean => run.constructor.name === 'AsyncFunction'

/** Adds a hook that gets a payload, too. @param once whether it runs for the first payload of the app alone */
export const addingWithPayload =
  (name: 'preParsing' | 'onSend', run: Hook, once = false) =>
    (app: FastifyInstance): void => {
      let isFirst = true
      const isDue = (): boolean => {
        const due = isFirst || !once
        isFirst = false
        return due
      }
      if (isAsync(run)) {
        app.addHook(name as 'onSend', async (request, reply, payload) => {
          if (isDue()) await run(request, reply, () => {})
          return payload
        })
      } else {
        app.addHook(name as 'onSend', (request, reply, payload, done) => {
          if (isDue()) run(request, reply, error => error === undefined ? done(null, payload) : done(error))
          else done(null, payload)
        })
      }
    }
