import t from 'tap'
import { problemsOf } from '../../../lib/compiler/find-problems.js'
import { parse } from '../../../lib/definitions/load.js'
import { formatProblem } from '../../../lib/definitions/model/problem.js'
import { FIXED_RUNTIME } from '../../support/flows/fixed-runtime.js'

/** What `check` says about bad input: where, what is wrong, and what to do instead. */
const reported = (text: string): string[] => problemsOf(parse(text, 'f'), FIXED_RUNTIME).map(formatProblem)
const NS = 'http://ws.apache.org/ns/synapse'
const within = (mediators: string): string => `<sequence name="s" xmlns="${NS}">\n${mediators}\n</sequence>`
const group = (inside: string, attributes = ''): string =>
  within(`<send><endpoint>\n<loadbalance${attributes}>\n${inside}\n</loadbalance>\n</endpoint></send>`)
const ADDRESS = '<endpoint><address uri="http://localhost:1"/></endpoint>'
/** The list of known names grows with the project. */
const withoutList = (line: string): string => line.replace(/ \(known: .*\)$/, ' (known …)')

t.test('malformed XML is reported at its first error', async t => {
  t.strictSame(reported(`<definitions xmlns="${NS}">\n  <proxy name="a"><target></proxy>\n</definitions>`), [
    'f:2:27 an end tag is not the one of "target", which is open'
  ])
  t.strictSame(reported('<a>\n  <b>'), ['f:2:6 the document ends inside of <a><b>'])
  t.strictSame(reported('<a b="1" b="2"/>'), ['f:1:1 there are two attributes "b" in one tag'])
  t.strictSame(reported('<a/>\n<b/>'), ['f:2:1 it has a second root'])
  t.strictSame(reported('<a>\n&copy;</a>'), ['f:2:1 the entity copy is not declared'])
  t.strictSame(reported('<a b="x & y"/>'), ['f:1:9 & begins no reference: a lone one is written &amp;'])
  t.strictSame(reported('<m:a/>'), ['f:1:1 the prefix "m" is not declared'])
  t.strictSame(parse('', 'f.xml').problems.map(formatProblem), ['f.xml:1:1 there is no element'])
  t.strictSame(reported('<!DOCTYPE x [<!ENTITY a "b">]>\n<x>&a;</x>'), [
    'f:1:1 it has a DOCTYPE, which is not accepted'
  ])
  t.strictSame(reported(`<a>${'<b>'.repeat(1000)}${'</b>'.repeat(1000)}</a>`), [
    'f:1:1201 its elements are nested deeper than 400'
  ])
})

t.test('malformed JSON, and JSON that is not the model, is reported', async t => {
  t.strictSame(reported('{ "proxies": {\n  "a": [1,, 2] } }'), ['f:2:11 malformed JSON: value expected'])
  t.strictSame(reported('{ "proxies": '), ['f:1:14 malformed JSON: value expected'])
  t.match(reported('[]'), [/^f:1:1 a configuration is an object \(with proxies, apis, sequences, /])
  t.strictSame(reported('['.repeat(100_000)), ['f:1:1 lists and objects are nested more than 200 deep'])
  t.strictSame(reported('{ "proxy": {} }').map(withoutList), ['f:1:3 unknown property "proxy" (known …)'])
  t.strictSame(reported('{ "proxies": [] }'), ['f:1:3 "proxies" must be an object: its parts by their names'])
  t.strictSame(reported('{ "proxies": { "p": { "in": "x" } } }'), [
    'f:1:21 invalid value "x" for "in" at proxies.p (one of: a list, an object)'
  ])
  t.strictSame(reported('{ "proxies": { "p": { "in": [] }, "p": { "in": [], "out": [] } } }'), [
    'f:1:40 duplicate proxy "p" (the first is at f:1)'
  ])
  t.strictSame(reported('{ "sequences": { "__proto__": [] } }'), ['f:1:31 the name "__proto__" is not allowed'])
  t.strictSame(reported('{ "sequences": { "s": [{ "kind": "unheard" },\n 7,\n {}] } }').map(withoutList), [
    'f:1:23 7 is not an object with a kind at sequences.s[1] (known …)',
    'f:1:24 unknown kind "unheard" at sequences.s[0] (known …)',
    'f:3:2 missing property "kind" at sequences.s[2] (known …)'
  ])
  t.strictSame(
    reported('{ "sequences": { "s": [{ "kind": "log", "level": "loud", "lvel": "full" }] } }').map(withoutList),
    [
      'f:1:24 unknown property "lvel" at sequences.s[0] (did you mean "level"?)',
      'f:1:24 invalid value "loud" for "level" at sequences.s[0] (one of: simple, headers, full, custom)'
    ]
  )
})

t.test('unknown elements, kinds and attributes are reported', async t => {
  t.strictSame(
    reported(`<definitions xmlns="${NS}">\n  <task name="t"><trigger/></task>\n</definitions>`).map(line =>
      line.replace(/ \(.*/, '')
    ),
    ['f:2:3 <task> is not supported']
  )
  t.strictSame(reported(within('<unheard a="1"><b/></unheard>')).map(withoutList), [
    'f:2:1 unknown mediator <unheard> (known …)'
  ])
  t.strictSame(reported(within('<m:log xmlns:m="urn:m"/>')).map(withoutList), [
    `f:2:1 <m:log> is not in the namespace ${NS} (known …)`
  ])
  t.strictSame(reported(within('<send><endpoint><carrierPigeon/></endpoint></send>')).map(withoutList), [
    'f:2:17 unknown kind of endpoint <carrierPigeon> (known …)'
  ])
  t.strictSame(reported(within('<send><endpoint/></send>')).map(withoutList), [
    'f:2:7 the endpoint has no address (known …)'
  ])
  t.strictSame(reported(group(ADDRESS, ' policy="leastConn"')).map(withoutList), [
    'f:3:1 unknown algorithm "leastConn" (known …)'
  ])
  t.strictSame(reported(group(ADDRESS, ' algorithm="com.example.Mine"')).map(withoutList), [
    'f:3:1 unknown algorithm "com.example.Mine" (known …)'
  ])
  t.strictSame(
    reported(
      within(
        `<send><endpoint>\n<session type="sticky"><sessionTimeout>1</sessionTimeout></session><loadbalance>${ADDRESS}</loadbalance></endpoint></send>`
      )
    ).map(withoutList),
    ['f:3:1 unknown type of session "sticky" (known …)']
  )
  t.strictSame(reported(within('<log levle="full"/>')).map(withoutList), [
    'f:2:1 hint: the attribute levle of <log> has no effect (did you mean "level"?)'
  ])
  t.match(reported(within('<log verbosity="full"/>'))[0], /known: .*level, .*category, separator/)
  t.strictSame(reported(within('<drop><b/></drop>')), ['f:2:7 hint: <b> has no effect here'])
})

t.test('a wrong or missing namespace is reported', async t => {
  t.match(reported('<definitions xmlns="urn:other"><proxy/></definitions>'), [
    'f:1:1 <definitions> is in the namespace urn:other (a configuration begins with'
  ])
  t.match(reported('<beans/>'), ['f:1:1 <beans> is in no namespace (a configuration begins with'])
  t.match(reported('<sequence name="s"><drop/></sequence>'), [
    `f:1:1 hint: <sequence> is in no namespace, and is read as if it were in ${NS}`
  ])
})

t.test('unknown and duplicate names are reported', async t => {
  t.match(reported(within('<sequence key="nowhere"/>')), [/^f:2:1 .*unknown sequence "nowhere"/])
  t.match(reported(within('<sequence key="toString"/>')), [/^f:2:1 .*unknown sequence "toString"/])
  t.match(reported(within('<send>\n<endpoint key="noone"/></send>')), [/^f:3:1 .*no endpoint is called "noone"/])
  t.match(
    reported(`<proxy name="p" xmlns="${NS}">\n<target inSequence="a" outSequence="b" faultSequence="c"/></proxy>`),
    [/^f:2:1 .*unknown sequence "a"/, /^f:2:1 .*unknown sequence "b"/, /^f:2:1 .*unknown sequence "c"/]
  )
  t.match(reported(`<sequence name="s" onError="nowhere" xmlns="${NS}"/>`), [/^f:1:1 .*unknown sequence "nowhere"/])
  t.match(
    reported(`<definitions xmlns="${NS}">\n<endpoint name="e"><address uri="jms:/queue"/></endpoint></definitions>`),
    [/^f:2:1 addresses that begin with jms:/],
    'an endpoint at the top level has a location, too'
  )
  t.strictSame(
    reported(
      `<definitions xmlns="${NS}">\n<sequence name="a"><drop/></sequence>\n<endpoint name="a"><default/></endpoint>\n<sequence name="a"/>\n<sequence name="a"><drop/></sequence></definitions>`
    ),
    [
      'f:3:1 duplicate endpoint "a" (the first is a sequence at f:2)',
      'f:4:1 duplicate sequence "a" (the first is at f:2)',
      'f:5:1 hint: duplicate sequence "a", equal to the first one (the first is at f:2)'
    ]
  )
  t.strictSame(reported(`<definitions xmlns="${NS}">\n<sequence/>\n<localEntry>a</localEntry></definitions>`), [
    'f:2:1 <sequence> needs a name (others refer to it by that)',
    'f:3:1 <localEntry> needs a key (others refer to it by that)'
  ])
})

t.test('invalid values are reported', async t => {
  t.strictSame(
    reported(
      within(
        '<send><endpoint><address uri="http://localhost:1">\n<timeout><duration>ten</duration></timeout>\n<suspendOnFailure><errorCodes>101500, x</errorCodes>\n<initialDuration>1.5</initialDuration></suspendOnFailure></address></endpoint></send>'
      )
    ),
    [
      'f:3:10 <duration> expects a number, not "ten" (in milliseconds)',
      'f:4:19 <errorCodes> expects whole numbers separated by commas, not "x"'
    ]
  )
  t.strictSame(
    reported(
      within(
        '<send><endpoint><address uri="http://localhost:1">\n<suspendOnFailure>\n<initialDuration>1.5</initialDuration></suspendOnFailure></address></endpoint></send>'
      )
    ),
    ['f:2:7 invalid value 1.5 for "initialDuration" at sequences.s[0].endpoint.suspendOnFailure: expected integer']
  )
  t.match(reported(within('<send><endpoint><address uri="ftp://localhost"/></endpoint></send>')), [
    /^f:2:7 .*ftp:.*http/
  ])
  t.match(reported(within('<send><endpoint><address uri="$SYSTEM:NOWHERE"/></endpoint></send>')), [
    /^f:2:7 the environment variable NOWHERE is not set/
  ])
  t.match(reported(within('<property name="a" value="b" scope="moon"/>')), [
    /^f:2:1 invalid value "moon" for "scope" at sequences.s\[0\] \(one of: default, transport/
  ])
  t.match(reported(within('<property name="a" expression="//m:b["/>')), [/^f:2:1 /])
  t.strictSame(reported(within('<property name="a"/>')), [
    'f:2:1 property needs a value, an expression or an element inside (or action="remove")'
  ])
  t.strictSame(reported(group(ADDRESS, ' failover="perhaps"')), [
    'f:3:1 hint: failover="perhaps" means true, as in the real engines (write failover="true", or failover="false")'
  ])
  t.strictSame(reported(group('')), [
    'f:2:7 "members" is empty at sequences.s[0].endpoint (a group needs at least one endpoint)'
  ])
  t.strictSame(reported(group(`${ADDRESS}<member hostName="localhost" httpPort="1"/>`)), [
    'f:3:1 a group has either endpoints or members, not both (write a member as <endpoint><address uri="http://host:port/path"/></endpoint>)'
  ])
})

t.test('malformed markup in a configuration is reported', async t => {
  const within = (...mediators: object[]): string =>
    `{ "sequences": { "s": [\n${mediators.map(each => JSON.stringify(each)).join(',\n')}] } }`
  const makefault = { kind: 'makefault', version: 'pox', reason: { value: 'r' } }
  const sound = [
    { kind: 'header', xml: '<a:b xmlns:a="urn:a">größer &amp; 😀<![CDATA[<]]></a:b><c/>' },
    { kind: 'property', name: 'p', xml: '<größe é="1"/>' },
    { ...makefault, detail: { xml: 'only &lt; text' } },
    { ...makefault, detail: { xml: '' } }
  ]
  t.strictSame(reported(within(...sound)), [])
  const broken = [
    { kind: 'header', xml: '<a>' },
    { kind: 'header', xml: '</s:Header><a/>' },
    { kind: 'header', xml: '<p:a/>' },
    { kind: 'property', name: 'p', xml: 'text' },
    { kind: 'property', name: 'p', xml: '<a/><b/>' },
    { ...makefault, detail: { xml: 'a & b' } },
    { ...makefault, detail: { xml: '<a b=c/>' } }
  ]
  t.strictSame(
    reported(within(...broken)).map(line => line.replace(/: ".*/, '')),
    broken.map((_, at) => `f:${at + 2}:1 "xml" is not well-formed, or uses a prefix that it does not declare`)
  )
})

t.test('a header in JSON without a value is reported, as in XML', async t => {
  const within = (header: object): string => JSON.stringify({ sequences: { s: [{ kind: 'header', ...header }] } })
  for (const name of ['To', { prefix: 'a', namespace: 'urn:a', name: 'b' }]) {
    t.match(reported(within({ name })), [/header needs a value, an expression or an element inside/])
    t.strictSame(reported(within({ name, value: '' })), [])
    t.strictSame(reported(within({ name, action: 'remove' })), [])
  }
})

t.test('a header in JSON without a name, or with a namespace over HTTP, is reported', async t => {
  const within = (header: object): string => JSON.stringify({ sequences: { s: [{ kind: 'header', ...header }] } })
  for (const [config, problem] of [
    [{ value: 'v' }, /header needs a name, or an element inside/],
    [{ action: 'remove' }, /header needs the name of what it removes/],
    [{ action: 'remove', xml: '<a/>' }, /header needs the name of what it removes/],
    [{ scope: 'transport', value: 'v' }, /header needs a name, or an element inside/],
    [{ scope: 'transport', xml: '<a/>' }, /header needs a name, or an element inside/],
    [{ scope: 'transport', name: { namespace: 'urn:a', name: 'b' }, value: 'v' }, /the name of an HTTP header is a text/]
  ] as const) t.match(reported(within(config)), [problem], JSON.stringify(config))
  t.strictSame(reported(within({ xml: '<a/>' })), [])
})

t.test('all problems are reported at once, in document order', async t => {
  const lines = reported(`<definitions xmlns="${NS}">
  <task name="t"/>
  <proxy name="p" transport="http">
    <target faultSequence="nowhere">
      <inSequence>
        <unheard><source type="body"/></unheard>
        <property value="1"/>
        <send>
          <endpoint>
            <session type="sticky"/>
            <loadbalance policy="leastConn">
              <endpoint><address uri="http://localhost:9001"><timeout><duration>ten</duration></timeout></address></endpoint>
              <endpoint><address uri="ftp://localhost:9001"/></endpoint>
              <endpoint key="noone"/>
            </loadbalance>
          </endpoint>
        </send>
        <call><endpoint><carrierPigeon/></endpoint></call>
      </inSequence>
    </target>
  </proxy>
  <proxy name="p"><target inSequence="nowhere else"/></proxy>
</definitions>`)
  t.strictSame(
    lines.map(line => line.split(' ')[0]),
    [
      'f:2:3',
      'f:3:3',
      'f:4:5',
      'f:6:9',
      'f:7:9',
      'f:10:13',
      'f:11:13',
      'f:12:71',
      'f:13:15',
      'f:14:15',
      'f:18:25',
      'f:22:3'
    ]
  )
})
