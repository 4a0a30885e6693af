import t from 'tap'
import { expander } from '../../../../lib/endpoints/network/http.js'
import type { Message } from '../../../../lib/message/message.js'
import { around, requestsOf, play, program, request } from '../../../support/flows/endpoint-harness.js'

const QUERY = { 'query.param.symbol': 'US:123', 'query.param.user': 'john@gmail' }

t.test('a URI template is expanded by RFC 6570, and as in WSO2', async t => {
  const table: [string, Message['properties'], string][] = [
    [
      'http://abc.com?symbol={query.param.symbol}&user={query.param.user}',
      QUERY,
      'http://abc.com?symbol=US%3A123&user=john%40gmail'
    ],
    [
      'http://abc.com?symbol={+query.param.symbol}&user={+query.param.user}',
      QUERY,
      'http://abc.com?symbol=US:123&user=john@gmail'
    ],
    [
      'legacy-encoding:http://abc.com?symbol={query.param.symbol}&user={query.param.user}',
      { 'query.param.symbol': 'US%3A123', 'query.param.user': 'john%40G%C3%BCnter' },
      'http://abc.com?symbol=US:123&user=john@Günter'
    ],
    ['legacy-encoding:http://abc.com?x={query.param.x}', { 'query.param.x': '100%' }, 'http://abc.com?x=100%25'],
    ['{uri.var.address}/a', { 'uri.var.address': 'http://abc.com/x' }, 'http://abc.com/x/a'],
    ['{+uri.var.address}/a', { 'uri.var.address': 'http://abc.com/x' }, 'http://abc.com/x/a'],
    [
      'http://abc.com/{uri.var.a}{?uri.var.b,uri.var.c}',
      { 'uri.var.a': 'ü/', 'uri.var.b': 1, 'uri.var.c': true },
      'http://abc.com/%C3%BC%2F?uri.var.b=1&uri.var.c=true'
    ],
    ['http://abc.com/{uri.var.a:3}', { 'uri.var.a': 'abcdef' }, 'http://abc.com/abc'],
    ['http://abc.com/{uri.var.a}/{uri.var.b}', { 'uri.var.a': 'x' }, 'http://abc.com/x/'],
    ['http://abc.com/{uri.var.a}', {}, 'http://abc.com/{uri.var.a}'],
    ['http://abc.com/{other}', { other: 'x' }, 'http://abc.com/{other}'],
    ['http://abc.com/{uri.var.a}', { 'uri.var.a': '\ud800' }, 'http://abc.com/%EF%BF%BD'],
    ['http://abc.com/{uri.var.a}{__proto__}', { 'uri.var.a': 'x' }, 'http://abc.com/x']
  ]
  for (const [template, properties, uri] of table) {
    t.equal(expander(template)({ properties }), uri, template)
  }
})

t.test('the method of the endpoint, or that of the message with what follows the address of the service', async t => {
  const get = program(
    around(
      '<endpoint><http method="get" uri-template="http://h:1/a/{uri.var.id}"/><property name="uri.var.id" value="7 8"/></endpoint>'
    )
  )
  const { calls, response } = play(get, request({ path: '/more', query: '?x=1' }))
  t.strictSame(requestsOf({ calls }), ['GET http://h:1/a/7%208'])
  t.match(calls[0]!.message, { body: { kind: 'none' }, headers: [] })
  t.equal(response.status, 200)
  const any = program(around('<endpoint><http uri-template="http://h:1/a"/></endpoint>'))
  t.strictSame(requestsOf(play(any, request({ method: 'PUT', path: '/more', query: '?x=1' }))), [
    'PUT http://h:1/a/more?x=1'
  ])
})

t.test('properties of the endpoint take precedence over those of the message, and may be expressions', async t => {
  const own = program(
    around(
      '<endpoint><http uri-template="http://h:1/{uri.var.a}/{uri.var.b}"/><property name="uri.var.a" value="own"/><property name="uri.var.b" expression="get-property(\'uri.var.a\')"/></endpoint>'
    )
  )
  t.match(requestsOf(play(own, request({ properties: { 'uri.var.a': 'theirs' } }))), ['POST http://h:1/own/own'])
})

t.test("one state for one host; and none of a client's making", async t => {
  const one = program(around('<endpoint name="one"><http uri-template="http://h:1/{uri.var.a}"/></endpoint>'))
  for (const a of ['x', 'y', 'z']) play(one, request({ properties: { 'uri.var.a': a } }))
  t.strictSame([...one.lease.registry.endpoints.keys()], ['one'])
  const many = program(around('<endpoint name="many"><http uri-template="http://{uri.var.host}/"/></endpoint>'))
  for (let count = 0; count < 1100; count++) play(many, request({ properties: { 'uri.var.host': `h${count}` } }))
  t.equal(many.lease.registry.endpoints.size, 1000)
})

t.test('a template that ends with {+uri.var.relativePath} keeps the slash before it', async t => {
  const slash = program(around('<endpoint><http uri-template="http://h:1/{+uri.var.relativePath}"/></endpoint>'))
  for (const path of ['a', 'a/b']) {
    const message = request({ properties: { 'uri.var.relativePath': path } })
    t.strictSame(requestsOf(play(slash, message)), [`POST http://h:1/${path}`])
  }
})
