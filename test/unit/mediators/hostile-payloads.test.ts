import t from 'tap'
import { compileFormat } from '../../../lib/mediators/transformation/payload-format.js'
import { answered, play, proxyOf, request, soap, soapRequest, textOf } from '../../support/flows/drive-flow.js'
import { processorTime } from '../../support/timing/processor-time.js'

/** Milliseconds that what is linear may take on a busy machine; what is not takes minutes. */
const TIME_LIMIT = 20_000
const JSON_TYPE = 'application/json'
const CALL = '<call><endpoint><address uri="http://backend/"/></endpoint></call>'

const mediated = (mediators: string, message: Parameters<typeof play>[1]): string =>
  textOf(play(proxyOf({ in: `${mediators}<respond/>` }), message).response)

t.test('enrich: a JSON array of 100,000 objects is changed at each of them in linear time', async t => {
  const message = request(`{"l":[${'{"a":1},'.repeat(100_000)}{"a":1}]}`, JSON_TYPE)
  for (const target of ['action="replace"', 'action="child"', 'action="remove"']) {
    const enrich = `<enrich><source type="inline">x</source><target ${target} xpath="json-eval($.l[*].a)"/></enrich>`
    t.ok(processorTime(() => mediated(enrich, message)) < TIME_LIMIT, target)
  }
})

t.test(
  'made-payloads: a large part that enrich puts in very many places is a fault, not a message of a terabyte',
  async t => {
    const message = request(`{"big":"${'x'.repeat(1_000_000)}","l":[${'0,'.repeat(100_000)}0]}`, JSON_TYPE)
    const enrich = '<enrich><source xpath="json-eval($.big)"/><target xpath="json-eval($.l[*])"/></enrich>'
    t.match(mediated(enrich, message), /what enrich makes is larger than 64 MiB/)
  }
)

t.test('payloadFactory: a large part that a format repeats is a fault', async t => {
  const format = `<payloadFactory media-type="text"><format>${'$1'.repeat(200)}</format><args>
    <arg evaluator="json" expression="$.a"/></args></payloadFactory>`
  t.match(
    mediated(format, request(`{"a":"${'x'.repeat(1_000_000)}"}`, JSON_TYPE)),
    /payloadFactory makes is larger than 64 MiB/
  )
  t.equal(mediated(format, request('{"a":"y"}', JSON_TYPE)), 'y'.repeat(200))
})

t.test('payloadFactory: formats of very many unclosed placeholders are compiled in linear time', async t => {
  for (const part of ['${', '"${', '$', '}${', '$1${']) {
    const format = `\${a}${part.repeat(200_000)}`
    t.ok(
      processorTime(() => {
        try {
          compileFormat(format, 'json', [], () => {
            throw new SyntaxError('not compiled here')
          })
        } catch {}
      }) < TIME_LIMIT,
      part
    )
  }
})

t.test('payloadFactory: an argument is computed once for a message, however often its number occurs', async t => {
  let calls = 0
  const expression = {
    language: 'xpath' as const,
    depth: 'nothing' as const,
    calls: [],
    text: () => `${++calls}`,
    test: () => true,
    markup: () => undefined,
    json: () => undefined
  }
  const format = compileFormat('$1 $1 $1', 'text', [{ expression, literal: false }], () => {
    throw new Error('none')
  })
  t.equal(format(request('<a/>')), '1 1 1')
})

t.test('branch-limits: more than 10,000 elements, and a large SOAP Header for each of many, are faults', async t => {
  const foreach = '<foreach expression="//i"><sequence><property name="p" value="1"/></sequence></foreach>'
  t.match(mediated(foreach, soapRequest('<i/>'.repeat(10_001))), /foreach runs over more than 10000 elements/)
  t.match(
    mediated(
      '<foreach expression="json-eval($)"><sequence/></foreach>',
      request(`[${'0,'.repeat(10_000)}0]`, JSON_TYPE)
    ),
    /foreach runs over more than 10000 elements/
  )
  const header = `<h:h xmlns:h="urn:h">${'x'.repeat(500_000)}</h:h>`
  t.match(
    mediated(foreach, soapRequest('<i/>'.repeat(1000), '1.1', header)),
    /with each SOAP Header is larger than 64 MiB/
  )
})

t.test('foreach: 10,000 elements that each become large are a fault', async t => {
  const foreach = `<property name="big" expression="string(//big)"/><foreach expression="//i"><sequence><payloadFactory>
    <format><r xmlns="">$1</r></format><args><arg expression="$ctx:big"/></args></payloadFactory></sequence></foreach>`
  const message = request(`<a><big>${'x'.repeat(100_000)}</big>${'<i/>'.repeat(2000)}</a>`, 'application/xml')
  t.match(mediated(foreach, message), /what foreach makes is larger than 64 MiB/)
})

t.test('aggregate: responses of 50,000 elements are joined in linear time', async t => {
  const split = `<iterate expression="//i"><target><sequence>${CALL}</sequence></target></iterate>
    <aggregate><completeCondition/><onComplete expression="//ok"><respond/></onComplete></aggregate>`
  const response = () => answered(soap('<ok/>'.repeat(50_000)))
  const lifted = () => answered(soap(`<r>${'<ok/>'.repeat(50_000)}</r>`))
  for (const responses of [
    [response(), response()],
    [lifted(), lifted()]
  ]) {
    t.ok(processorTime(() => play(proxyOf({ in: split }), soapRequest('<i/><i/>'), ...responses)) < TIME_LIMIT)
  }
})

t.test('aggregate: 5,000 JSON objects with keys of their own are merged in linear time', async t => {
  const split = `<iterate expression="json-eval($.l)"><target><sequence>${CALL}</sequence></target></iterate>
    <aggregate><completeCondition/><onComplete expression="json-eval($)" aggregateElementType="child"><respond/></onComplete></aggregate>`
  const responses = Array.from({ length: 5000 }, (_, at) =>
    answered(`{${Array.from({ length: 20 }, (_, key) => `"k${at}-${key}":1`).join(',')},"all":[${at}]}`, JSON_TYPE)
  )
  const merge = (): unknown[] => {
    const message = request(`{"l":[${'0,'.repeat(4999)}0]}`, JSON_TYPE)
    return JSON.parse(textOf(play(proxyOf({ in: split }), message, ...responses).response)).all
  }
  t.equal(merge().length, 5000)
  t.ok(processorTime(merge) < TIME_LIMIT)
})

t.test('XML that becomes too deep a JSON is a fault of its sender with a reason', async t => {
  const deep = '<a><b/>'.repeat(200) + '</a>'.repeat(200)
  const message = request(deep.replaceAll('<b/>', '<a/>'), 'application/xml')
  const { response } = play(proxyOf({ in: '<property name="p" expression="json-eval($.a)"/><respond/>' }), message)
  t.equal(response.status, 400)
  t.match(textOf(response), /is not JSON: it is nested deeper than 256/)
})
