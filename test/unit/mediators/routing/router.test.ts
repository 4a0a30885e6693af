import t from 'tap'
import { parse } from '../../../../lib/definitions/load.js'
import { writeXml } from '../../../../lib/definitions/write-xml.js'
import {
  answered,
  definitionsOf,
  header,
  play,
  proxyOf,
  request,
  soap,
  soapRequest,
  step,
  SHOW_WAY,
  wrongWith,
  type Played
} from '../../../support/flows/drive-flow.js'

const route = (condition: string, target: string, more = ''): string =>
  `<route ${condition} ${more}><target>${target}</target></route>`
const through = (word: string): string => `<sequence>${step(word)}</sequence>`
const QUOTE = soapRequest('<q:getQuote xmlns:q="urn:q"><q:symbol>IBM</q:symbol></q:getQuote>')
const SYMBOL = 'expression="//q:symbol" xmlns:q="urn:q"'

const routed = (
  routes: string,
  attributes = '',
  message = QUOTE,
  responses = [] as ReturnType<typeof answered>[]
): Played =>
  play(
    proxyOf({ in: `<router ${attributes}>${routes}</router>${step('after')}${SHOW_WAY}<respond/>` }),
    message,
    ...responses
  )
const way = (played: Played): string | undefined => header(played.response, 'X-Way')?.trim()
const CONTINUES = 'continueAfter="true"'

t.test('router: the first route whose expression selects something, or is true, is taken', async t => {
  const both =
    route('expression="//none"', through('none')) + route(SYMBOL, through('first')) + route(SYMBOL, through('second'))
  t.equal(way(routed(both, CONTINUES)), 'first after')
  t.equal(way(routed(route('expression="1 = 1"', through('true')), CONTINUES)), 'true after')
  t.equal(way(routed(route('expression="1 = 2"', through('true')), CONTINUES)), 'after')
})

t.test('router: match compares the whole text', async t => {
  const matching = (pattern: string): string => route(`${SYMBOL} match="${pattern}"`, through(pattern.slice(0, 1)))
  t.equal(way(routed(matching('WSO2') + matching('IB') + matching('I.*'), CONTINUES)), 'I after')
  t.equal(way(routed(matching('IB'), CONTINUES)), 'after', 'a part of it is not a match')
})

t.test('router: breakRouter="false" lets later routes be taken, too', async t => {
  const routes =
    route(SYMBOL, through('first'), 'breakRouter="false"') +
    route(SYMBOL, through('second')) +
    route(SYMBOL, through('third'))
  t.equal(way(routed(routes, CONTINUES)), 'first second after')
})

t.test('router: without continueAfter a message ends there, whether or not it took a route', async t => {
  for (const condition of [SYMBOL, 'expression="//none"']) {
    const { response } = routed(route(condition, through('taken')))
    t.equal(header(response, 'X-Way'), undefined)
    t.equal(response.status, 202)
  }
})

t.test('router-continues: with continueAfter a message continues that a target has dropped', async t => {
  t.equal(way(routed(route(SYMBOL, '<sequence><drop/></sequence>'), CONTINUES)), 'after')
})

t.test('router-continues: a message that a target has sent, or responded to, does not continue', async t => {
  const sent = route(SYMBOL, '<endpoint><address uri="http://b/s"/></endpoint>')
  const { response, calls } = routed(sent, CONTINUES, QUOTE, [answered(soap('<ok/>'))])
  t.equal(calls.length, 1)
  t.match(response.body, { kind: 'bytes' })
  t.equal(header(response, 'X-Way'), undefined)
  t.equal(header(routed(route(SYMBOL, '<sequence><respond/></sequence>'), CONTINUES).response, 'X-Way'), undefined)
})

t.test('router-continues: a message that a target has sent one way does not continue', async t => {
  const sent = '<endpoint><address uri="http://b/s"/></endpoint>'
  const { calls, response } = play(
    proxyOf({
      in: `<property name="OUT_ONLY" value="true"/><router ${CONTINUES}>${route(SYMBOL, sent)}</router>` +
        '<send><endpoint><address uri="http://behind/s"/></endpoint></send>'
    }),
    QUOTE,
    answered(soap('<ok/>'))
  )
  t.equal(calls.length, 1)
  t.equal(response.status, 202)
})

t.test('router: targets by name, with an address and an Action', async t => {
  const played = play(
    proxyOf({
      in: `<router><route ${SYMBOL}><target sequence="S" to="http://to/x" soapAction="urn:a"/></route></router>`,
      beside: '<sequence name="S"><send><endpoint><default/></endpoint></send></sequence>'
    }),
    QUOTE,
    answered()
  )
  t.match(played.calls[0]?.origin, /to/)
  t.equal(header(played.calls[0]!.message, 'SOAPAction'), '"urn:a"')
  const endpoint = play(
    proxyOf({
      in: `<router><route ${SYMBOL}><target endpoint="E"/></route></router>`,
      beside: '<endpoint name="E"><address uri="http://named/"/></endpoint>'
    }),
    QUOTE,
    answered()
  )
  t.match(endpoint.calls[0]?.origin, /named/)
})

t.test('router: JSON is routed by json-eval()', async t => {
  const json = request('{"symbol":"IBM"}', 'application/json')
  t.equal(
    way(routed(route('expression="json-eval($.symbol)" match="IBM"', through('json')), CONTINUES, json)),
    'json after'
  )
})

t.test('router is written as it is read, and what is wrong is reported', async t => {
  const { definitions, problems } = parse(
    definitionsOf(
      `<sequence name="s"><router ${CONTINUES}>${route(`${SYMBOL} match="I.*"`, through('a'), 'breakRouter="false"')}` +
        `<route ${SYMBOL}><target endpoint="E"/></route></router></sequence>` +
        '<endpoint name="E"><address uri="http://named/"/></endpoint>'
    ),
    ''
  )
  t.strictSame(problems, [])
  t.strictSame(parse(writeXml(definitions)).definitions, definitions)
  t.strictSame(parse(JSON.stringify(definitions)).definitions, definitions)
  const wrong = (routes: string): string[] => wrongWith(`<sequence name="s"><router>${routes}</router></sequence>`)
  t.match(wrong('<route/>'), [/<route> needs an expression/, /<route> needs a <target>/])
  t.match(wrong(route('expression="//a" match="("', through('a'))), [/./])
  t.match(wrong('<route expression="//a"><target/></route>'), [/<target> needs a sequence or an endpoint/])
})
