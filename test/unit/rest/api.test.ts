import t from 'tap'
import { compile } from '../../../lib/compiler/compile.js'
import { definitionsOrThrow, parse } from '../../../lib/definitions/load.js'
import { findResource, selectApi, type CompiledApi, type ApiRequest } from '../../../lib/rest/api.js'
import { FIXED_RUNTIME } from '../../support/flows/fixed-runtime.js'

const apisOf = (...apis: string[]): readonly CompiledApi[] => {
  const xml = `<definitions xmlns="http://ws.apache.org/ns/synapse">${apis.join('')}</definitions>`
  return compile(definitionsOrThrow(parse(xml)), FIXED_RUNTIME).apis
}
const api = (name: string, attributes: string, resources = '<resource/>'): string =>
  `<api name="${name}" ${attributes}>${resources}</api>`
const request = (path: string, more: Partial<ApiRequest> = {}): ApiRequest => ({
  method: 'GET',
  path,
  query: '',
  host: 'h:80',
  protocol: 'http',
  ...more
})

t.test('API selection: versions come first, then longer contexts, and / is the last', async t => {
  const apis = apisOf(
    api('root', 'context="/"'),
    api('shop', 'context="/shop"'),
    api('deep', 'context="/shop/deep"'),
    api('two', 'context="/shop" version="2" version-type="url"'),
    api('three', 'context="/v/{version}" version="3" version-type="context"')
  )
  const selected = (path: string): string | undefined => selectApi(apis, request(path))?.name
  t.equal(selected('/shop'), 'shop')
  t.equal(selected('/shop/x'), 'shop')
  t.equal(selected('/shop/deep/x'), 'deep')
  t.equal(selected('/shop/2/x'), 'two')
  t.equal(selected('/v/3'), 'three')
  t.equal(selected('/shopping'), 'root')
})

t.test('API selection: one with version-type="context" comes first without a version too', async t => {
  const apis = apisOf(
    api('deep', 'context="/shop/deep"'),
    api('typed', 'context="/shop{version}" version-type="context"'),
    api('untyped', 'context="/other" version-type=""')
  )
  t.same(apis.map(({ name, basePath }) => [name, basePath]), [
    ['typed', '/shop'],
    ['deep', '/shop/deep'],
    ['untyped', '/other']
  ])
  const [problem] = parse(api('a', 'xmlns="http://ws.apache.org/ns/synapse" context="/a" version-type="url"')).problems
  t.match(problem, { message: 'an <api> with version-type="url" needs a version', line: 1, severity: 'error' })
})

t.test('API selection: by host and port', async t => {
  const apis = apisOf(api('a', 'context="/x" hostname="a.test" port="8080"'))
  t.equal(selectApi(apis, request('/x', { host: 'a.test:8080' }))?.name, 'a')
  t.equal(selectApi(apis, request('/x', { host: 'a.test' })), undefined)
  t.equal(selectApi(apis, request('/x', { host: 'b.test:8080' })), undefined)
})

t.test(
  'resource selection: exact mapping, longest prefix, extension, first template, then the resource without a pattern',
  async t => {
    const [shop] = apisOf(
      api(
        's',
        'context="/s"',
        `
    <resource uri-template="/{any}"/><resource uri-template="/{second}"/><resource/>
    <resource url-mapping="*.xml"/><resource url-mapping="/a/*"/><resource url-mapping="/a/b/*"/><resource url-mapping="/a/b/c"/>`
      )
    )
    const pattern = (path: string): string | undefined => {
      const match = findResource(shop!, request(`/s${path}`))
      return match.kind === 'resource' ? (match.resource.pattern ?? '(none)') : match.kind
    }
    t.equal(pattern('/a/b/c'), '/a/b/c')
    t.equal(pattern('/a/b/d'), '/a/b/*')
    t.equal(pattern('/a/d'), '/a/*')
    t.equal(pattern('/d.xml'), '*.xml')
    t.equal(pattern('/d'), '/{any}')
    t.equal(pattern('/d/e'), '(none)')
  }
)

t.test('resource selection: 404, 405 with the allowed methods, 400 for the wrong scheme, and OPTIONS', async t => {
  const [shop] = apisOf(
    api(
      's',
      'context="/s"',
      '<resource methods="GET PUT" uri-template="/a"/><resource methods="GET" protocol="https" uri-template="/b"/>'
    )
  )
  t.match(findResource(shop!, request('/s/c')), { kind: 'not-found' })
  t.same(findResource(shop!, request('/s/a', { method: 'POST' })), {
    kind: 'method-not-allowed',
    allow: ['GET', 'PUT']
  })
  t.match(findResource(shop!, request('/s/b')), { kind: 'not-acceptable' })
  t.same(findResource(shop!, request('/s/a', { method: 'OPTIONS' })), { kind: 'options', allow: ['GET', 'PUT'] })
})

t.test('two resources of one API do not share the state of unnamed endpoints', async t => {
  const send = '<inSequence><send><endpoint><address uri="http://h:1/"/></endpoint></send></inSequence>'
  const xml = `<definitions xmlns="http://ws.apache.org/ns/synapse">${api('s', 'context="/s"', `<resource methods="GET" uri-template="/a">${send}</resource><resource methods="PUT" uri-template="/a">${send}</resource>`)}</definitions>`
  const { lease } = compile(definitionsOrThrow(parse(xml)), FIXED_RUNTIME)
  t.strictSame([...lease.registry.endpoints.keys()], ['s GET /a http://h:1/', 's PUT /a http://h:1/'])
})

t.test('what an API lacks, or cannot have, is reported at its place', async t => {
  const problems = (xml: string): string[] =>
    parse(`<definitions xmlns="http://ws.apache.org/ns/synapse">${xml}</definitions>`).problems.map(
      ({ message }) => message
    )
  t.match(problems('<api name="a"/>'), ['<api> needs a context'])
  t.match(problems('<api name="a" context="/a"/>'), ['"resources" is empty at apis.a'])
  t.match(problems(api('a', 'context="/a"', '<resource uri-template="/x" url-mapping="/x"/>')), [
    /either a uri-template or a url-mapping/
  ])
  t.match(problems(api('a', 'context="/a"', '<resource protocol="jms"/>')), [/unsupported protocol "jms"/])
  t.match(problems(api('a', 'context="/a" port="99999"')), [/port expects a port, not "99999"/])
  t.match(problems(api('a', 'context="/a"', '<resource/><handlers><handler class="org.Cors"/></handlers>')), [
    /<handlers> of an API are not supported/
  ])
})
