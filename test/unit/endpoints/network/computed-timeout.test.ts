import t from 'tap'
import { parse } from '../../../../lib/definitions/load.js'
import { writeXml } from '../../../../lib/definitions/write-xml.js'
import { around, play, program, request, type Given } from '../../../support/flows/endpoint-harness.js'

/** `<duration>{expression}</duration>`: the response timeout of each message. */

const within = (duration: string): string =>
  around(
    `<endpoint><address uri="http://h:1/"><timeout>${duration}<responseAction>fault</responseAction></timeout>` +
      '</address></endpoint>'
  )
const timeoutOf = (text: string, properties: Readonly<Record<string, string>>, given?: Given): number =>
  play(program(text, given), request({ properties })).calls[0]!.options.timeout

t.test('an expression computes the response timeout of each message', async t => {
  const text = within("<duration>{get-property('wait')}</duration>")
  t.equal(timeoutOf(text, { wait: '2500' }), 2500)
  t.equal(timeoutOf(text, { wait: ' 70 ' }), 70)
  t.equal(timeoutOf(within('<duration>{$ctx:wait * 2}</duration>'), { wait: '1500' }), 3000)
  t.equal(timeoutOf(within('<duration>{${properties.synapse.wait}}</duration>'), { wait: '9' }), 9)
})

t.test(
  'a result that is not a number gives way to the timeout of all endpoints, which also limits the others',
  async t => {
    const text = within('<duration>{$ctx:wait}</duration>')
    for (const wait of ['', 'soon', '-1', '1e3', '1.5']) t.equal(timeoutOf(text, { wait }), 30_000, wait)
    const limited = { endpointDefaults: { timeout: 5000 } }
    t.equal(timeoutOf(text, { wait: 'soon' }, limited), 5000)
    t.equal(timeoutOf(text, { wait: '9000' }, limited), 5000)
    t.equal(timeoutOf(text, { wait: '4000' }, limited), 4000)
  }
)

t.test('the payload is read for an expression on it, and only then', async t => {
  const reads = (duration: string): string => program(within(duration)).services.get('P')!.reads.request
  t.equal(reads('<duration>{//wait}</duration>'), 'body')
  t.equal(reads('<duration>{$ctx:wait}</duration>'), reads('<duration>5</duration>'))
})

t.test('the expression keeps its prefixes on the way to JSON and back', async t => {
  const given = within('<duration xmlns:x="urn:x">{//x:wait}</duration>')
  const { definitions, problems } = parse(given)
  t.strictSame(problems, [])
  const again = parse(writeXml(definitions))
  t.strictSame(again.problems, [])
  t.strictSame(again.definitions, definitions)
  t.match(JSON.stringify(definitions), /"duration":\{"xpath":"\/\/x:wait","namespaces":\{"x":"urn:x"\}\}/)
})
