import type { FastifyInstance } from 'fastify'

/** The phase of an app. `draining`: it still answers, but takes no new clients. */
export type AppPhase = 'starting' | 'ready' | 'draining'

/** Returns the phase of an app. */
export interface Readiness {
  readonly phase: AppPhase
}

/**
 * `GET /health/live`: 200 as long as the process answers. `GET /health/ready`: 200 while the app takes requests, else
 * 503. A back-end that is down changes neither: other members serve, or the proxy answers with a fault.
 */
export async function readinessRoutes (
  app: FastifyInstance,
  { readiness = appReadiness(app) }: { readonly readiness?: Readiness | undefined }
): Promise<void> {
  app.get('/health/live', async () => ({ status: 'live' }))
  app.get('/health/ready', async (_request, reply) => {
    const { phase } = readiness
    return await reply.code(phase === 'ready' ? 200 : 503).send({ status: phase })
  })
}

/** Default: ready from when the app is ready until it closes. */
function appReadiness (app: FastifyInstance): Readiness {
  const own: { phase: AppPhase } = { phase: 'starting' }
  app.addHook('onReady', async () => {
    own.phase = 'ready'
  })
  app.addHook('preClose', async () => {
    own.phase = 'draining'
  })
  return own
}
