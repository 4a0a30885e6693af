import t from 'tap'
import {
  answered,
  header,
  play,
  proxyOf,
  request,
  SEND,
  soapRequest,
  textOf,
  valueAfter,
  wrongWith
} from '../../../support/flows/drive-flow.js'

const JSON_TYPE = 'application/json'
const out = (mediators: string, expression: string, message = request('{"a":{"b":[1,2,3]}}', JSON_TYPE)) =>
  valueAfter(mediators, expression, message)

t.test('variable: set by value and expression, read, removed', async t => {
  t.equal(out('<variable name="v" value="x"/>', '${vars.v}'), 'x')
  t.equal(out('<variable name="v" value="x"/>', '$var:v'), 'x')
  t.equal(out('<variable name="v" type="INTEGER" value="4"/>', '${vars.v + 1}'), '5')
  t.equal(out('<variable name="v" type="JSON" expression="${payload.a}"/>', '${vars.v.b[1]}'), '2')
  t.equal(out('<variable name="v" value="x"/><variable name="v" action="remove"/>', '${exists(vars.v)}'), 'false')
  t.equal(out('<variable name="v" expression="json-eval($.a.b)"/>', '${vars.v}'), '[1,2,3]')
})

t.test('variable: it survives from the request to its response', async t => {
  const service = proxyOf({
    in: `<variable name="v" value="kept"/>${SEND}`,
    out: '<property name="X-Value" expression="${vars.v}" scope="transport"/><send/>'
  })
  t.equal(header(play(service, soapRequest(), answered()).response, 'X-Value'), 'kept')
})

t.test('propertyGroup sets each of its properties', async t => {
  t.equal(
    out(
      '<propertyGroup><property name="a" value="1"/><property name="b" expression="concat($ctx:a, 2)"/></propertyGroup>',
      '$ctx:b'
    ),
    '12'
  )
  t.match(wrongWith('<sequence name="s"><propertyGroup><log/></propertyGroup></sequence>'), [
    /has properties only, not <log>/
  ])
})

t.test('throwError: the fault sequence sees its type and its message', async t => {
  const service = proxyOf({
    in: '<variable name="v" value="why"/><throwError type="MY_ERROR" errorMessage="{${vars.v}}"/>',
    fault:
      '<property name="X-Value" expression="concat($ctx:ERROR_CODE, \' \', $ctx:ERROR_MESSAGE)" scope="transport"/><respond/>'
  })
  t.equal(header(play(service, soapRequest()).response, 'X-Value'), 'MY_ERROR why')
  t.match(
    textOf(play(proxyOf({ in: '<throwError/>' }), soapRequest()).response),
    /Error occurred in the mediation flow/
  )
})

t.test('properties of type JSON hold JSON values', async t => {
  t.equal(out('<property name="p" type="JSON" value=\'{"a":[1,2]}\'/>', 'json-eval($ctx:p.a[1])'), '2')
  t.equal(out('<property name="p" type="JSON" expression="json-eval($.a)"/>', '$ctx:p'), '{"b":[1,2,3]}')
  const bad = play(
    proxyOf({ in: '<property name="p" type="JSON" expression="$trp:X"/><respond/>' }),
    request('{}', JSON_TYPE, { headers: ['X', '{'] })
  )
  t.equal(bad.response.status, 500)
  t.match(wrongWith('<sequence name="s"><property name="p" type="JSON" value="{"/></sequence>'), [
    /type JSON cannot have the value "\{"/
  ])
})
