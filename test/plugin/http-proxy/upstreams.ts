import { MockAgent } from 'undici'
import { gives, receives, TEXT } from './runs.js'
import { url, type Row } from './row.js'

/** A dispatcher that responds to each GET, whatever the back-end. */
function mock (): MockAgent {
  const agent = new MockAgent()
  agent.disableNetConnect()
  agent.get(/./).intercept({ path: '/base/x' })
    .reply(201, 'mocked', { headers: { 'set-cookie': ['a=1', 'b=2'] } })
    .times(2)
  return agent
}

const agent = mock()

/** Where back-ends are, and what sends the requests. */
export const UPSTREAMS: readonly Row[] = [
  {
    name: 'a unix socket: method, path, query and body',
    isAtSocket: true,
    async run ({ app }) {
      const request = { method: 'POST', url: `${url}?a=1`, headers: TEXT, payload: 'hello' } as const
      const { statusCode, body } = await app.inject(request)
      return [statusCode, body]
    },
    expected: [200, 'POST /base/x?a=1 hello']
  },
  {
    name: 'a unix socket: the Host of its requests',
    isAtSocket: true,
    run: async (side, t) => {
      const [host] = (await receives({}, ({ headers }) => headers.host)(side, t)) as string[]
      return `unix+http://${host}` === side.backend.origin
    },
    expected: true
  },
  {
    name: 'a unix socket: a long body in chunks',
    isAtSocket: true,
    behave: (_, response) => {
      for (let at = 0; at < 20; at++) response.write('y'.repeat(20_000))
      response.end()
    },
    run: gives(({ body }) => body.length),
    expected: 400_000
  },
  {
    name: 'a MockAgent of undici responds in place of the back-end',
    reference: { undici: agent },
    own: { upstreamClient: agent },
    run: async ({ app, backend }) => {
      const { statusCode, body, headers } = await app.inject(url)
      return [statusCode, body, headers['set-cookie'], backend.received.length]
    },
    expected: [201, 'mocked', ['a=1', 'b=2'], 0]
  }
]
