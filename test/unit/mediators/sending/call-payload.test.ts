import t from 'tap'
import { parse } from '../../../../lib/definitions/load.js'
import { writeXml } from '../../../../lib/definitions/write-xml.js'
import {
  answered,
  definitionsOf,
  failed,
  header,
  play,
  proxyOf,
  request,
  soap,
  soapRequest,
  textOf,
  TO_BACKEND,
  wrongWith,
  type Played
} from '../../../support/flows/drive-flow.js'

const JSON_TYPE = 'application/json'
const ORDER = '<o:order xmlns:o="urn:o"><o:id>7</o:id></o:order>'

const called = (
  parts: string,
  message = request('{"order":{"id":7}}', JSON_TYPE),
  response = answered('{"stock":3}', JSON_TYPE),
  before = '',
  after = ''
): Played => play(proxyOf({ in: `${before}<call>${parts}${TO_BACKEND}</call>${after}<respond/>` }), message, response)

const sent = ({ calls }: Played): string => textOf(calls[0]!.message)
const sentType = ({ calls }: Played): string | undefined => header(calls[0]!.message, 'Content-Type')
const KEPT = '<property name="X-Kept" expression="get-property(\'kept\')" scope="transport"/>'

t.test('call sends what its source selects, and continues with the response', async t => {
  const custom = called('<source type="custom">json-eval($.order)</source>')
  t.equal(sent(custom), '{"id":7}')
  t.equal(textOf(custom.response), '{"stock":3}')
  const markup = called('<source xmlns:o="urn:o">//o:id</source>', request(ORDER, 'application/xml'))
  t.equal(sent(markup), '<o:id xmlns:o="urn:o">7</o:id>', 'the type custom is the default')
  t.equal(sent(called('<source type="inline">{"a":1}</source>')), '{"a":1}')
  t.equal(
    sent(called('<source type="inline"><a xmlns="">1</a></source>', soapRequest())).replace(' xmlns=""', ''),
    soap('<a>1</a>')
  )
  const property = '<property name="p" value="{&quot;b&quot;:2}"/>'
  t.equal(sent(called('<source type="property">p</source>', undefined, undefined, property)), '{"b":2}')
  t.equal(sent(called('<source type="body"/>')), '{"order":{"id":7}}')
})

t.test('contentType of a source decides the type of the request', async t => {
  const xml = called('<source type="inline" contentType="application/xml"><a xmlns="">1</a></source>')
  t.equal(sent(xml).replace(' xmlns=""', ''), '<a>1</a>')
  t.match(sentType(xml), /^application\/xml/)
  const json = called('<source type="inline" contentType="application/json">{"a":1}</source>', soapRequest())
  t.equal(sent(json), '{"a":1}')
  t.match(sentType(json), /^application\/json/)
  const text = called('<source type="inline" contentType="text/plain">{"a":1}</source>')
  t.equal(sent(text), '{"a":1}')
  t.match(sentType(text), /^text\/plain/)
  const other = called('<source type="inline" contentType="application/vnd.shop+json">{"a":1}</source>')
  t.match(sentType(other), /^application\/vnd\.shop\+json/)
  t.equal(sent(called('<source type="inline" contentType="application/json">word</source>', soapRequest())), '"word"')
})

t.test('with a target, the message continues as it was, and the response is in the property', async t => {
  const message = request('{"order":{"id":7}}', JSON_TYPE, { headers: ['X-Mine', '1'] })
  const json = called(
    '<source type="inline">{"a":1}</source><target type="property">kept</target>',
    message,
    answered('{"stock":3}', JSON_TYPE, { headers: ['X-Theirs', '1'] }),
    '',
    KEPT
  )
  t.equal(sent(json), '{"a":1}')
  t.equal(textOf(json.response), '{"order":{"id":7}}')
  t.equal(header(json.response, 'X-Kept'), '{"stock":3}')
  t.equal(header(json.response, 'X-Mine'), '1')
  t.equal(header(json.response, 'X-Theirs'), undefined)
})

t.test('a target without a source sends the body, and restores it', async t => {
  const xml = called(
    '<target type="property">kept</target>',
    soapRequest(ORDER),
    answered(soap('<ok>1</ok>')),
    '',
    '<property name="X-Kept" expression="$ctx:kept" scope="transport"/>'
  )
  t.equal(sent(xml), soap(ORDER))
  t.equal(textOf(xml.response), soap(ORDER))
  t.equal(header(xml.response, 'X-Kept'), '1')
})

t.test('a type that a source gives ends with the call', async t => {
  const message = request(ORDER, 'application/xml')
  const parts =
    '<source type="inline" contentType="application/json">{"a":1}</source><target type="property">kept</target>'
  const { response } = called(parts, message, undefined, '', KEPT)
  t.equal(textOf(response), ORDER)
  t.match(header(response, 'Content-Type'), /^application\/xml/)
  t.equal(header(response, 'X-Kept'), '{"stock":3}')
})

t.test('a source that is written as body keeps the response as the message', async t => {
  const both = called('<source type="body"/><target type="property">kept</target>', undefined, undefined, '', KEPT)
  t.equal(textOf(both.response), '{"stock":3}')
  t.equal(header(both.response, 'X-Kept'), '{"stock":3}')
})

t.test('a target of the type variable is read by ${vars.name}', async t => {
  const value = '<property name="X-Kept" expression="${vars.v.stock}" scope="transport"/>'
  t.equal(header(called('<target type="variable">v</target>', undefined, undefined, '', value).response, 'X-Kept'), '3')
})

t.test('responses that are text are kept as texts', async t => {
  const target = '<target type="property">kept</target>'
  t.equal(header(called(target, undefined, answered('a < b', 'text/plain'), '', KEPT).response, 'X-Kept'), 'a < b')
})

t.test('call-target: the SOAP Header of the message returns too, and an empty response is an empty text', async t => {
  const message = soapRequest(ORDER, '1.1', '<h:id xmlns:h="urn:h">7</h:id>')
  const shown = '<property name="X-Kept" expression="concat(\'[\', $ctx:kept, \']\')" scope="transport"/>'
  const kept = (response: string): Played =>
    called('<target type="property">kept</target>', message, answered(response, response && 'text/xml'), '', shown)
  const theirs = kept(soap('<ok>1</ok>', '1.1', '<h:theirs xmlns:h="urn:h"/>'))
  t.equal(textOf(theirs.response), textOf(message))
  t.equal(header(theirs.response, 'X-Kept'), '[1]')
  const empty = kept('')
  t.equal(textOf(empty.response), textOf(message))
  t.equal(header(empty.response, 'X-Kept'), '[]')
})

t.test('a source that selects nothing fails the message before anything is sent', async t => {
  const service = proxyOf({
    in: `<call><source type="property">none</source>${TO_BACKEND}</call><respond/>`,
    fault: '<property name="X-Why" expression="get-property(\'ERROR_MESSAGE\')" scope="transport"/><respond/>'
  })
  const { response, calls } = play(service, request('{}', JSON_TYPE))
  t.match(header(response, 'X-Why'), /call has nothing to send/)
  t.equal(calls.length, 0)
})

t.test('after a failed call with a target, the fault sequence runs', async t => {
  const service = proxyOf({
    in: `<call><target type="property">kept</target>${TO_BACKEND}</call><respond/>`,
    fault: '<property name="X-Why" expression="get-property(\'ERROR_CODE\')" scope="transport"/><respond/>'
  })
  t.equal(header(play(service, request('{}', JSON_TYPE), failed()).response, 'X-Why'), '101503')
})

t.test('source and target of call are checked, and convert keeps them', async t => {
  t.match(wrongWith('<sequence name="s"><call><source type="inline"/></call></sequence>'), [
    /<source type="inline"> is empty/
  ])
  t.match(wrongWith('<sequence name="s"><call><target type="variable">{$ctx:x}</target></call></sequence>'), [
    /cannot be computed/
  ])
  const { definitions } = parse(
    definitionsOf(
      '<sequence name="s"><call><source contentType="application/json" xmlns:o="urn:o">//o:id</source><target type="property">kept</target></call>' +
        '<call><source type="inline"><a xmlns="">1</a></source><target type="variable">v</target></call>' +
        '<call><source type="property">p</source></call><call><source type="body"/><target type="body"/></call></sequence>'
    )
  )
  t.strictSame(parse(writeXml(definitions)).definitions, definitions)
})
