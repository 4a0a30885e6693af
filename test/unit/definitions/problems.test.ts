import t from 'tap'
import { problemsOf } from '../../../lib/cli/check.js'
import type { Runtime } from '../../../lib/compiler/compile.js'
import { parse } from '../../../lib/definitions/load.js'
import { formatProblem } from '../../../lib/definitions/problem.js'

/** What `check` says about bad input: where, what is wrong, and what to do instead. */
const world: Runtime = { now: () => 0, random: () => 0, uuid: () => '', environment: () => undefined }
const told = (text: string): string[] => problemsOf(parse(text, 'f'), world).map(formatProblem)
const NS = 'http://ws.apache.org/ns/synapse'
const within = (mediators: string): string => `<sequence name="s" xmlns="${NS}">\n${mediators}\n</sequence>`
const group = (inside: string, attributes = ''): string => within(`<send><endpoint>\n<loadbalance${attributes}>\n${inside}\n</loadbalance>\n</endpoint></send>`)
const ADDRESS = '<endpoint><address uri="http://localhost:1"/></endpoint>'
/** The list of everything that there is grows with it. */
const withoutList = (line: string): string => line.replace(/ \((these are|these do|these have): .*\)$/, ' ($1 …)')

t.test('a text that is no XML', async t => {
  t.strictSame(told(`<definitions xmlns="${NS}">\n  <proxy name="a"><target></proxy>\n</definitions>`), ["f:2:27 expected closing tag 'target' (opened in line 2, col 19) instead of closing tag 'proxy'"])
  t.strictSame(told('<a>\n  <b>'), ['f:2:6 the document ends inside of <a><b>'])
  t.strictSame(told('<a b="1" b="2"/>'), ["f:1:10 attribute 'b' is repeated"])
  t.strictSame(told('<a/>\n<b/>'), ['f:1:1 expected one root element, found 2'])
  t.strictSame(told('<a>\n&copy;</a>'), ['f:2:1 the entity copy is not declared'])
  t.strictSame(told('<a b="x & y"/>'), ['f:1:9 & begins no reference: a lone one is written &amp;'])
  t.strictSame(told('<m:a/>'), ['f:1:1 the prefix m of <m:a> is not declared'])
  t.strictSame(parse('', 'f.xml').problems.map(formatProblem), ['f.xml:1:1 there is no element'])
  t.strictSame(told('<!DOCTYPE x [<!ENTITY a "b">]>\n<x>&a;</x>'), ['f:1:1 a DOCTYPE is not accepted'])
  t.strictSame(told(`<a>${'<b>'.repeat(1000)}${'</b>'.repeat(1000)}</a>`), ['f:1:1 maximum nested tags exceeded'])
})

t.test('a text that is no JSON, or not the model', async t => {
  t.strictSame(told('{ "proxies": {\n  "a": [1,, 2] } }'), ['f:2:11 this is no JSON: value expected'])
  t.strictSame(told('{ "proxies": '), ['f:1:14 this is no JSON: value expected'])
  t.match(told('[]'), [/^f:1:1 a configuration is an object \(with proxies, sequences, /])
  t.strictSame(told('['.repeat(100_000)), ['f:1:1 lists and objects are nested more than 200 deep'])
  t.strictSame(told('{ "proxy": {} }').map(withoutList), ['f:1:3 "proxy" means nothing here (these do …)'])
  t.strictSame(told('{ "proxies": [] }'), ['f:1:3 "proxies" is an object: its parts by their names'])
  t.strictSame(told('{ "proxies": { "p": { "in": "x" } } }'), ['f:1:21 "in" cannot be "x" (one of: a list, an object)'])
  t.strictSame(told('{ "proxies": { "p": {}, "p": { "in": [] } } }'), ['f:1:30 a second proxy is called "p" (the first stands in f:1)'])
  t.strictSame(told('{ "sequences": { "__proto__": [] } }'), ['f:1:31 nothing may be called "__proto__"'])
  t.strictSame(told('{ "sequences": { "s": [{ "kind": "unheard" },\n 7,\n {}] } }').map(withoutList), ['f:1:23 7 is no object with a kind (these are …)', 'f:1:24 "unheard" is no kind that is supported here (these are …)', 'f:3:2 "kind" is missing (these are …)'])
  t.strictSame(told('{ "sequences": { "s": [{ "kind": "log", "level": "loud", "lvel": "full" }] } }').map(withoutList),
    ['f:1:24 log: "lvel" means nothing here (these do …)', 'f:1:24 log: "level" cannot be "loud" (one of: simple, headers, full, custom)'])
})

t.test('what nobody knows', async t => {
  t.strictSame(told(`<definitions xmlns="${NS}">\n  <task name="t"><trigger/></task>\n</definitions>`).map(line => line.replace(/ \(.*/, '')), ['f:2:3 <task> is not supported at the top level'])
  t.strictSame(told(within('<unheard a="1"><b/></unheard>')).map(withoutList), ['f:2:1 <unheard> is no mediator that is supported (these are …)'])
  t.strictSame(told(within('<m:log xmlns:m="urn:m"/>')).map(withoutList), [`f:2:1 <m:log> is no mediator in the namespace ${NS} (these are …)`])
  t.strictSame(told(within('<send><endpoint><carrierPigeon/></endpoint></send>')).map(withoutList), ['f:2:17 <carrierPigeon> is no kind of endpoint that is supported (these are …)'])
  t.strictSame(told(within('<send><endpoint/></send>')).map(withoutList), ['f:2:7 the endpoint says nowhere to send to (these are …)'])
  t.strictSame(told(group(ADDRESS, ' policy="leastConn"')).map(withoutList), ['f:3:1 "leastConn" is no algorithm that is supported (these are …)'])
  t.strictSame(told(group(ADDRESS, ' algorithm="com.example.Mine"')).map(withoutList), ['f:3:1 "com.example.Mine" is no algorithm that is supported (these are …)'])
  t.strictSame(told(within(`<send><endpoint>\n<session type="sticky"><sessionTimeout>1</sessionTimeout></session><loadbalance>${ADDRESS}</loadbalance></endpoint></send>`)).map(withoutList), ['f:3:1 "sticky" is no type of session that is supported (these are …)'])
  t.strictSame(told(within('<log levle="full"/>')).map(withoutList), ['f:2:1 hint: the attribute levle of <log> has no effect (these have …)'])
  t.match(told(within('<log levle="full"/>'))[0], /level, category, separator/)
  t.strictSame(told(within('<drop><b/></drop>')), ['f:2:7 hint: <b> has no effect here'])
})

t.test('the wrong namespace, or none', async t => {
  t.match(told('<definitions xmlns="urn:other"><proxy/></definitions>'), ['f:1:1 <definitions> is in the namespace urn:other (a configuration begins with'])
  t.match(told('<beans/>'), ['f:1:1 <beans> is in no namespace (a configuration begins with'])
  t.match(told('<sequence name="s"><drop/></sequence>'), [`f:1:1 hint: <sequence> is in no namespace, and is read as if it were in ${NS}`])
})

t.test('names', async t => {
  t.match(told(within('<sequence key="nowhere"/>')), [/^f:2:1 .*no sequence is called "nowhere"/])
  t.match(told(within('<sequence key="toString"/>')), [/^f:2:1 .*no sequence is called "toString"/])
  t.match(told(within('<send>\n<endpoint key="noone"/></send>')), [/^f:3:1 .*no endpoint is called "noone"/])
  t.match(told(`<proxy name="p" xmlns="${NS}">\n<target inSequence="a" outSequence="b" faultSequence="c"/></proxy>`),
    [/^f:2:1 .*no sequence is called "a"/, /^f:2:1 .*no sequence is called "b"/, /^f:2:1 .*no sequence is called "c"/])
  t.match(told(`<sequence name="s" onError="nowhere" xmlns="${NS}"/>`), [/^f:1:1 .*no sequence is called "nowhere"/])
  t.match(told(`<definitions xmlns="${NS}">\n<endpoint name="e"><address uri="jms:/queue"/></endpoint></definitions>`), [/^f:2:1 addresses that begin with jms:/], 'an endpoint at the top level has a place, too')
  t.strictSame(told(`<definitions xmlns="${NS}">\n<sequence name="a"><drop/></sequence>\n<endpoint name="a"><default/></endpoint>\n<sequence name="a"/>\n<sequence name="a"><drop/></sequence></definitions>`), [
    'f:3:1 a second endpoint is called "a" (the first is a sequence, in f:2)',
    'f:4:1 a second sequence is called "a" (the first stands in f:2)',
    'f:5:1 hint: a second sequence is called "a", and says the same (the first stands in f:2)'
  ])
  t.strictSame(told(`<definitions xmlns="${NS}">\n<sequence/>\n<localEntry>a</localEntry></definitions>`), ['f:2:1 <sequence> needs a name (others refer to it by that)', 'f:3:1 <localEntry> needs a key (others refer to it by that)'])
})

t.test('bad values', async t => {
  t.strictSame(told(within('<send><endpoint><address uri="http://localhost:1">\n<timeout><duration>ten</duration></timeout>\n<suspendOnFailure><errorCodes>101500, x</errorCodes>\n<initialDuration>1.5</initialDuration></suspendOnFailure></address></endpoint></send>')), [
    'f:3:10 <duration> expects a number, not "ten" (in milliseconds)',
    'f:4:19 <errorCodes> expects whole numbers separated by commas, not "x"'
  ])
  t.strictSame(told(within('<send><endpoint><address uri="http://localhost:1">\n<suspendOnFailure>\n<initialDuration>1.5</initialDuration></suspendOnFailure></address></endpoint></send>')),
    ['f:2:7 address: "initialDuration" cannot be 1.5: expected integer'])
  t.match(told(within('<send><endpoint><address uri="ftp://localhost"/></endpoint></send>')), [/^f:2:7 .*ftp:.*http/])
  t.match(told(within('<send><endpoint><address uri="$SYSTEM:NOWHERE"/></endpoint></send>')), [/^f:2:7 the environment variable NOWHERE is not set/])
  t.match(told(within('<property name="a" value="b" scope="moon"/>')), [/^f:2:1 property: "scope" cannot be "moon" \(one of: default, transport/])
  t.match(told(within('<property name="a" expression="//m:b["/>')), [/^f:2:1 /])
  t.strictSame(told(within('<property name="a"/>')), ['f:2:1 property needs a value, an expression or an element inside (or action="remove")'])
  t.strictSame(told(group(ADDRESS, ' failover="perhaps"')), ['f:3:1 failover expects true or false, not "perhaps"'])
  t.strictSame(told(group('')), ['f:2:7 loadbalance: "members" is empty (a group needs at least one endpoint)'])
  t.strictSame(told(group(`${ADDRESS}<member hostName="localhost" httpPort="1"/>`)), ['f:3:1 a group has either endpoints or members, not both (write a member as <endpoint><address uri="http://host:port/path"/></endpoint>)'])
})

t.test('markup that would break the messages it is put into', async t => {
  const within = (...mediators: object[]): string => `{ "sequences": { "s": [\n${mediators.map(each => JSON.stringify(each)).join(',\n')}] } }`
  const makefault = { kind: 'makefault', version: 'pox', reason: { value: 'r' } }
  const sound = [
    { kind: 'header', xml: '<a:b xmlns:a="urn:a">größer &amp; 😀<![CDATA[<]]></a:b><c/>' }, { kind: 'property', name: 'p', xml: '<größe é="1"/>' },
    { ...makefault, detail: { xml: 'only &lt; text' } }, { ...makefault, detail: { xml: '' } }
  ]
  t.strictSame(told(within(...sound)), [])
  const broken = [
    { kind: 'header', xml: '<a>' }, { kind: 'header', xml: '</s:Header><a/>' }, { kind: 'header', xml: '<p:a/>' }, { kind: 'property', name: 'p', xml: 'text' }, { kind: 'property', name: 'p', xml: '<a/><b/>' },
    { ...makefault, detail: { xml: 'a & b' } }, { ...makefault, detail: { xml: '<a b=c/>' } }
  ]
  t.strictSame(told(within(...broken)).map(line => line.replace(/: ".*/, '')), broken.map((_, at) => `f:${at + 2}:1 "xml" is not well-formed, or uses a prefix that it does not declare`))
})

t.test('everything at once, in the order in which it stands there', async t => {
  const lines = told(`<definitions xmlns="${NS}">
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
  t.strictSame(lines.map(line => line.split(' ')[0]), ['f:2:3', 'f:3:3', 'f:4:5', 'f:6:9', 'f:7:9', 'f:10:13', 'f:11:13', 'f:12:71', 'f:13:15', 'f:14:15', 'f:18:25', 'f:22:3'])
})
