import type { FastifyInstance, RouteOptions } from 'fastify'
import { withoutCompilers } from './schema-compilers.js'

/**
 * Serves `GET /openapi.json`, made from the schemas of the routes that are registered after this call. It is made when
 * a client asks for it: what makes it is larger than the admin API.
 */
export function documentApi (app: FastifyInstance): void {
  const routes: RouteOptions[] = []
  app.addHook('onRoute', route => {
    if (route.method !== 'HEAD') routes.push(route)
  })
  let document: Promise<object> | undefined
  app.get('/openapi.json', { schema: { hide: true } }, async () => await (document ??= describe(routes)))
}

/** Describes routes in an app of their own, which serves nothing. */
async function describe (routes: readonly RouteOptions[]): Promise<object> {
  const { default: Fastify } = await import('fastify')
  const { default: swagger } = await import('@fastify/swagger')
  const app = Fastify({ exposeHeadRoutes: false, ...withoutCompilers })
  app.setValidatorCompiler(() => () => true).setSerializerCompiler(() => JSON.stringify)
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Admin API of fastify-proxy-services', version: '1' },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      security: [{ token: [] }]
    }
  })
  for (const { method, url, schema = {} } of routes) app.route({ method, url, schema, handler: () => {} })
  await app.ready()
  const document = app.swagger()
  await app.close()
  return document
}
