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
