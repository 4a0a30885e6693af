import t from 'tap'
import {
  answered,
  header,
  play,
  proxyOf,
  request,
  soapRequest,
  TO_BACKEND,
  textOf,
  wrongWith
} from '../../../support/flows/drive-flow.js'

const TEMPLATE = `<template name="T">
  <parameter name="a"/><parameter name="b" defaultValue="B"/>
  <sequence><property name="X-Value" scope="transport" expression="concat($func:a, '/', get-property('func', 'b'))"/></sequence>
</template>`

const out = (call: string, beside = TEMPLATE, message = soapRequest('<x>7</x>')) =>
  play(proxyOf({ in: `${call}<respond/>`, beside }), message).response

t.test('call-template: values, expressions and defaults', async t => {
  const value = (call: string): string | undefined => header(out(call), 'X-Value')
  t.equal(value('<call-template target="T"><with-param name="a" value="x"/></call-template>'), 'x/B')
  t.equal(
    value(
      '<call-template target="T"><with-param name="a" value="{//x}"/><with-param name="b" value="y"/></call-template>'
    ),
    '7/y'
  )
  t.equal(value('<call-template target="T"/>'), '/B')
  t.equal(value('<call-template target="T"><with-param name="a" value="{{x}}"/></call-template>'), '{x}/B')
})

t.test('call-template: `${…}` reads its parameters, and objects stay objects', async t => {
  const template =
    '<template name="T"><parameter name="o"/><sequence><payloadFactory media-type="json"><format>{"o":${params.functionParams.o},"n":"${params.functionParams.n}"}</format></payloadFactory></sequence></template>'
  const made = out(
    '<call-template target="T"><with-param name="o" value="{${payload.a}}"/><with-param name="n" value="1"/></call-template>',
    template,
    request('{"a":{"b":1.50}}', 'application/json')
  )
  t.equal(textOf(made), '{"o":{"b":1.50},"n":"1"}')
})

t.test('call-template: templates in templates have parameters of their own', async t => {
  const outer = `${TEMPLATE}<template name="O"><parameter name="a"/><sequence>
    <call-template target="T"><with-param name="a" value="{concat('in-', $func:a)}"/></call-template>
    <property name="X-After" scope="transport" expression="$func:a"/></sequence></template>`
  const made = out(
    '<call-template target="O"><with-param name="a" value="1"/></call-template><property name="X-Outside" scope="transport" expression="concat(\'[\', $func:a, \']\')"/>',
    outer
  )
  t.same(
    ['X-Value', 'X-After', 'X-Outside'].map(name => header(made, name)),
    ['in-1/B', '1', '[]']
  )
})

t.test('call-template: parameters survive a call inside of the template', async t => {
  const template = `<template name="T"><parameter name="a"/><sequence><call>${TO_BACKEND}</call><property name="X-Value" scope="transport" expression="$func:a"/></sequence></template>`
  const { response } = play(
    proxyOf({
      in: '<call-template target="T"><with-param name="a" value="1"/></call-template><respond/>',
      beside: template
    }),
    soapRequest(),
    answered()
  )
  t.equal(header(response, 'X-Value'), '1')
})

t.test('call-template: what is missing fails the message', async t => {
  t.match(textOf(out('<call-template target="gone"/>')), /gone/)
  t.match(
    textOf(
      out(
        '<call-template target="M"/>',
        '<template name="M"><parameter name="a" isMandatory="true"/><sequence/></template>'
      )
    ),
    /needs a value for its parameter "a"/
  )
  t.match(wrongWith('<sequence name="s"><call-template><with-param value="1"/></call-template></sequence>'), [
    /needs a name/
  ])
  t.match(wrongWith('<template name="t"/>'), [/needs an <endpoint> or a <sequence>/])
})

t.test('call-template: it reads as deep as its template and its values', async t => {
  t.equal(
    proxyOf({
      in: '<call-template target="T"><with-param name="a" value="x"/></call-template><respond/>',
      beside: TEMPLATE
    }).reads.request,
    'nothing'
  )
  t.equal(
    proxyOf({
      in: '<call-template target="T"><with-param name="a" value="{//x}"/></call-template><respond/>',
      beside: TEMPLATE
    }).reads.request,
    'body'
  )
})
