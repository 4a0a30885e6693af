import { readFileSync } from 'node:fs'
import type { FastifyInstance } from 'fastify'
import { HttpError } from './contract/http-error.js'

/** Built by `.ci/console.js`; two folders up both from this file and from the one-file command. */
const FOLDER = new URL('../../console/', import.meta.url)

/** Only files of this origin; no inline script or style, no frame around it, no HTML made from strings. */
const HEADERS = {
  'content-security-policy': [
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'",
    "connect-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
    "require-trusted-types-for 'script'"
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin'
} as const

interface Asset { readonly type: string, readonly plain: Buffer, readonly gzip: Buffer, readonly brotli: Buffer }

/** Serves the console: the files of a fixed list, read at the first request. */
export function consoleRoutes (app: FastifyInstance): void {
  let assets: ReadonlyMap<string, Asset> | undefined
  app.get('/', { schema: { hide: true } }, async (request, reply) =>
    await reply.redirect(`${request.url.split('?')[0]!.replace(/\/$/, '')}/console/`))
  app.get<{ Params: { '*': string } }>('/console/*', { schema: { hide: true } }, async (request, reply) => {
    assets ??= readAssets()
    const name = request.params['*'] === '' ? 'index.html' : request.params['*']
    const asset = assets.get(name)
    if (asset === undefined) throw new HttpError(404, 'the console has no such file')
    const accepted = request.headers['accept-encoding'] ?? ''
    const coding = accepted.includes('br') ? 'br' : accepted.includes('gzip') ? 'gzip' : undefined
    reply.headers(HEADERS).type(asset.type).header('vary', 'accept-encoding')
    reply.header('cache-control', name === 'index.html' ? 'no-cache' : 'public, max-age=31536000, immutable')
    if (coding !== undefined) reply.header('content-encoding', coding)
    return await reply.send(coding === 'br' ? asset.brotli : coding === 'gzip' ? asset.gzip : asset.plain)
  })
}

function readAssets (): ReadonlyMap<string, Asset> {
  const read = (name: string): Buffer => readFileSync(new URL(name, FOLDER))
  const manifest = JSON.parse(read('manifest.json').toString()) as Record<string, string>
  return new Map(Object.entries(manifest).map(([name, type]) =>
    [name, { type, plain: read(name), gzip: read(`${name}.gz`), brotli: read(`${name}.br`) }]))
}
