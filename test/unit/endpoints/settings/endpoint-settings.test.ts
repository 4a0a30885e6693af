import t from 'tap'
import { parse } from '../../../../lib/definitions/load.js'
import { writeXml } from '../../../../lib/definitions/write-xml.js'
import { healthCheckPolicyOf } from '../../../../lib/endpoints/settings/health-check-settings.js'
import { around, requestsOf, NS, play, program, request } from '../../../support/flows/endpoint-harness.js'

const SUSPENSION = `<markForSuspension><errorCodes>101507,101508</errorCodes><retriesBeforeSuspension>3</retriesBeforeSuspension><retryDelay>1000</retryDelay></markForSuspension>
<suspendOnFailure><errorCodes>101505,101506</errorCodes><initialDuration>5000</initialDuration><progressionFactor>2.0</progressionFactor><maximumDuration>60000</maximumDuration></suspendOnFailure>`
const RETRY = '<retryConfig><disabledErrorCodes>101501,101502</disabledErrorCodes></retryConfig>'
const address = (inside: string, attributes = '', outer = ''): string =>
  `<endpoint ${outer}><address uri="http://localhost:9000/" ${attributes}>${inside}</address></endpoint>`

/** The endpoint in P, as the model has it. */
const read = (endpoint: string): any => (parse(around(endpoint)).definitions.proxies!['P']!.in as any)[0].endpoint
const problemsWith = (endpoint: string): string[] =>
  parse(around(endpoint)).problems.map(
    ({ severity, message, hint }) => `${severity}: ${message}${hint === undefined ? '' : ` (${hint})`}`
  )

t.test('every setting survives, in XML and back', async t => {
  const table: [string, string, object][] = [
    [
      'plain address',
      '<endpoint><address uri="http://localhost:9000/"/></endpoint>',
      { kind: 'address', uri: 'http://localhost:9000/' }
    ],
    ['name and onError', address('', '', 'name="testEndpoint" onError="foo"'), { name: 'testEndpoint', onError: 'foo' }],
    [
      'suspension and retries',
      address(SUSPENSION + RETRY),
      {
        markForSuspension: { errorCodes: [101507, 101508], retriesBeforeSuspension: 3, retryDelay: 1000 },
        suspendOnFailure: {
          errorCodes: [101505, 101506],
          initialDuration: 5000,
          progressionFactor: 2,
          maximumDuration: 60000
        },
        retryConfig: { disabledErrorCodes: [101501, 101502] }
      }
    ],
    [
      'timeout and suspension',
      address(
        '<timeout><duration>2000</duration></timeout><suspendOnFailure><initialDuration>60000</initialDuration><progressionFactor>2.0</progressionFactor></suspendOnFailure><markForSuspension><errorCodes>101000,101500</errorCodes><retriesBeforeSuspension>3</retriesBeforeSuspension></markForSuspension>'
      ),
      {
        timeout: { duration: 2000 },
        suspendOnFailure: { initialDuration: 60000, progressionFactor: 2 },
        markForSuspension: { errorCodes: [101000, 101500], retriesBeforeSuspension: 3 }
      }
    ],
    [
      'enabled error codes',
      address('<retryConfig><enabledErrorCodes>101501 101502</enabledErrorCodes></retryConfig>'),
      { retryConfig: { enabledErrorCodes: [101501, 101502] } }
    ],
    [
      'addressing and discard',
      address(
        '<enableAddressing/><timeout><duration>60</duration><responseAction>Discard</responseAction></timeout>'
      ),
      { enableAddressing: true, timeout: { duration: 60, responseAction: 'discard' } }
    ],
    ['submission', address('<enableAddressing version="Submission"/>'), { enableAddressing: 'submission' }],
    ['format', address('', 'format=" SOAP12 " encoding="ISO-8859-1"'), { format: 'soap12', encoding: 'ISO-8859-1' }],
    [
      'default',
      '<endpoint name="ep"><default format="soap11"><timeout><duration>10000</duration></timeout></default></endpoint>',
      { kind: 'default', format: 'soap11', timeout: { duration: 10000 } }
    ],
    [
      'seconds',
      address('<suspendDurationOnFailure>20</suspendDurationOnFailure>'),
      { suspendOnFailure: { initialDuration: 20000, progressionFactor: 1 } }
    ],
    [
      'properties',
      '<endpoint><default/><property name="a" value="1" scope="transport"/><property name="b" expression="//x"/></endpoint>',
      {
        properties: [
          { name: 'a', value: '1', scope: 'transport' },
          { name: 'b', expression: { xpath: '//x' } }
        ]
      }
    ],
    [
      'http',
      '<endpoint><http uri-template="http://h/{uri.var.a}" method="Patch"/></endpoint>',
      { kind: 'http', uriTemplate: 'http://h/{uri.var.a}', method: 'PATCH' }
    ],
    [
      'recipients',
      '<endpoint><recipientlist><member hostName="localhost" httpPort="9000" httpsPort="9005"/><member hostName="localhost" httpPort="9001"/></recipientlist></endpoint>',
      {
        kind: 'recipientlist',
        members: [{ kind: 'member', hostName: 'localhost', httpPort: 9000, httpsPort: 9005 }, { httpPort: 9001 }]
      }
    ],
    [
      'dynamic recipients',
      '<endpoint><recipientlist><endpoints value="foo" max-cache="10"/></recipientlist></endpoint>',
      { endpoints: { value: 'foo', maxCache: 10 } }
    ],
    [
      'computed recipients',
      '<endpoint><recipientlist><endpoints value="{//m:to}" xmlns:m="urn:m"/></recipientlist></endpoint>',
      { endpoints: { expression: { xpath: '//m:to', namespaces: { m: 'urn:m' } } } }
    ],
    [
      'members',
      '<endpoint><loadbalance><member hostName="localhost" httpPort="9000"/></loadbalance></endpoint>',
      { kind: 'loadbalance', members: [{ kind: 'member' }] }
    ],
    [
      'nested groups',
      '<endpoint><loadbalance><endpoint><address uri="http://a:1/"/></endpoint><endpoint><failover><endpoint><address uri="http://a:2/"/></endpoint><endpoint><address uri="http://a:3/"/></endpoint></failover></endpoint></loadbalance></endpoint>',
      {
        members: [
          { uri: 'http://a:1/' },
          { kind: 'failover', members: [{ uri: 'http://a:2/' }, { uri: 'http://a:3/' }] }
        ]
      }
    ],
    [
      'key expression',
      '<endpoint key-expression="get-property(\'k\')"/>',
      { kind: 'dynamicReference', key: { xpath: "get-property('k')" } }
    ],
    [
      'dynamic group',
      '<endpoint><session type="soap"/><dynamicLoadbalance failover="false"><membership dns="backends.default.svc" httpPort="9000"><timeout><duration>5</duration></timeout></membership></dynamicLoadbalance></endpoint>',
      {
        kind: 'dynamicLoadbalance',
        failover: false,
        session: { kind: 'soap' },
        membership: { dns: 'backends.default.svc', httpPort: 9000, timeout: { duration: 5 } }
      }
    ],
    [
      'slow start',
      '<endpoint><loadbalance slowStart="30000"><endpoint><default/></endpoint></loadbalance></endpoint>',
      { kind: 'loadbalance', slowStart: 30_000 }
    ],
    [
      'slow start of a dynamic group',
      '<endpoint><dynamicLoadbalance slowStart=" 5 "><membership srv="_http._tcp.x"/></dynamicLoadbalance></endpoint>',
      { kind: 'dynamicLoadbalance', slowStart: 5 }
    ],
    [
      'rules of a group',
      '<endpoint><loadbalance failureStatus="502 503" minReady="50%"><endpoint><default/></endpoint></loadbalance></endpoint>',
      { kind: 'loadbalance', failureStatus: [502, 503], minReady: '50%' }
    ],
    [
      'health checks of an endpoint',
      address('<healthCheck path="/health" interval="5000" timeout="2000" expect="200-399" rise="2" fall="3"/>'),
      { healthCheck: { path: '/health', interval: 5000, timeout: 2000, expect: '200-399', rise: 2, fall: 3 } }
    ],
    [
      'abandoned messages',
      address('', 'maxAbandoned=" 7 "'),
      { kind: 'address', maxAbandoned: 7 }
    ],
    [
      'abandoned messages that never count',
      '<endpoint><http uri-template="http://h:1/" maxAbandoned="0"/></endpoint>',
      { kind: 'http', maxAbandoned: 0 }
    ],
    [
      'statuses that are failures',
      address('', 'failureStatus="503, 429 500"'),
      { kind: 'address', failureStatus: [503, 429, 500] }
    ],
    [
      'a health check of a path alone',
      address('<healthCheck path="/health"/>'),
      { healthCheck: { path: '/health' } }
    ],
    [
      'health checks of the members of a group',
      '<endpoint><failover><healthCheck/><endpoint><default/></endpoint></failover></endpoint>',
      { kind: 'failover', healthCheck: {} }
    ],
    [
      'health checks of a dynamic group',
      '<endpoint><dynamicLoadbalance><healthCheck path="/"/><membership srv="_http._tcp.x"/></dynamicLoadbalance></endpoint>',
      { kind: 'dynamicLoadbalance', healthCheck: { path: '/' } }
    ]
  ]
  for (const [name, xml, expected] of table) {
    t.match(read(xml), expected, name)
    t.strictSame(
      parse(writeXml(parse(around(xml)).definitions)).definitions,
      parse(around(xml)).definitions,
      `${name}, and back`
    )
  }
})

t.test('an address from the environment is kept as it is written', async t => {
  const text = around('<endpoint><address uri="$SYSTEM:LOAD_BALANCE_TEST_ENDPOINT1"/></endpoint>')
  t.strictSame(
    requestsOf(
      play(
        program(text, {
          environment: name => (name === 'LOAD_BALANCE_TEST_ENDPOINT1' ? ' http://h:1/a ' : undefined)
        }),
        request()
      )
    ),
    ['POST http://h:1/a']
  )
  t.match(writeXml(parse(text).definitions), /uri="\$SYSTEM:LOAD_BALANCE_TEST_ENDPOINT1"/)
})

t.test('the error for an invalid setting names what is expected', async t => {
  const error = (endpoint: string, ...expected: RegExp[]): void => {
    const lines = problemsWith(endpoint).filter(line => line.startsWith('error'))
    t.match(lines, expected, endpoint)
    t.equal(lines.length, expected.length, lines.join('\n'))
  }
  error('<endpoint><address/></endpoint>', /<address> needs a uri \(write/)
  error('<endpoint><address uri=" "/></endpoint>', /<address> needs a uri/)
  error(
    address('<enableAddressing version="2004"/>'),
    /"2004" is not possible in <enableAddressing> \(one of: final, submission/
  )
  error(address('<enableAddressing separateListener="true"/>'), /separateListener is not supported/)
  error(address('<enableSec policy="foo"/>'), /<enableSec> is not supported/)
  error(address('<enableRM/>'), /<enableRM> is not supported/)
  error(address('', 'encoding="EBCDIC"'), /encoding="EBCDIC" is not supported \(UTF-8/)
  error(address('<timeout><duration>1s</duration></timeout>'), /<duration> expects a number, not "1s"/)
  error(address('<timeout><duration></duration></timeout>'), /<duration> expects a number, not ""/)
  error(address('<timeout><duration>-5</duration></timeout>'), /invalid value -5 for "duration"/)
  error(
    address('<timeout><responseAction>ignore</responseAction></timeout>'),
    /"ignore" is not possible in <responseAction> \(one of: fault, discard/
  )
  error(
    address('<markForSuspension><errorCodes>a b</errorCodes></markForSuspension>'),
    /<errorCodes> expects whole numbers/
  )
  error(
    address('<suspendOnFailure><progressionFactor>x</progressionFactor></suspendOnFailure>'),
    /<progressionFactor> expects a number/
  )
  error(
    address('<suspendDurationOnFailure>x</suspendDurationOnFailure>'),
    /<suspendDurationOnFailure> expects a number/
  )
  error('<endpoint><default/><property value="x"/></endpoint>', /needs a name/)
  error('<endpoint><default/><property name="x"/></endpoint>', /needs a value or an expression/)
  error(
    '<endpoint><default/><property name="x" value="y" scope="registry"/></endpoint>',
    /"registry" is not possible in <property>/
  )
  error('<endpoint><http/></endpoint>', /<http> needs a uri-template/)
  error('<endpoint><http uri-template="http://h/" version="2.0"/></endpoint>', /version="2.0" is not supported/)
  error(
    '<endpoint><http uri-template="http://h/"><authentication><oauth/></authentication></http></endpoint>',
    /<authentication> is supported with <basicAuth> .*\(set the header/
  )
  error('<endpoint><loadbalance><member httpPort="1"/></loadbalance></endpoint>', /<member> needs a hostName/)
  error(
    '<endpoint><loadbalance><member hostName="a"/></loadbalance></endpoint>',
    /<member> needs an httpPort, an httpsPort or both/
  )
  error(
    '<endpoint><loadbalance><member hostName="a" httpPort="0"/></loadbalance></endpoint>',
    /httpPort expects a port, not "0"/,
    /needs an httpPort/
  )
  error(
    '<endpoint><failover><endpoint key="a"/><endpoint key="a"/></failover></endpoint>',
    /the endpoint "a" is in this group twice/
  )
  error('<endpoint><recipientlist/></endpoint>', /needs endpoints, members or <endpoints/)
  error('<endpoint><recipientlist><endpoints value=" "/></recipientlist></endpoint>', /<endpoints> needs a value/)
  error(
    '<endpoint><recipientlist><endpoints value="a" max-cache="x"/></recipientlist></endpoint>',
    /max-cache expects a number/
  )
  error(
    '<endpoint><loadbalance slowStart="5s"><endpoint><default/></endpoint></loadbalance></endpoint>',
    /slowStart expects milliseconds, not "5s"/
  )
  error(
    '<endpoint><loadbalance minReady="half"><endpoint><default/></endpoint></loadbalance></endpoint>',
    /minReady/
  )
  error(address('', 'maxAbandoned="x"'), /maxAbandoned expects a whole number, not "x"/)
  error(address('', 'failureStatus="soon"'), /failureStatus/)
  error(address('<healthCheck interval="often"/>'), /interval expects a whole number, not "often"/)
  error(address('<healthCheck path="health"/>'), /path/)
  error('<endpoint><dynamicLoadbalance/></endpoint>', /needs a <membership> \(write <membership dns/)
  error(
    '<endpoint><dynamicLoadbalance><membershipHandler class="org.Other"><property name="a" value="b"/></membershipHandler></dynamicLoadbalance></endpoint>',
    /the membership handler org.Other is a Java class/
  )
  error(
    '<endpoint><serviceDynamicLoadbalance/></endpoint>',
    /unknown kind of endpoint <serviceDynamicLoadbalance> \(write <dynamicLoadbalance>/
  )
  error(
    '<endpoint><class name="org.Mine"/></endpoint>',
    /unknown kind of endpoint <class> \(a Java class cannot run here/
  )
})

t.test('what has no effect is a hint', async t => {
  t.strictSame(problemsWith(address('', 'format="json" trace="enable" statistics="enable"')), [
    'hint: format="json" has no effect (one of: soap11, soap12, pox, get, rest)'
  ])
  t.match(problemsWith(address('', 'optimize="mtom"')), [/^hint: optimize has no effect/])
  t.match(problemsWith('<endpoint><http uri-template="http://h/" method="FETCH"/></endpoint>'), [
    /^hint: method="FETCH" has no effect/
  ])
  t.match(problemsWith(address('<timeout><action>fault</action></timeout>')), [/^hint: <action> in <timeout> has no effect/])
  t.match(problemsWith(address('<suspendDurationOnFailure>20</suspendDurationOnFailure>')), [/^hint: .*seconds/])
})

t.test('what makes messages fail is a warning, and runs', async t => {
  t.match(program(around('<endpoint key="noone"/>')).warnings, [
    { severity: 'warning', message: /no endpoint is called "noone"/, line: 1 }
  ])
  t.match(program(around('<endpoint><address uri="nonsense"/></endpoint>')).warnings, [
    { severity: 'warning', message: /"nonsense" is not an http or https address/ }
  ])
  t.throws(
    () => program(around('<endpoint><address uri="jms:/queue"/></endpoint>')),
    /addresses that begin with jms: are not supported/
  )
  t.throws(
    () => program(around('<endpoint><address uri="$SYSTEM:NONE"/></endpoint>')),
    /the environment variable NONE is not set/
  )
})

t.test('the spellings of the manuals are read', async t => {
  for (const name of ['loadBalance', 'recipientList', 'dynamicLoadBalance']) {
    const inside = name === 'dynamicLoadBalance' ? '<membership file="a.json"/>' : '<endpoint><default/></endpoint>'
    t.equal(
      problemsWith(`<endpoint xmlns="${NS}"><${name}>${inside}</${name}></endpoint>`).filter(line => line.startsWith('error'))
        .length,
      0,
      name
    )
  }
})

t.test('a health check of a path alone: every 5 s, 2 s for a response, 2xx and 3xx pass, in again after 2, out after 3', async t => {
  t.strictSame(healthCheckPolicyOf(read(address('<healthCheck path="/health"/>')).healthCheck), {
    path: '/health', expect: [{ from: 200, to: 399 }], interval: 5000, timeout: 2000, rise: 2, fall: 3
  })
  t.strictSame(healthCheckPolicyOf(read(address('<healthCheck/>')).healthCheck)?.path, undefined, 'a connection is enough')
  t.equal(healthCheckPolicyOf(read(address('')).healthCheck), undefined)
})
