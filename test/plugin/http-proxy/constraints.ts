import { get, status, url, type Row } from './row.js'

/** Routes for some hosts, versions and requests alone. */
export const CONSTRAINTS: readonly Row[] = [
  {
    name: 'constraints: a host',
    register: (app, add) => add(app, { constraints: { host: 'a.example' } }),
    run: async side => [
      (await get(side, url, { host: 'a.example' })).status,
      (await get(side, url, { host: 'b.example' })).status
    ],
    expected: [200, 404]
  },
  {
    name: 'constraints: a pattern of hosts',
    register: (app, add) => add(app, { constraints: { host: /^[a-z]+\.example$/ } }),
    run: async side => [
      (await get(side, url, { host: 'a.example' })).status,
      (await get(side, url, { host: 'a.other' })).status
    ],
    expected: [200, 404]
  },
  {
    name: 'constraints: two proxies of one name, by host',
    async register (app, add) {
      await add(app, { constraints: { host: 'a.example' }, base: '/a' })
      await add(app, { constraints: { host: 'b.example' }, base: '/b' })
    },
    async run (side) {
      for (const host of ['a.example', 'b.example']) await get(side, url, { host })
      return side.backend.received.map(({ url }) => url)
    },
    expected: ['/a/x', '/b/x']
  },
  {
    name: 'constraints: a version',
    register: (app, add) => add(app, { constraints: { version: '1.2.0' } }),
    run: async side => [
      (await get(side, url, { 'accept-version': '1.x' })).status,
      (await get(side, url, { 'accept-version': '2.x' })).status,
      await status(side)
    ],
    expected: [200, 404, 404]
  },
  {
    name: 'constraints: accept-version reaches the back-end',
    register: (app, add) => add(app, { constraints: { version: '1.2.0' } }),
    async run (side) {
      await get(side, url, { 'accept-version': '1.2.0' })
      return side.backend.received[0]?.headers['accept-version']
    },
    expected: '1.2.0'
  },
  {
    name: 'constraints: a strategy of the app',
    server: {
      routerOptions: {
        constraints: {
          tenant: {
            name: 'tenant',
            storage: () => {
              const handlers = new Map()
              return { get: key => handlers.get(key) ?? null, set: (key, value) => { handlers.set(key, value) } }
            },
            validate: () => {},
            deriveConstraint: ({ headers }) => headers['x-tenant'] as string
          }
        }
      }
    },
    register: (app, add) => add(app, { constraints: { tenant: 'one' } }),
    run: async side => [
      (await get(side, url, { 'x-tenant': 'one' })).status,
      (await get(side, url, { 'x-tenant': 'two' })).status
    ],
    expected: [200, 404]
  }
]
