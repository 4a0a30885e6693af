import type { FastifyInstance } from 'fastify'

/** Serves `GET /openapi.json`, made from the schemas of the routes that are registered after this call. */
export async function documentApi (app: FastifyInstance): Promise<void> {
  const { default: swagger } = await import('@fastify/swagger')
  await app.register(swagger, {
    decorator: 'adminOpenApi',
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Admin API of fastify-proxy-services', version: '1' },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      security: [{ token: [] }]
    }
  })
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.getDecorator<() => object>('adminOpenApi')())
}
