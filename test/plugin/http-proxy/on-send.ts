import { gunzipSync } from 'node:zlib'
import type { FastifyReply } from 'fastify'
import { header, install, onRoute, status, url, type Row } from './row.js'
import { gives } from './runs.js'

/** Responses that `onSend` hooks see. */
export const ON_SEND: readonly Row[] = [
  {
    name: 'onSend replaces the payload',
    host: app => {
      app.addHook('onSend', async () => 'replaced')
    },
    run: gives(({ statusCode, body, headers }) => [statusCode, body, headers['content-length']]),
    expected: [200, 'replaced', '8']
  },
  {
    name: 'onSend sets a header',
    host: app => {
      app.addHook('onSend', async (_request, reply, payload) => {
        void reply.header('x-sent', '1')
        return payload
      })
    },
    run: header('x-sent'),
    expected: '1'
  },
  {
    name: 'onSend fails',
    host: app => {
      app.addHook('onSend', async (_request, reply) => {
        if (reply.statusCode === 200) throw new Error('no')
      })
    },
    run: side => status(side),
    expected: 500
  },
  {
    name: 'onSend of one route',
    host: onRoute(route => {
      Object.assign(route, {
        onSend: async (_request: unknown, reply: FastifyReply, payload: unknown) => {
          void reply.header('x-sent', '1')
          return payload
        }
      })
    }),
    run: header('x-sent'),
    expected: '1'
  },
  {
    name: 'etag',
    needs: '@fastify/etag',
    host: install('@fastify/etag'),
    behave: (_, response) => {
      response.setHeader('Content-Length', 3).end('abc')
    },
    run: side => status(side),
    expected: 200
  },
  {
    name: 'compress',
    needs: '@fastify/compress',
    host: install('@fastify/compress', { threshold: 0 }),
    behave: (_, response) => {
      response.setHeader('Content-Type', 'text/plain')
      response.end('x'.repeat(5000))
    },
    async run (side) {
      const { headers, rawPayload } = await side.app.inject({ url, headers: { 'accept-encoding': 'gzip' } })
      return [
        headers['content-encoding'],
        headers['content-encoding'] === 'gzip' ? gunzipSync(rawPayload).length : rawPayload.length
      ]
    },
    expected: ['gzip', 5000]
  },
  {
    name: 'compress with a stream',
    needs: '@fastify/compress',
    host: install('@fastify/compress', { threshold: 0 }),
    behave: (_, response) => {
      response.setHeader('Content-Type', 'text/plain')
      for (let at = 0; at < 20; at++) response.write('y'.repeat(20_000))
      response.end()
    },
    async run (side) {
      const { headers, rawPayload } = await side.app.inject({ url, headers: { 'accept-encoding': 'gzip' } })
      return [headers['content-encoding'], gunzipSync(rawPayload).length]
    },
    expected: ['gzip', 400_000]
  }
]
