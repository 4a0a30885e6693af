import t from 'tap'
import { editGroup, groupsIn, readGroupForm } from '../../../../lib/definitions/group-form/edit-group.js'
import {
  MEMBER_KINDS,
  type GroupChange,
  type GroupFieldName,
  type MemberFieldName
} from '../../../../lib/definitions/group-form/group-form.js'
import { parse } from '../../../../lib/definitions/load.js'
import { differences } from './differences.js'
import { groupSamples } from './group-samples.js'

const NS = 'http://ws.apache.org/ns/synapse'

const TEXT = `<?xml version="1.0" encoding="ISO-8859-1"?>
<!-- Owner: team-orders; Größe -->
<endpoint name="OrdersLB" xmlns="${NS}">
  <session type='simpleClientSession'>
    <sessionTimeout> 600000 </sessionTimeout>
  </session>
  <loadbalance algorithm="org.apache.synapse.endpoints.algorithms.RoundRobin">
    <endpoint name="orders-1">
      <address uri="http://orders-1:9001/a?x=1&amp;y=2"><!-- old hardware -->
        <timeout>
          <duration>30000</duration>
          <responseAction>fault</responseAction>
        </timeout>
      </address>
    </endpoint>
    <!-- until March -->
    <endpoint name="orders-2"><address uri="http://orders-2:9001/"/></endpoint>
    <endpoint key="Elsewhere"/>
  </loadbalance>
</endpoint>
`

const changed = (change: GroupChange, text = TEXT, name: string | number = 'OrdersLB'): string[] =>
  differences(text, editGroup(text, name, change) ?? 'not possible')

t.test('a group is read as a form, with the line of each value', async t => {
  const form = readGroupForm(TEXT, 'OrdersLB')!
  t.match(form, {
    kind: 'loadbalance',
    fields: {
      name: { value: 'OrdersLB', line: 3 },
      algorithm: { value: 'roundRobin', line: 7 },
      session: { value: 'simpleClientSession', line: 4 },
      sessionTimeout: { value: '600000', line: 5 },
      onLost: { value: undefined, line: 4 }
    }
  })
  t.strictSame(
    form.members.map(({ kind, line, fields: { name, uri } }) => [kind, line, name.value, uri.value]),
    [
      ['address', 8, 'orders-1', 'http://orders-1:9001/a?x=1&y=2'],
      ['address', 17, 'orders-2', 'http://orders-2:9001/'],
      ['reference', 18, undefined, undefined]
    ]
  )
  t.equal(readGroupForm(TEXT, 'Unknown'), undefined)
  t.equal(readGroupForm('<endpoint', 'OrdersLB'), undefined)
})

t.test('a value is replaced where it stands; white space around it and quotation marks stay', async t => {
  t.strictSame(changed({ set: 'sessionTimeout', value: '900000' }), [
    '-    <sessionTimeout> 600000 </sessionTimeout>',
    '+    <sessionTimeout> 900000 </sessionTimeout>'
  ])
  t.strictSame(changed({ set: 'session', value: 'http' }), [
    "-  <session type='simpleClientSession'>",
    "+  <session type='http'>"
  ])
  t.strictSame(changed({ member: 1, set: 'uri', value: 'http://a/?b=1&c="2"' }), [
    '-    <endpoint name="orders-2"><address uri="http://orders-2:9001/"/></endpoint>',
    '+    <endpoint name="orders-2"><address uri="http://a/?b=1&amp;c=&quot;2&quot;"/></endpoint>'
  ])
  t.strictSame(changed({ member: 1, set: 'uri', value: "http://a/?b='2'" }), [
    '-    <endpoint name="orders-2"><address uri="http://orders-2:9001/"/></endpoint>',
    '+    <endpoint name="orders-2"><address uri="http://a/?b=\'2\'"/></endpoint>'
  ])
  t.strictSame(changed({ set: 'session', value: "'x'" }), [
    "-  <session type='simpleClientSession'>",
    "+  <session type='&apos;x&apos;'>"
  ])
  t.strictSame(changed({ set: 'name', value: 'Ordersß' }), [
    `-<endpoint name="OrdersLB" xmlns="${NS}">`,
    `+<endpoint name="Ordersß" xmlns="${NS}">`
  ])
})

t.test('a value that is not set yet is written in its place, indented as its neighbours', async t => {
  t.strictSame(changed({ set: 'onLost', value: 'redispatch' }), [
    "-  <session type='simpleClientSession'>",
    '+  <session type=\'simpleClientSession\' onLost="redispatch">'
  ])
  t.strictSame(changed({ member: 0, set: 'progressionFactor', value: '2.0' }), [
    '+        <suspendOnFailure>',
    '+          <progressionFactor>2.0</progressionFactor>',
    '+        </suspendOnFailure>'
  ])
  t.strictSame(changed({ member: 1, set: 'duration', value: '5000' }), [
    '-    <endpoint name="orders-2"><address uri="http://orders-2:9001/"/></endpoint>',
    '+    <endpoint name="orders-2"><address uri="http://orders-2:9001/">',
    '+  <timeout>',
    '+    <duration>5000</duration>',
    '+  </timeout>',
    '+</address></endpoint>'
  ])
})

t.test('a value that is removed takes the elements with it that become empty', async t => {
  t.strictSame(changed({ member: 0, set: 'duration', value: undefined }), ['-          <duration>30000</duration>'])
  const without = editGroup(TEXT, 'OrdersLB', { member: 0, set: 'duration', value: undefined })!
  t.strictSame(changed({ member: 0, set: 'responseAction', value: undefined }, without), [
    '-        <timeout>',
    '-          <responseAction>fault</responseAction>',
    '-        </timeout>'
  ])
  t.strictSame(changed({ set: 'session', value: undefined }), [
    "-  <session type='simpleClientSession'>",
    '-    <sessionTimeout> 600000 </sessionTimeout>',
    '-  </session>'
  ])
  t.strictSame(changed({ set: 'algorithm', value: undefined }), [
    '-  <loadbalance algorithm="org.apache.synapse.endpoints.algorithms.RoundRobin">',
    '+  <loadbalance>'
  ])
})

t.test('a member keeps its kind while a value is removed; what would change that is changed in the source only', async t => {
  t.strictSame(changed({ member: 1, set: 'uri', value: undefined }), [
    '-    <endpoint name="orders-2"><address uri="http://orders-2:9001/"/></endpoint>',
    '+    <endpoint name="orders-2"><address/></endpoint>'
  ])
  t.equal(editGroup(TEXT, 'OrdersLB', { member: 2, set: 'key', value: undefined }), undefined)
})

t.test('members are added, duplicated, moved and removed; comments stay where they are', async t => {
  t.strictSame(changed({ add: 'address', name: 'orders-3' }), [
    '+    <endpoint name="orders-3">',
    '+      <address uri="http://localhost:9000/"/>',
    '+    </endpoint>'
  ])
  t.strictSame(changed({ remove: 1 }), [
    '-    <endpoint name="orders-2"><address uri="http://orders-2:9001/"/></endpoint>'
  ])
  t.strictSame(changed({ duplicate: 1, name: 'orders-4' }), [
    '+    <endpoint name="orders-4"><address uri="http://orders-2:9001/"/></endpoint>'
  ])
  const moved = editGroup(TEXT, 'OrdersLB', { move: 0, to: 1 })!
  t.strictSame(
    readGroupForm(moved, 'OrdersLB')!.members.map(({ fields }) => fields.name.value),
    ['orders-2', 'orders-1', undefined]
  )
  t.match(moved, /orders-2:9001[^]*<!-- until March -->[^]*<!-- old hardware -->/)
  t.equal(moved.length, TEXT.length)
})

t.test('each kind of member that can be added passes the check', async t => {
  for (const kind of MEMBER_KINDS.filter(each => each !== 'wsdl' && each !== 'template')) {
    const emptied = TEXT.replace(/(<loadbalance[^>]*>)[^]*(<\/loadbalance>)/, '$1\n  $2')
    const text = editGroup(emptied, 'OrdersLB', {
      add: kind,
      name: 'new-one'
    })!
    t.strictSame(parse(text).problems, [], kind)
  }
})

t.test('each kind of member is added after the last one, indented as that is', async t => {
  const hosts = TEXT.replace(
    /(<loadbalance[^>]*>)[^]*(<\/loadbalance>)/,
    '$1\n    <member hostName="a" httpPort="80" httpsPort="443"/>\n  $2'
  )
  for (const kind of MEMBER_KINDS) {
    const before = kind === 'member' ? hosts : TEXT
    const after = editGroup(before, 'OrdersLB', { add: kind, name: 'new-one' })!
    const end = before.indexOf('  </loadbalance>')
    t.equal(after.slice(0, end), before.slice(0, end), `${kind}: what is before it stays`)
    const added = after.slice(end, after.length - (before.length - end))
    t.equal(after, before.slice(0, end) + added + before.slice(end), `${kind}: what is after it stays`)
    t.match(added, /^ {4}<(endpoint|member)\b[^]*>\n$/, `${kind}: indented as its neighbours`)
    t.notMatch(added, /^ {0,3}\S/m, `${kind}: no line stands further left`)
    const { members } = readGroupForm(after, 'OrdersLB')!
    t.equal(members.at(-1)!.kind, kind)
  }
})

t.test('properties of a group are added and removed', async t => {
  const added = { addProperty: { name: 'a', value: '<1>', isExpression: false, scope: 'default' } }
  t.strictSame(changed(added), ['+  <property name="a" value="&lt;1&gt;"/>'])
  t.strictSame(changed({ property: 0 }, editGroup(TEXT, 'OrdersLB', added)!), [
    '-  <property name="a" value="&lt;1&gt;"/>'
  ])
})

t.test('name, value and scope of a property are changed in place, an expression stays one', async t => {
  const text = TEXT.replace('<loadbalance ', '<property name="a" expression="//x" scope="axis2"/>\n  <loadbalance ')
  const line = '  <property name="a" expression="//x" scope="axis2"/>'
  const property = { name: 'a', value: '//x', isExpression: true, scope: 'axis2' }
  t.match(readGroupForm(text, 'OrdersLB')!.properties, [property])
  const after = (change: GroupChange): string | undefined => changed(change, text)[1]
  t.equal(after({ property: 0, set: 'value', value: '//y' }), `+${line.replace('//x', '//y')}`)
  t.equal(after({ property: 0, set: 'name', value: 'b' }), `+${line.replace('"a"', '"b"')}`)
  t.equal(after({ property: 0, set: 'scope', value: 'transport' }), `+${line.replace('axis2', 'transport')}`)
  t.equal(after({ property: 0, set: 'scope', value: undefined }), `+${line.replace(' scope="axis2"', '')}`)
  t.equal(editGroup(text, 'OrdersLB', { property: 1 }), undefined, 'there is none')
})

t.test('the weight of a member is its property, and lists of error codes stand in their elements', async t => {
  t.strictSame(changed({ member: 1, set: 'weight', value: '3' }), [
    '-    <endpoint name="orders-2"><address uri="http://orders-2:9001/"/></endpoint>',
    '+    <endpoint name="orders-2"><property name="loadbalance.weight" value="3"/><address uri="http://orders-2:9001/"/></endpoint>'
  ])
  const weighted = editGroup(TEXT, 'OrdersLB', { member: 1, set: 'weight', value: '3' })!
  t.equal(readGroupForm(weighted, 'OrdersLB')!.members[1]!.fields.weight.value, '3')
  t.equal(editGroup(weighted, 'OrdersLB', { member: 1, set: 'weight', value: undefined }), TEXT)
  t.strictSame(changed({ member: 0, set: 'suspendErrorCodes', value: '101503, 101508' }), [
    '+        <suspendOnFailure>',
    '+          <errorCodes>101503, 101508</errorCodes>',
    '+        </suspendOnFailure>'
  ])
  t.strictSame(changed({ member: 0, set: 'enabledErrorCodes', value: '101503' }), [
    '+        <retryConfig>',
    '+          <enabledErrorCodes>101503</enabledErrorCodes>',
    '+        </retryConfig>'
  ])
})

t.test('a value beside a comment or CDATA is changed in the source only', async t => {
  for (const inside of ['600000<!-- ten minutes -->', '<![CDATA[600000]]>']) {
    const text = TEXT.replace(' 600000 ', inside)
    t.equal(editGroup(text, 'OrdersLB', { set: 'sessionTimeout', value: '1' }), undefined, inside)
  }
})

t.test('a namespace prefix is used for what is added', async t => {
  const text = `<s:endpoint xmlns:s="${NS}" name="A"><s:loadbalance/></s:endpoint>`
  const added = editGroup(text, 'A', { add: 'address', name: 'b' })!
  t.strictSame(
    readGroupForm(added, 'A')!.members.map(({ kind }) => kind),
    ['address']
  )
  t.match(editGroup(text, 'A', { set: 'session', value: 'soap' }), '<s:session type="soap"/>')
})

t.test('groups of a document are listed with the artefact that they stand in', async t => {
  const text =
    `<definitions xmlns="${NS}"><proxy name="P"><target><endpoint><failover>` +
    '<endpoint name="in"><loadbalance/></endpoint></failover></endpoint></target></proxy></definitions>'
  t.strictSame(groupsIn(text), [
    { name: undefined, artefact: 'P' },
    { name: 'in', artefact: 'P' }
  ])
  t.equal(readGroupForm(text, 0)!.kind, 'failover')
  t.strictSame(groupsIn('{}'), [])
})

const FIELDS: readonly GroupFieldName[] = [
  'algorithm',
  'failover',
  'retry',
  'slowStart',
  'session',
  'sessionTimeout',
  'expiry',
  'maxSessions',
  'onLost'
]
const MEMBER_FIELDS: readonly MemberFieldName[] = [
  'name',
  'uri',
  'duration',
  'responseAction',
  'retriesBeforeSuspension',
  'retryDelay',
  'initialDuration',
  'progressionFactor',
  'maximumDuration'
]

/** All values of a form but one, by their path. */
const valuesOf = (form: object, path = ''): Record<string, string> =>
  Object.fromEntries(
    Object.entries(form).flatMap(([key, value]) =>
      key === 'line' || key === 'partLine'
        ? []
        : typeof value === 'object' && value !== null
          ? Object.entries(valuesOf(value, `${path}/${key}`))
          : [[`${path}/${key}`, String(value)]]
    )
  )

t.test(
  'in every sample, setting a field changes no other field and no comment, and setting it back changes nothing',
  async t => {
    let count = 0
    for (const text of groupSamples()) {
      const comments = text.match(/<!--[^]*?-->/g) ?? []
      for (const group of groupsIn(text).keys()) {
        const form = readGroupForm(text, group)!
        const changes: GroupChange[] = [
          ...FIELDS.map(set => ({ set, value: '7' })),
          ...form.members.flatMap((_, member) => MEMBER_FIELDS.map(set => ({ member, set, value: '7' })))
        ]
        for (const change of changes) {
          const edited = editGroup(text, group, change)
          if (edited === undefined) continue
          count++
          const [before, after] = [valuesOf(form), valuesOf(readGroupForm(edited, group)!)]
          const others = Object.keys(after).filter(key => before[key] !== after[key])
          if (others.length > 2 || !comments.every(comment => edited.includes(comment))) {
            t.fail(`${JSON.stringify(change)} in ${text.slice(0, 200)}: ${others}`)
          }
        }
      }
    }
    t.ok(count > 100, `${count} changes`)
  }
)
