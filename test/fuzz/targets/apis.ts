import { findResource, matchersOf, selectApi, type CompiledApi, type CompiledResource } from '../../../lib/rest/api.js'
import { unreachableResources } from '../../../lib/rest/unreachable.js'
import { completed } from '../../../lib/slices/sliced-work.js'
import { proxyOf } from '../../support/flows/drive-flow.js'
import { expect, expectSame, type Target } from '../target.js'

const SNIPPETS = [
  '/',
  '{',
  '}',
  '{a}',
  '{+a}',
  '{?a,b}',
  '*',
  '/*',
  '*.',
  '?',
  '&',
  '=',
  'a=',
  '{#x}',
  '%2F',
  '%',
  '%zz',
  '-',
  '.',
  '//',
  '\u00e9',
  ' ',
  '\n',
  ',',
  '?a={a}',
  'orders',
  '\0',
  '+',
  '}{'
]
const service = proxyOf({ in: '<respond/>' })

export const URI_TEMPLATE: Target = {
  name: 'uri-template',
  looksFor: 'templates that do not match the path that their own variables make, or that take too long',
  share: 20,
  seeds: [
    '/orders/{id}\0/orders/5',
    '/{a}/x/{b}?c={d}\0/1/x/2?c=3',
    '/files/{+p}/end\0/files/a/b/end',
    '/q{?a,b}\0/q?a=1',
    '/f/*\0/f/g/h',
    '/{a}-{b}\0/1-2'
  ],
  snippets: ['\0', ...SNIPPETS],
  maxLength: 256,
  run (input) {
    const [template = '', target = ''] = input.toString('utf8').split('\0', 2)
    let matches
    try {
      matches = matchersOf({ uriTemplate: template }).template!
    } catch (error) {
      expect(error instanceof Error && /unbalanced brace/.test(error.message), () => String(error))
      return
    }
    const mark = target.indexOf('?')
    matches(mark < 0 ? target : target.slice(0, mark), mark < 0 ? '' : target.slice(mark))
    const plain = /^(?:\/[a-z]*|\/\{[a-z]+\})+$/.test(template) ? template : undefined
    if (plain === undefined) return
    const path = plain.replace(/\{[a-z]+\}/g, 'v7')
    const found = matches(path, '')
    expect(
      found !== undefined && Object.values(found).every(value => value === 'v7'),
      () => `${plain} does not match ${path}`
    )
  }
}

export const API: Target = {
  name: 'api',
  looksFor: 'requests that a resource handles which check calls unreachable, or that are dispatched in two ways',
  share: 5,
  seeds: [
    '/a\n/{b}\n*.xml\n/c/*\0GET /s/a',
    '/{a}/{b}\n/x/{+y}\n/x/y\0POST /s/x/y?q=1',
    '/q?a={a}\n/q\0GET /s/q?a=1'
  ],
  snippets: ['\0', '\n', 'GET ', 'POST ', '/s', ...SNIPPETS],
  maxLength: 256,
  run (input) {
    const [patterns = '', line = ''] = input.toString('utf8').split('\0', 2)
    const resources = patterns.split('\n').slice(0, 8).flatMap(resourceOf)
    const api: CompiledApi = { name: 'a', basePath: '/s', context: '/s', version: '', isVersioned: false, resources }
    const [method = 'GET', url = '/'] = line.split(' ', 2)
    const [path = '/', query] = url.split('?', 2)
    const request = { method, path, query: query === undefined ? '' : `?${query}`, host: 'h', protocol: 'http' }
    if (selectApi([api], request) === undefined) return
    const match = findResource(api, request)
    expectSame(JSON.stringify(findResource(api, request)), JSON.stringify(match), 'the second time')
    if (match.kind !== 'resource') return
    const at = resources.indexOf(match.resource)
    const lost = completed(unreachableResources(api)).find(({ resource }) => resource === at)
    expect(lost === undefined, () => `${resources[at]!.pattern} receives ${url}`)
  }
}

function resourceOf (pattern: string): CompiledResource[] {
  const isMapping = pattern.startsWith('*.') || pattern.endsWith('/*')
  try {
    return [
      { service, transports: ['http'], ...matchersOf(isMapping ? { urlMapping: pattern } : { uriTemplate: pattern }) }
    ]
  } catch {
    return []
  }
}
