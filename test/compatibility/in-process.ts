import Fastify, { type FastifyInstance } from 'fastify'
import { Registry } from '../../lib/state/registry.js'
import proxyServices, { ConfigurationError } from '../../plugins/index.js'
import { Refused, type Gateway, type StartGateway } from './run-case.js'

const MARK = 'nothing-before'

/**
 * The plugin in an app of its own. Its clock for suspensions and sessions stands still, but for what passes in a case.
 */
export const inProcess: StartGateway<Gateway & { readonly app: FastifyInstance }> = async ({
  definitions,
  folder,
  port
}) => {
  const app = Fastify()
  let now = Date.now()
  app.decorate('endpointRegistry', new Registry(() => now))
  app.get(`/${MARK}`, (_, reply) => reply.header(MARK, 'true').send())
  try {
    await app.register(proxyServices, { definitions, baseDir: folder, failSafe: true, mainSequence: 'all' })
    await app.listen({ port, host: '127.0.0.1' })
  } catch (error) {
    await app.close().catch(() => {})
    if (error instanceof ConfigurationError) throw new Refused(error.message)
    throw error
  }
  return {
    app,
    mark: MARK,
    pass: async time => {
      now += time
    },
    stop: () => app.close()
  }
}
