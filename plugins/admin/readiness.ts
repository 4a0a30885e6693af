import type { FastifyInstance } from 'fastify'

/** Where an app stands. `draining`: it still answers, but nobody should send anything new. */
export type Phase = 'starting' | 'ready' | 'draining'

/** Somebody who knows where the app stands. */
export interface Readiness { readonly phase: Phase }

/**
 * `GET /health/live`: 200 as long as the process answers at all. `GET /health/ready`: 200 when new requests are welcome, else 503.
 * A back-end that is down changes neither: then the others serve, or the proxy says in a fault that none can.
 */
export async function readinessRoutes (app: FastifyInstance, { readiness = appReadiness(app) }: { readonly readiness?: Readiness | undefined }): Promise<void> {
  app.get('/health/live', async () => ({ status: 'live' }))
  app.get('/health/ready', async (_request, reply) => {
    const { phase } = readiness
    return await reply.code(phase === 'ready' ? 200 : 503).send({ status: phase })
  })
}

/** Without anybody who knows better: ready when the app is, until it closes. */
function appReadiness (app: FastifyInstance): Readiness {
  const own: { phase: Phase } = { phase: 'starting' }
  app.addHook('onReady', async () => { own.phase = 'ready' })
  app.addHook('preClose', async () => { own.phase = 'draining' })
  return own
}
