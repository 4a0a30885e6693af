import t from 'tap'
import { edited, ENDPOINT, group } from '../support/operation/edited-configuration.js'

/** Routes whose requests change nothing, although they are not read by GET. */
const READING = [
  'POST /configuration/check',
  'POST /configuration/convert',
  'POST /explain',
  'POST /sessions/lookup',
  'PUT /live/{id}/watch'
]
const HASH = /^[0-9a-f]{64}$/

t.test('every change by an operator is one line of the log: what, from where, by which operator, before and after', async t => {
  const setup = await edited(t)
  const { app } = setup
  const log = setup.log as Record<string, unknown>[]
  app.endpointRegistry.groups.get('OrdersLB')!.sessions!.set('a', 0)
  const trying = async (timeout: string): Promise<object> =>
    ({ how: 'try', files: await setup.change(ENDPOINT, group(timeout)) })
  const hashes = { [setup.path(ENDPOINT)]: HASH }
  const tried = { unconfirmed: [setup.path(ENDPOINT)] }
  const rows: [route: string, payload: (() => object | Promise<object>) | undefined, line: object][] = [
    [
      'POST /endpoints',
      () => ({ name: 'orders-1', status: 'draining' }),
      { msg: 'by hand: orders-1 is draining', before: ['active'], after: ['draining'] }
    ],
    ['POST /endpoints/{*}', () => ({ status: 'on' }), { before: ['draining'], after: ['active'] }],
    [
      'POST /sessions/release',
      () => ({ group: 'OrdersLB', id: 'a' }),
      { msg: 'by hand: one session of orders-1 released in OrdersLB', before: 'orders-1', after: null }
    ],
    ['PATCH /logging', () => ({ level: 'debug' }), { before: 'info', after: 'debug' }],
    ['POST /recording', () => ({ minutes: 1 }), { minutes: 1, before: false, after: true }],
    ['DELETE /recording', undefined, { before: true, after: false }],
    [
      'POST /configuration/apply',
      async () => await trying('700000'),
      { msg: 'by hand: an unconfirmed configuration runs', before: hashes, after: hashes }
    ],
    ['POST /configuration/keep', undefined, { before: tried, after: 'kept' }],
    ['POST /configuration/apply', async () => await trying('800000'), { before: hashes, after: hashes }],
    ['POST /configuration/revert', undefined, { before: tried, after: 'reverted' }],
    ['POST /reload', undefined, { msg: 'by hand: the configuration was reloaded', before: String, after: String }],
    [
      'POST /tries',
      () => ({ proxy: 'Orders', method: 'POST', path: '', headers: {}, body: 'x' }),
      { msg: 'by hand: a message was tried', proxy: 'Orders', method: 'POST', status: Number }
    ]
  ]
  for (const [route, payload, line] of rows) {
    const [method, path] = route.split(' ') as ['POST' | 'PATCH' | 'DELETE', string]
    const from = log.length
    const { statusCode, body } = await app.inject({
      method,
      url: `${path.replace('{*}', 'orders-1')}${payload === undefined ? '?by=ann' : ''}`,
      headers: { authorization: 'Bearer secret' },
      ...(payload !== undefined && { payload: { ...(await payload()), by: 'ann' } })
    })
    t.equal(statusCode, 200, `${route}: ${body}`)
    const written = log.slice(from).filter(({ msg }) => /^by hand: /.test(String(msg)))
    t.match(written, [{ remote: '127.0.0.1', by: 'ann', ...line }], route)
    t.equal(written.length, 1, route)
  }

  const { paths } = (await app.inject({ url: '/openapi.json', headers: { authorization: 'Bearer secret' } })).json()
  const routes = Object.entries<object>(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map(method => `${method.toUpperCase()} ${path}`)
  )
  t.same(
    routes.filter(route => !/^(GET|HEAD) /.test(route)).sort(),
    [...new Set([...READING, ...rows.map(([route]) => route)])].sort(),
    'there is no other route that changes something'
  )
})
