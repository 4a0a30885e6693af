import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import proxyServices, { algorithm, mediator, Type, type Definitions } from 'fastify-proxy-services'

/** `<stamp name="X-Served-By"/>`: an HTTP header with the hour of the day. */
const stamp = mediator({
  name: 'stamp',
  description: 'Sets an HTTP header to the current hour.',
  fields: { name: Type.String() },
  read: element => ({ name: element.attribute('name') }),
  write: ({ name }) => [{ name }],
  build:
    ({ name }, context) =>
      message => ({
        to: 'next',
        message: { ...message, headers: [...message.headers, name, String(new Date(context.now()).getUTCHours())] }
      })
})

/** `algorithm="lastFirst"`: the last member while it is ready, then the one before it. */
const lastFirst = algorithm({
  name: 'lastFirst',
  description: 'Members from the last to the first.',
  fields: {},
  read: () => ({}),
  build: () => members => () => [...members.keys()].reverse()
})

const extensions = { mediators: [stamp], algorithms: [lastFirst] }

/** Makes both known to the type of `definitions`. */
declare module 'fastify-proxy-services' {
  interface MediatorFields {
    readonly stamp: { readonly name: string }
  }
  interface AlgorithmFields {
    readonly lastFirst: object
  }
}

export async function build (
  backends: readonly string[] = ['http://localhost:9001/', 'http://localhost:9002/'],
  options: FastifyServerOptions = {}
): Promise<FastifyInstance> {
  const app: FastifyInstance = Fastify(options)
  await app.register(proxyServices, {
    extensions,
    definitions: `
      <proxy name="Stamped" xmlns="http://ws.apache.org/ns/synapse">
        <target>
          <inSequence>
            <stamp name="X-Hour"/>
            <send><endpoint><loadbalance algorithm="lastFirst">
              ${backends.map(uri => `<endpoint><address uri="${uri}"/></endpoint>`).join('\n              ')}
            </loadbalance></endpoint></send>
          </inSequence>
        </target>
      </proxy>`
  })
  // The same without XML, below another prefix.
  const definitions: Definitions = {
    proxies: {
      Stamped: {
        in: [{ kind: 'stamp', name: 'X-Hour' }],
        endpoint: {
          kind: 'loadbalance',
          algorithm: { kind: 'lastFirst' },
          members: backends.map(uri => ({ kind: 'address', uri }))
        }
      }
    }
  }
  await app.register(proxyServices, { prefix: '/typed', extensions, definitions })
  return app
}

if (process.argv[1] === import.meta.filename) {
  const app = await build(undefined, { logger: true })
  await app.listen({ port: 8290 })
}
