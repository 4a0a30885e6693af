import t from 'tap'
import { compile } from '../../lib/compiler/compile.js'
import { definitionsOrThrow, parse } from '../../lib/definitions/load.js'
import { findResource, selectApi } from '../../lib/rest/api.js'
import { typeOf } from '../../lib/soap/read.js'
import { answered, definitionsOf, play, proxyOf, request, textOf } from '../support/flows/drive-flow.js'
import { CONVERSIONS } from './conversions.js'
import { DISPATCH } from './dispatch.js'
import { ENRICH } from './enrich.js'
import { typeOfBody } from './pair.js'
import { PAYLOAD_FACTORY } from './payload-factory.js'
import { SPLITS } from './splits.js'
import { TEMPLATES } from './templates.js'
import { FIXED_RUNTIME } from '../support/flows/fixed-runtime.js'

const PAIRS = [...PAYLOAD_FACTORY, ...ENRICH, ...CONVERSIONS, ...SPLITS, ...TEMPLATES]

for (const { name, mediators, body, out, fact, status = 200, type, responses = [], beside } of PAIRS) {
  t.test(`as the engine, ${name} (${fact})`, async t => {
    const proxy = proxyOf({ in: `${mediators}<respond/>`, ...(beside !== undefined && { beside }) })
    const outcomes = responses.map(each => answered(each, typeOfBody(each)))
    const { response } = play(proxy, request(body, typeOfBody(body)), ...outcomes)
    const text = textOf(response)
    t.equal(response.status, status, text)
    if (status === 200) t.equal(text, out)
    else t.match(text, out)
    if (type !== undefined) t.equal(typeOf(response).type, type)
  })
}

for (const { name, apis, request: line, out, fact } of DISPATCH) {
  t.test(`as the engine, dispatch: ${name} (${fact})`, async t => {
    const compiled = compile(definitionsOrThrow(parse(definitionsOf(apis))), FIXED_RUNTIME)
    const [method = '', url = ''] = line.split(' ')
    const [path = '', query] = url.split('?')
    const wanted = { method, path, query: query === undefined ? '' : `?${query}`, host: 'h:80', protocol: 'http' }
    const api = selectApi(compiled.apis, wanted)
    const match = api && findResource(api, wanted)
    t.equal(match === undefined ? 'no API' : described(match), out)
  })
}

function described (match: ReturnType<typeof findResource>): string {
  if (match.kind === 'not-found') return '404'
  if (match.kind !== 'resource') return '405'
  const variables = Object.entries(match.variables).map(([name, value]) => `${name}=${value}`)
  return [match.resource.pattern ?? '(none)', ...variables].join(' ')
}

t.test('there are more than 120 pairs, and none twice', async t => {
  const names = [...PAIRS, ...DISPATCH].map(({ name }) => name)
  t.ok(names.length > 120, `${names.length}`)
  t.equal(new Set(names).size, names.length)
})
