import { Type } from '@sinclair/typebox'
import Fastify from 'fastify'
import proxyServices from 'fastify-proxy-services'

/** `<stamp name="X-Served-By"/>`: an HTTP header with the hour of the day. */
const stamp = {
  name: 'stamp',
  description: 'Sets an HTTP header to the current hour.',
  fields: { name: Type.String() },
  read: element => ({ name: element.attribute('name') }),
  write: ({ name }) => [{ name }],
  build: ({ name }, tools) => message => ({
    to: 'next',
    message: { ...message, headers: [...message.headers, name, String(new Date(tools.now()).getUTCHours())] }
  })
}

/** `algorithm="lastFirst"`: the last member while it is ready, then the one before it. */
const lastFirst = {
  name: 'lastFirst',
  description: 'Members from the last to the first.',
  fields: {},
  read: () => ({}),
  write: () => [],
  build: () => members => () => [...members.keys()].reverse()
}

export async function build (backends = ['http://localhost:9001/', 'http://localhost:9002/'], options = {}) {
  const app = Fastify(options)
  await app.register(proxyServices, {
    extensions: { mediators: [stamp], algorithms: [lastFirst] },
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
  return app
}

if (process.argv[1] === import.meta.filename) {
  const app = await build(undefined, { logger: true })
  await app.listen({ port: 8290 })
}
