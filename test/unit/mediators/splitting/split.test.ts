import t from 'tap'
import {
  answered,
  failed,
  MAKE_FAULT,
  play,
  proxyOf,
  request,
  soap,
  soapRequest,
  textOf,
  wrongWith
} from '../../../support/flows/drive-flow.js'

/** An endpoint that no failure suspends. */
const ENDPOINT =
  '<endpoint><address uri="http://backend/s"><suspendOnFailure><errorCodes>1</errorCodes>' +
  '</suspendOnFailure></address></endpoint>'
const CALL = `<call>${ENDPOINT}</call>`
const SEND = `<send>${ENDPOINT}</send>`
const ORDER = '<order><item>1</item><item>2</item><item>3</item></order>'
const ITERATE = '<iterate id="i" expression="//item">'
const TARGET = `<target><sequence>${CALL}</sequence></target>`
const AGGREGATE =
  '<aggregate id="i"><completeCondition><messageCount/></completeCondition>' +
  '<onComplete expression="//ok"><respond/></onComplete></aggregate>'

const ok = (text: string) => answered(soap(`<ok>${text}</ok>`))
const sentBodies = (calls: ReturnType<typeof play>['calls']): string[] => calls.map(({ message }) => textOf(message))

t.test('iterate: each selected element is sent in the envelope of its message', async t => {
  const { response, calls } = play(
    proxyOf({ in: `${ITERATE}${TARGET}</iterate>${AGGREGATE}` }),
    soapRequest(ORDER, '1.1', '<h/>'),
    ok('a'),
    ok('b'),
    ok('c')
  )
  t.same(
    sentBodies(calls),
    ['1', '2', '3'].map(each => soap(`<item>${each}</item>`, '1.1', '<h/>'))
  )
  t.equal(textOf(response), soap('<ok>a</ok><ok>b</ok><ok>c</ok>'))
})

t.test('iterate: what is sent by send comes back through the out sequence', async t => {
  const proxy = proxyOf({ in: `${ITERATE}<target><sequence>${SEND}</sequence></target></iterate>`, out: AGGREGATE })
  t.equal(
    textOf(play(proxy, soapRequest(ORDER), ok('a'), ok('b'), ok('c')).response),
    soap('<ok>a</ok><ok>b</ok><ok>c</ok>')
  )
})

t.test('iterate: preservePayload keeps the rest, and puts the element at attachPath', async t => {
  const iterate = `<iterate expression="//item" preservePayload="true" attachPath="//order">
    <target><sequence>${CALL}</sequence></target></iterate>`
  const { calls } = play(
    proxyOf({ in: iterate }),
    soapRequest('<order n="7"><item>1</item><x/><item>2</item></order>'),
    ok(''),
    ok('')
  )
  t.same(
    sentBodies(calls),
    ['1', '2'].map(each => soap(`<order n="7"><x/><item>${each}</item></order>`))
  )
})

t.test('iterate: an attachPath that selects nothing is a fault', async t => {
  const iterate =
    '<iterate expression="//item" preservePayload="true" attachPath="//nothing">' +
    `<target><sequence>${CALL}</sequence></target></iterate>`
  const { response } = play(proxyOf({ in: iterate }), soapRequest(ORDER))
  t.equal(response.status, 500)
  t.match(textOf(response), /attachPath selects no element/)
})

t.test('iterate: the values of a JSON array become messages, and JSON is joined in an array', async t => {
  const aggregate = `<aggregate><completeCondition><messageCount/></completeCondition>
    <onComplete expression="json-eval($.ok)"><respond/></onComplete></aggregate>`
  const proxy = proxyOf({ in: `<iterate expression="json-eval($.items)">${TARGET}</iterate>${aggregate}` })
  const json = (text: string) => answered(text, 'application/json')
  const { response, calls } = play(
    proxy,
    request('{"items":[{"n":1},{"n":2.50}]}', 'application/json'),
    json('{"ok":1}'),
    json('{"ok":[2,3]}')
  )
  t.same(sentBodies(calls), ['{"n":1}', '{"n":2.50}'])
  t.equal(textOf(response), '[1,[2,3]]')
})

t.test('iterate: preservePayload on JSON empties the array and puts a value at attachPath', async t => {
  const iterate =
    '<iterate expression="json-eval($.items)" preservePayload="true" attachPath="json-eval($.item)">' +
    `${TARGET}</iterate>`
  const { calls } = play(
    proxyOf({ in: iterate }),
    request('{"id":7,"items":[1,2],"item":0}', 'application/json'),
    answered(),
    answered()
  )
  t.same(sentBodies(calls), ['{"id":7,"items":[],"item":1}', '{"id":7,"items":[],"item":2}'])
})

t.test('iterate: a message without such elements is not split, and the client gets 202', async t => {
  t.equal(play(proxyOf({ in: `${ITERATE}${TARGET}</iterate>` }), soapRequest('<x/>')).response.status, 202)
})

t.test('iterate: branches have properties with their place', async t => {
  const log = '<log level="custom"><property name="at" expression="get-property(\'messageSequence.i\')"/></log>'
  const { logs } = play(
    proxyOf({
      in: `${ITERATE}<target><sequence>${log}</sequence></target></iterate>`
    }),
    soapRequest(ORDER)
  )
  t.same(
    logs.map(({ text }) => text),
    ['at = 0/3', 'at = 1/3', 'at = 2/3']
  )
})

t.test('clone: each target gets its copy, and the first response is the response', async t => {
  const clone =
    '<clone><target><endpoint><address uri="http://one/x"/></endpoint></target>' +
    '<target to="http://two/y" soapAction="urn:two"><sequence><send/></sequence></target></clone>'
  const { response, calls } = play(proxyOf({ in: clone }), soapRequest(), ok('first'), ok('second'))
  t.same(
    calls.map(({ origin, path }) => origin + path),
    ['http://one/x', 'http://two/y']
  )
  t.equal(calls[1]!.message.addressing.action, 'urn:two')
  t.equal(textOf(response), soap('<ok>first</ok>'))
})

t.test('clone: continueParent lets the message itself continue', async t => {
  const log = (text: string): string => `<log level="custom"><property name="at" value="${text}"/></log>`
  const clone = `<clone continueParent="true"><target><sequence>${log('copy')}</sequence></target></clone>`
  const proxy = proxyOf({ in: `${clone}${log('itself')}<respond/>` })
  const { response, logs } = play(proxy, soapRequest('<x/>'))
  t.same(
    logs.map(({ text }) => text),
    ['at = itself', 'at = copy']
  )
  t.equal(textOf(response), soap('<x/>'))
})

t.test('clone: a copy without call ends with its target; after call it continues', async t => {
  const clone = (inside: string): string =>
    `<clone><target><sequence>${inside}</sequence></target></clone><log level="custom"/><respond/>`
  t.same(play(proxyOf({ in: clone('<property name="a" value="1"/>') }), soapRequest()).logs, [])
  const { response, logs } = play(proxyOf({ in: clone(CALL) }), soapRequest(), ok('called'))
  t.equal(logs.length, 1)
  t.equal(textOf(response), soap('<ok>called</ok>'))
})

t.test('clone: sequential copies end with the first failure, which is that of the message', async t => {
  const one = (host: string): string =>
    `<target><sequence><call><endpoint><address uri="http://${host}/"/></endpoint></call></sequence></target>`
  const clone = `<clone sequential="true">${['a', 'b', 'c'].map(one).join('')}</clone>`
  const { response, calls } = play(
    proxyOf({ in: clone, fault: `${MAKE_FAULT}<respond/>` }),
    soapRequest(),
    ok('a'),
    failed()
  )
  t.same(
    calls.map(({ origin }) => origin),
    ['http://a', 'http://b']
  )
  t.match(textOf(response), /Fault/)
})

t.test(
  'aggregate-is-over: a branch that fails runs the fault sequence, and the aggregate is joined without it',
  async t => {
    const proxy = proxyOf({
      in: `${ITERATE}${TARGET}</iterate>${AGGREGATE}`,
      fault: '<log level="custom"><property name="at" value="fault"/></log>'
    })
    const { response, logs } = play(proxy, soapRequest(ORDER), ok('a'), failed(), ok('c'))
    t.same(
      logs.map(({ text }) => text),
      ['at = fault']
    )
    t.equal(textOf(response), soap('<ok>a</ok><ok>c</ok>'), 'the aggregate is complete with what can still come')
  }
)

t.test('without any response, the first failure of a branch is the response', async t => {
  const { response } = play(
    proxyOf({ in: `${ITERATE}${TARGET}</iterate>${AGGREGATE}` }),
    soapRequest('<item/>'),
    failed()
  )
  t.equal(response.status, 500)
  t.match(textOf(response), /no listener/)
})

t.test('onError of a sequence handles the failures of branches that were split in it', async t => {
  const beside = `<sequence name="s" onError="e">${ITERATE}${TARGET}</iterate></sequence>
    <sequence name="e"><log level="custom"><property name="at" value="e"/></log></sequence>`
  const { logs } = play(
    proxyOf({ in: '<sequence key="s"/>', beside }),
    soapRequest(ORDER),
    failed(),
    ok(''),
    failed()
  )
  t.equal(logs.length, 2)
})

t.test('aggregate: a count completes it, and later messages are dropped', async t => {
  const aggregate =
    '<aggregate id="i"><completeCondition><messageCount min="{1 + 1}" max="-1"/></completeCondition>' +
    '<onComplete expression="//ok"><respond/></onComplete></aggregate>'
  const { response } = play(
    proxyOf({ in: `${ITERATE}${TARGET}</iterate>${aggregate}` }),
    soapRequest(ORDER),
    ok('a'),
    ok('b'),
    ok('c')
  )
  t.equal(textOf(response), soap('<ok>a</ok><ok>b</ok>'))
})

t.test('aggregate: elements are lifted out of what they stand in, and enclosed', async t => {
  const aggregate =
    '<property name="around"><all xmlns="urn:all" n="1"/></property>' +
    `${ITERATE}${TARGET}</iterate><aggregate id="i"><completeCondition/>` +
    '<onComplete expression="//ok" enclosingElementProperty="around"><respond/></onComplete></aggregate>'
  const response = (text: string) => answered(soap(`<r><ok>${text}</ok></r>`))
  t.equal(
    textOf(play(proxyOf({ in: aggregate }), soapRequest('<item/><item/>'), response('a'), response('b')).response),
    soap('<all xmlns="urn:all" n="1"><ok xmlns="">a</ok><ok xmlns="">b</ok></all>')
  )
})

t.test('aggregate: a message in which the expression selects nothing is a fault of the whole', async t => {
  const { response } = play(
    proxyOf({ in: `${ITERATE}${TARGET}</iterate>${AGGREGATE}` }),
    soapRequest('<item/><item/>'),
    ok('a'),
    answered(soap('<other/>'))
  )
  t.match(textOf(response), /selects nothing/)
})

t.test('aggregate: JSON objects are merged by aggregateElementType="child"', async t => {
  const aggregate = `<clone>${TARGET}${TARGET}</clone><aggregate><completeCondition/>
    <onComplete expression="json-eval($)" aggregateElementType="child"><respond/></onComplete></aggregate>`
  const json = (text: string) => answered(text, 'application/json')
  t.equal(
    textOf(
      play(
        proxyOf({ in: aggregate }),
        request('{}', 'application/json'),
        json('{"a":1,"o":{"x":1},"l":[1]}'),
        json('{"a":2,"b":3,"o":{"y":2},"l":[2]}')
      ).response
    ),
    '{"a":[1,2],"o":{"x":1,"y":2},"l":[1,2],"b":3}'
  )
})

t.test('aggregate: the joined message continues after it', async t => {
  const aggregate = `<aggregate id="i"><completeCondition/><onComplete expression="//ok">
    <property name="a" value="1"/></onComplete></aggregate><respond/>`
  t.equal(
    textOf(
      play(
        proxyOf({ in: `${ITERATE}${TARGET}</iterate>${aggregate}` }),
        soapRequest('<item/><item/>'),
        ok('a'),
        ok('b')
      ).response
    ),
    soap('<ok>a</ok><ok>b</ok>')
  )
})

t.test('aggregate-of-one-request: a message that was never split passes, even with correlateOn', async t => {
  t.equal(textOf(play(proxyOf({ in: `${AGGREGATE}<respond/>` }), soapRequest('<x/>')).response), soap('<x/>'))
  const correlated = AGGREGATE.replace('<completeCondition>', '<correlateOn expression="true()"/><completeCondition>')
  t.equal(textOf(play(proxyOf({ in: `${correlated}<respond/>` }), soapRequest('<x/>')).response), soap('<x/>'))
})

t.test('nested splits: aggregates with an id join their own', async t => {
  const inner = `<iterate id="in" expression="//leaf">${TARGET}</iterate>
    <aggregate id="in"><completeCondition/><onComplete expression="//ok"><property name="p" value="1"/></onComplete>
    </aggregate>`
  const outer = `<iterate id="out" expression="//group"><target><sequence>${inner}</sequence></target></iterate>
    <aggregate id="out"><completeCondition/><onComplete expression="//ok"><respond/></onComplete></aggregate>`
  const { response } = play(
    proxyOf({ in: outer }),
    soapRequest('<group><leaf/><leaf/></group><group><leaf/></group>'),
    ok('a'),
    ok('b'),
    ok('c')
  )
  t.equal(textOf(response), soap('<ok>a</ok><ok>b</ok><ok>c</ok>'))
})

t.test('nested splits without an id: each aggregate joins the innermost that was not joined yet', async t => {
  const joined = (inside: string): string =>
    `<aggregate><completeCondition/><onComplete expression="//ok">${inside}</onComplete></aggregate>`
  const inner = `<iterate expression="//leaf">${TARGET}</iterate>${joined('<property name="p" value="1"/>')}`
  const outer = `<iterate expression="//group"><target><sequence>${inner}</sequence></target></iterate>`
  const { response } = play(
    proxyOf({ in: outer + joined('<respond/>') }),
    soapRequest('<group><leaf/><leaf/></group><group><leaf/></group>'),
    ok('a'),
    ok('b'),
    ok('c')
  )
  t.equal(textOf(response), soap('<ok>a</ok><ok>b</ok><ok>c</ok>'))
})

t.test('foreach: results replace the elements, and properties continue', async t => {
  const foreach =
    '<foreach id="f" expression="//item"><sequence><property name="last" expression="//item/text()"/>' +
    '<payloadFactory media-type="xml"><format><line xmlns="">$1</line></format><args><arg expression="//item/text()"/></args>' +
    '</payloadFactory></sequence></foreach>' +
    '<property name="X-Last" scope="transport" expression="concat($ctx:last, $ctx:f_FOREACH_COUNTER)"/><respond/>'
  const { response } = play(proxyOf({ in: foreach }), soapRequest('<order><a/><item>1</item><item>2</item></order>'))
  t.equal(textOf(response), soap('<order><a/><line>1</line><line>2</line></order>'))
  t.ok(response.headers.includes('22'))
})

t.test('foreach: a JSON array is replaced by its results; a failure ends it or leaves its value out', async t => {
  const foreach = (attribute: string): string =>
    `<foreach ${attribute} expression="json-eval($.items)"><sequence>
      <filter xpath="json-eval($.bad)"><then><throwError type="1" errorMessage="bad"/></then></filter>
      <payloadFactory media-type="json"><format>{"m":$1}</format><args>
      <arg evaluator="json" expression="$.n"/></args></payloadFactory></sequence></foreach><respond/>`
  const body = (bad: string) => request(`{"id":1,"items":[{"n":1},{"n":2${bad}}]}`, 'application/json')
  t.equal(textOf(play(proxyOf({ in: foreach('') }), body('')).response), '{"id":1,"items":[{"m":1},{"m":2}]}')
  const bad = ',"bad":true'
  t.equal(play(proxyOf({ in: foreach('') }), body(bad)).response.status, 500)
  t.equal(
    textOf(play(proxyOf({ in: foreach('continueLoopOnFailure="true"') }), body(bad)).response),
    '{"id":1,"items":[{"m":1}]}'
  )
})

t.test('branch-limits: more than 10,000 branches are a fault', async t => {
  const { response } = play(proxyOf({ in: `${ITERATE}${TARGET}</iterate>` }), soapRequest('<item/>'.repeat(10_001)))
  t.match(textOf(response), /more than 10000 branches/)
})

t.test('attributes of iterate, clone, aggregate and foreach that the engine refuses are problems', async t => {
  const wrong = (inside: string): string[] =>
    wrongWith(`<proxy name="P"><target><inSequence>${inside}</inSequence></target></proxy>`)
  t.match(wrong('<iterate><target sequence="s"/></iterate>')[0], /needs an expression/)
  t.match(wrong('<iterate expression="//a"/>')[0], /needs a <target>/)
  t.match(
    wrong('<iterate expression="//a" attachPath="//b"><target><sequence/></target></iterate>')[0],
    /attachPath needs preservePayload/
  )
  t.match(wrong('<clone><target/></clone>')[0], /needs a sequence or an endpoint/)
  t.match(wrong('<foreach expression="//a"/>')[0], /needs a sequence/)
  t.match(wrong('<aggregate><completeCondition timeout="soon"/><onComplete/></aggregate>')[0], /seconds/)
})
