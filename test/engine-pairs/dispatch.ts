/** APIs, a request, and what handles it: the pattern of the resource with its variables, or a status. */
export interface DispatchPair {
  readonly name: string
  readonly apis: string
  readonly request: string
  readonly out: string
  readonly fact: string
}

const api = (resources: string, attributes = 'context="/s"', name = 's'): string =>
  `<api name="${name}" ${attributes}>${resources}</api>`
const t = (pattern: string, methods = ''): string =>
  `<resource${methods === '' ? '' : ` methods="${methods}"`} uri-template="${pattern}"/>`
const m = (pattern: string): string => `<resource url-mapping="${pattern}"/>`
const NONE = '<resource/>'
const TEMPLATE = 'URITemplateBasedDispatcher.findResource'
const MAPPING = 'URLMappingBasedDispatcher.findResource'
const PROCESS = 'API.process'
const SELECT = 'ApiUtils.getSelectedAPI'

type Row = readonly [name: string, apis: string, request: string, out: string, fact: string]

const ROWS: readonly Row[] = [
  ['a variable is a segment', api(t('/o/{id}')), 'GET /s/o/5', '/o/{id} id=5', TEMPLATE],
  ['a variable is decoded', api(t('/o/{id}')), 'GET /s/o/a%20b', '/o/{id} id=a b', TEMPLATE],
  ['two variables', api(t('/{a}/x/{b}')), 'GET /s/1/x/2', '/{a}/x/{b} a=1 b=2', TEMPLATE],
  ['a variable has no slash', api(t('/o/{id}')), 'GET /s/o/5/6', '404', TEMPLATE],
  ['the first of two templates', api(t('/{a}') + t('/{b}')), 'GET /s/x', '/{a} a=x', TEMPLATE],
  [
    'a method that only the second has',
    api(t('/{a}', 'GET') + t('/{b}', 'POST')),
    'POST /s/x',
    '/{b} b=x',
    'ApiUtils.getAcceptableResources'
  ],
  ['a wildcard takes the rest', api(t('/f/*')), 'GET /s/f/a/b', '/f/*', TEMPLATE],
  ['a query is a part of the template', api(t('/q?a={a}') + t('/q')), 'GET /s/q?a=1', '/q?a={a} a=1', TEMPLATE],
  ['a template without a query takes any', api(t('/q')), 'GET /s/q?z=1', '/q', TEMPLATE],
  ['an exact mapping precedes a prefix', api(m('/a/*') + m('/a/b')), 'GET /s/a/b', '/a/b', MAPPING],
  ['the longest prefix', api(m('/a/*') + m('/a/b/*')), 'GET /s/a/b/c', '/a/b/*', MAPPING],
  ['a prefix takes its own path', api(m('/a/*')), 'GET /s/a', '/a/*', 'URLMappingHelper.getPrefixMatchingLength'],
  ['a prefix of all', api(m('/*')), 'GET /s/a/b', '/*', 'URLMappingHelper.getPrefixMatchingLength'],
  ['an extension', api(m('*.xml')), 'GET /s/a/b.xml', '*.xml', MAPPING],
  ['a prefix precedes an extension', api(m('*.xml') + m('/a/*')), 'GET /s/a/b.xml', '/a/*', MAPPING],
  ['a slash at the end does not count', api(m('/a')), 'GET /s/a/', '/a', 'URLMappingHelper.isExactMatch'],
  ['a mapping precedes a template', api(t('/a') + m('/a')), 'GET /s/a', '/a', 'ApiUtils.getDispatchers'],
  [
    'a resource without a pattern is the last',
    api(NONE + t('/a')),
    'GET /s/a',
    '/a',
    'DefaultDispatcher.findResource'
  ],
  [
    'a resource without a pattern takes the rest',
    api(t('/a') + NONE),
    'GET /s/b',
    '(none)',
    'DefaultDispatcher.findResource'
  ],
  ['no resource', api(t('/a')), 'GET /s/b', '404', 'API.handleResourceNotFound'],
  ['another method', api(t('/a', 'GET')), 'POST /s/a', '405', 'API.handleMethodNotAllowed'],
  ['the path of the API is that of its resource /', api(t('/')), 'GET /s', '/', PROCESS],
  [
    'the version in the path',
    api(t('/a'), 'context="/s" version="2" version-type="url"'),
    'GET /s/2/a',
    '/a',
    'URLBasedVersionStrategy.isMatchingVersion'
  ],
  [
    'a version goes before none',
    api(t('/2/a')) + api(t('/a'), 'context="/s" version="2" version-type="url"', 'v'),
    'GET /s/2/a',
    '/a',
    SELECT
  ],
  [
    'the version in the context',
    api(t('/a'), 'context="/s/{version}" version="3" version-type="context"'),
    'GET /s/3/a',
    '/a',
    'ContextVersionStrategy.isMatchingVersion'
  ],
  ['a context is whole segments', api(t('/*')), 'GET /sx/a', 'no API', 'ApiUtils.matchApiPath'],
  ['the host of an API', api(t('/*'), 'context="/s" hostname="other"'), 'GET /s/a', 'no API', 'API.canProcess']
]

export const DISPATCH: readonly DispatchPair[] = ROWS.map(([name, apis, request, out, fact]) => ({
  name,
  apis,
  request,
  out,
  fact
}))
