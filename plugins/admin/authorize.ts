import { createHash, timingSafeEqual } from 'node:crypto'
import { isIP } from 'node:net'
import type { FastifyRequest } from 'fastify'

/** Why a request is not let in, with its status; undefined: it is. */
export type Refusal = { readonly status: 401 | 403, readonly why: string } | undefined

/**
 * Who may ask. With a token: who brings it, for everything but health. Without: anybody may look, but only this machine may change anything,
 * and no web page that a browser on it happens to show.
 */
export function refusal (request: FastifyRequest, token: string | undefined): Refusal {
  if (token !== undefined) return brings(request, token) ? undefined : { status: 401, why: 'the token is missing or wrong' }
  if (request.method === 'GET' || request.method === 'HEAD') return undefined
  if (!isLoopback(request)) return { status: 403, why: 'without a token, changes are accepted from this machine only' }
  return isFromBrowser(request) ? { status: 403, why: 'without a token, changes are not accepted from web pages' } : undefined
}

/** Takes as long for a wrong token as for the right one. */
function brings ({ headers: { authorization = '' } }: FastifyRequest, token: string): boolean {
  const [, given = ''] = /^Bearer +(\S+) *$/i.exec(authorization) ?? []
  return timingSafeEqual(digest(given), digest(token))
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** From a loopback address, and not handed on by a proxy on this machine. */
function isLoopback ({ raw, headers }: FastifyRequest): boolean {
  const address = raw.socket.remoteAddress ?? ''
  const isLoopback = address === '::1' || (isIP(address.replace(/^::ffff:/, '')) === 4 && address.replace(/^::ffff:/, '').startsWith('127.'))
  return isLoopback && headers['x-forwarded-for'] === undefined && headers['forwarded'] === undefined
}

/** Browsers say so of every request that changes anything. */
const isFromBrowser = ({ headers }: FastifyRequest): boolean => headers['origin'] !== undefined || headers['sec-fetch-site'] !== undefined
