import t from 'tap'
import { compile } from '../../../lib/compiler/compile.js'
import { definitionsOrThrow, parse } from '../../../lib/definitions/load.js'
import { findResource } from '../../../lib/rest/api.js'
import { FIXED_RUNTIME } from '../../support/flows/fixed-runtime.js'

/** The warnings for these APIs, each with its line. */
function warningsFor (...apis: string[]): string[] {
  const loaded = parse(`<definitions xmlns="http://ws.apache.org/ns/synapse">\n${apis.join('\n')}\n</definitions>`)
  return compile(definitionsOrThrow(loaded), FIXED_RUNTIME, { locations: loaded.locations }).warnings.map(
    ({ line, code, message }) => `${line} ${code}: ${message}`
  )
}
const api = (resources: string, attributes = 'context="/s"', name = 's'): string =>
  `<api name="${name}" ${attributes}>\n${resources}</api>`
const resource = (attributes: string): string => `<resource ${attributes}/>\n`
const template = (pattern: string, methods = ''): string =>
  resource(`${methods === '' ? '' : `methods="${methods}" `}uri-template="${pattern}"`)

t.test(
  'check: a resource that another one hides is reported at its line, with the one that takes its requests',
  async t => {
    t.same(warningsFor(api(template('/orders/{id}') + template('/orders/new'))), [
      '4 unreachable: the resource /orders/new of the API "s" receives no requests: the resource /orders/{id} takes them'
    ])
    const hidden = [
      template('/{a}') + template('/{b}'),
      template('/{+all}') + template('/a/{b}/c'),
      template('/*') + template('/a'),
      template('/a/*') + template('/a/{+rest}'),
      resource('url-mapping="/a/*"') + template('/a/{b}'),
      template('/x.xml') + resource('url-mapping="*.xml"'),
      resource('') + resource(''),
      template('/q') + template('/q?a={a}'),
      template('/a', 'GET POST') + template('/a', 'POST')
    ]
    for (const resources of hidden) t.equal(warningsFor(api(resources)).length, 1, resources)
  }
)

t.test('check: resources that only overlap are not reported', async t => {
  const sound = [
    template('/orders/new') + template('/orders/{id}'),
    template('/{a}', 'GET') + template('/{b}', 'POST'),
    template('/{a}', 'GET') + template('/{b}'),
    template('/{a}/{b}') + template('/{+all}'),
    template('/{a}/x') + template('/y/{b}'),
    template('/q?a={a}') + template('/q'),
    resource('url-mapping="/a/b/*"') + resource('url-mapping="/a/*"') + resource('url-mapping="/a/b/c"'),
    template('/a/{b}') + resource('') + template('/c'),
    template('/{a}-{b}') + template('/{c}'),
    // Reached with an empty segment, with two slashes at the end, and with braces in the name of a parameter.
    template('/{a}/{b}') + template('/x/{+y}/{b}') + template('/x/{+y}'),
    template('/{a}/{b}') + template('/x/{y}//'),
    template('/q?a}{a}') + template('/q'),
    template('*') + resource('url-mapping="//c/*"'),
    resource('methods="GET" protocol="https" uri-template="/a"') + resource('methods="GET" uri-template="/a"')
  ]
  for (const resources of sound) t.same(warningsFor(api(resources)), [], resources)
})

t.test('check: methods that two resources of one pattern have in common are reported', async t => {
  t.same(warningsFor(api(template('/a', 'GET POST') + template('/a', 'POST PUT'))), [
    '4 unreachable: the resource /a of the API "s" receives no requests with POST: an earlier resource of the same ' +
      'pattern takes them'
  ])
})

t.test('check: an API after another one of the same context and version is reported', async t => {
  const all = template('/a')
  t.match(warningsFor(api(all), api(all, 'context="/s"', 't')), [
    /API "t" receives no requests: "s" has the same context/
  ])
  t.match(warningsFor(api(all), api(all, 'context="/s" hostname="h"', 't')), [/API "t" receives no requests/])
  t.same(warningsFor(api(all, 'context="/s" hostname="h"'), api(all, 'context="/s"', 't')), [])
  t.same(warningsFor(api(all), api(all, 'context="/s" version="1" version-type="url"', 't')), [])
})

t.test(
  'check agrees with dispatch on templates: the winner takes each request of the hidden one',
  async t => {
    const patterns = ['/a', '/{x}', '/{+x}', '/a/{y}', '/{x}/b', '/a/*', '/*', '/{x}-{y}', '/a?q={q}', '/a/b']
    const paths = ['/a', '/b', '/a/b', '/c/b', '/a/c', '/a/b/c', '/x-y', '/a-b', '/']
    for (const one of patterns) {
      for (const other of patterns) {
        const loaded = parse(
          `<definitions xmlns="http://ws.apache.org/ns/synapse">${api(template(one) + template(other))}</definitions>`
        )
        const { apis, warnings } = compile(definitionsOrThrow(loaded), FIXED_RUNTIME)
        const reached = paths
          .flatMap(path => ['', '?q=1'].map(query => [path, query] as const))
          .filter(([path, query]) => {
            const request = { method: 'GET', path: `/s${path}`, query, host: 'h', protocol: 'http' }
            const match = findResource(apis[0]!, request)
            return match.kind === 'resource' && match.resource === apis[0]!.resources[1]
          })
        if (warnings.length > 0) t.same(reached, [], `${one}, then ${other}`)
      }
    }
  }
)
