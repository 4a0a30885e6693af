import t from 'tap'
import { compile } from '../../../../lib/compiler/compile.js'
import { problemsOf } from '../../../../lib/compiler/find-problems.js'
import { parse } from '../../../../lib/definitions/load.js'
import { formatProblem } from '../../../../lib/definitions/model/problem.js'
import { writeXml } from '../../../../lib/definitions/write-xml.js'
import { runtime } from '../../../../plugins/gateway/configuration/runtime.js'
import {
  answered, definitionsOf, failed, header, play, proxyOf, request, soap, soapRequest, textOf
} from '../../../support/flows/drive-flow.js'

/** The HTTP connector of Micro Integrator: `<http.get configKey="…">`. @see WSO2, mi-connector-http */

const connection = (inside = '', base = 'http://backend:81/base'): string =>
  '<localEntry key="K"><http.init><connectionType>HTTP</connectionType>' +
  `<baseUrl>${base}</baseUrl>${inside}<name>K</name></http.init></localEntry>`
const CONNECTION = connection('<authType>None</authType><timeoutDuration/><retryCount>0</retryCount>')
const service = (mediators: string, more: { fault?: string, beside?: string } = {}) =>
  proxyOf({ in: `${mediators}<respond/>`, beside: CONNECTION, ...more })
const json = (text: string) => request(text, 'application/json')
const ok = () => answered('{"ok":1.50}', 'application/json', { headers: ['X-One', 'a', 'X-One', 'b'] })
const reported = (inside: string): string[] =>
  problemsOf(parse(definitionsOf(inside), 'f'), runtime)
    .map(problem => formatProblem(problem).replace(/^f:\d+:\d+ /, ''))
const inSequence = (mediators: string): string => `<sequence name="s">${mediators}</sequence>`

t.test('http.get sends a request without a body to the connection, and continues with the response', async t => {
  const { response, calls } = play(
    service(
      '<variable name="id" value="a b"/><http.get configKey="K">' +
      '<relativePath>/users/${vars.id}?q=${payload.q}</relativePath>' +
      '<headers>[["X-Id", "id ${vars.id}"], ["X-Empty", ""],]</headers>' +
      '<noKeepAlive>false</noKeepAlive></http.get>'
    ),
    json('{"q":"1&2"}'),
    ok()
  )
  const [{ origin, path, message }] = calls as [typeof calls[0]]
  t.strictSame([origin, path, message.method], ['http://backend:81', '/base/users/a%20b?q=1&2', 'GET'])
  t.strictSame([message.body.kind, header(message, 'content-type')], ['none', undefined])
  t.equal(header(message, 'X-Id'), 'id a b')
  t.equal(textOf(response), '{"ok":1.50}')
})

t.test('each method has its element; a path is joined by one slash, and may be a query or empty', async t => {
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']) {
    for (const [relative, path] of [['users', '/base/users'], ['?a=1', '/base?a=1'], ['', '/base'], ['/a#b', '/base/a']]) {
      const { calls } = play(
        service(`<http.${method.toLowerCase()} configKey="K"><relativePath>${relative}</relativePath></http.${method.toLowerCase()}>`),
        json('{}'),
        ok()
      )
      t.strictSame([calls[0]!.message.method, calls[0]!.path], [method, path])
    }
  }
})

t.test('the path after the proxy does not follow, and SOAP goes to the path of the request, too', async t => {
  const { calls } = play(
    service('<http.post configKey="K"><relativePath>/soap</relativePath></http.post>'),
    soapRequest('<x/>', '1.1', '', { path: '/behind', query: '?q' }),
    answered()
  )
  t.strictSame([calls[0]!.path, textOf(calls[0]!.message)], ['/base/soap', soap('<x/>')])
})

t.test('a path of a message that would leave the address of the connection fails, and nothing is sent', async t => {
  const { calls, response } = play(
    service('<http.get configKey="K"><relativePath>/${payload.id}</relativePath></http.get>'),
    json('{"id":"../../admin"}')
  )
  t.strictSame([calls.length, response.status], [0, 500])
})

t.test('http-connector: in a body of JSON values are escaped in strings, and stand as they are elsewhere', async t => {
  const post = (body: string): string =>
    `<http.post configKey="K"><requestBodyType>JSON</requestBodyType><requestBodyJson>${body}</requestBodyJson></http.post>`
  const sent = (body: string): string => {
    const { calls } = play(service(post(body)), json('{"a":"x\\"y","b":{"c":[1.50]}}'), ok())
    t.equal(header(calls[0]!.message, 'content-type'), 'application/json; charset=UTF-8')
    return textOf(calls[0]!.message)
  }
  t.equal(sent('\'{"a": "v ${payload.a}", "b": ${payload.b}}\''), '{"a": "v x\\"y", "b": {"c":[1.50]}}')
  t.equal(sent('{"a": 1}'), '{"a": 1}')
  t.equal(sent('${payload.b}'), '{"c":[1.50]}')
  t.equal(sent('{${payload.b}}'), '{"c":[1.50]}', 'braces around an expression do not count')
  t.equal(sent('{json-eval($.b.c)}'), '[1.50]')
})

t.test('a body of XML or text; without a body, that of the message is converted', async t => {
  const sent = (type: string, inside: string, message = json('{"a":"<&"}')) => {
    const { calls } = play(
      service(`<http.put configKey="K"><requestBodyType>${type}</requestBodyType>${inside}</http.put>`),
      message,
      ok()
    )
    return [header(calls[0]!.message, 'content-type')?.split(';')[0], textOf(calls[0]!.message)]
  }
  t.strictSame(sent('XML', '<requestBodyXml>&lt;r>${payload.a}&lt;/r></requestBodyXml>'),
    ['application/xml', '<r>&lt;&amp;</r>'])
  t.strictSame(sent('TEXT', '<requestBodyText>is ${payload.a}</requestBodyText>'), ['text/plain', 'is <&'])
  t.strictSame(sent('XML', ''), ['application/xml', '<jsonObject><a>&lt;&amp;</a></jsonObject>'])
  t.strictSame(sent('XML', '<requestBodyXml>{${xpath(\'$body/*\')}}</requestBodyXml>', soapRequest('<x><y/></x>')),
    ['text/xml', soap('<x><y/></x>')])
})

t.test('headers of the request precede the type of its body', async t => {
  const { calls } = play(
    service(
      '<http.post configKey="K"><headers>[{"Content-Type": "application/merge-patch+json"}]</headers>' +
      '<requestBodyType>JSON</requestBodyType><requestBodyJson>[]</requestBodyJson></http.post>'
    ),
    json('{}'),
    ok()
  )
  t.equal(header(calls[0]!.message, 'content-type'), 'application/merge-patch+json')
})

t.test('responseVariable keeps payload, headers and status, and the message continues as it was', async t => {
  const read = (more: string): string => {
    const { response } = play(
      service(
        `<http.post configKey="K"><responseVariable>r</responseVariable>${more}</http.post>` +
        '<log><message>x</message></log><payloadFactory media-type="json"><format>{"was": ${payload}, ' +
        '"status": ${vars.r.attributes.statusCode}, "one": "${vars.r.headers.X-One}", "ok": "${vars.r.payload.ok}"}' +
        '</format></payloadFactory>'
      ),
      json('{"in":1}'),
      ok()
    )
    return textOf(response)
  }
  t.equal(read(''), '{"was": {"in":1}, "status": 200, "one": "a, b", "ok": "1.50"}')
  t.equal(read('<overwriteBody>true</overwriteBody>'), '{"was": {"ok":1.50}, "status": 200, "one": "a, b", "ok": ""}')
})

t.test('responseVariable: a payload of JSON keeps its type, null too; what is not JSON is a text', async t => {
  const payload = (body: string, type = 'application/json'): string => textOf(play(
    service(
      '<http.get configKey="K"><responseVariable>r</responseVariable></http.get>' +
      '<payloadFactory media-type="json"><format>{"is": ${vars.r}}</format></payloadFactory>'
    ),
    json('{}'),
    answered(body, type)
  ).response)
  t.match(payload('null'), /"payload":null,/)
  t.match(payload(' [1.50]'), /"payload":\[1\.50\],/)
  t.match(payload('{"a":'), /"payload":"\{\\"a\\":",/)
  t.match(payload('null', 'text/plain'), /"payload":"null",/)
})

t.test('a failure of the connection runs the fault sequence', async t => {
  const { response } = play(
    service('<http.get configKey="K"/>', {
      fault: '<property name="X-Error" expression="$ctx:ERROR_CODE" scope="transport"/><respond/>'
    }),
    json('{}'),
    failed()
  )
  t.equal(header(response, 'X-Error'), '101503')
})

t.test('the connection is an endpoint with timeouts, suspension and credentials', async t => {
  const { definitions, problems } = parse(definitionsOf(connection(
    '<authType>Basic Auth</authType><username>me</username><password>pä</password>' +
    '<timeoutDuration>5000</timeoutDuration><timeoutAction>Fault</timeoutAction>' +
    '<retryErrorCodes>101504, 101505</retryErrorCodes><retryCount>3</retryCount><retryDelay>10</retryDelay>' +
    '<suspendErrorCodes>101503</suspendErrorCodes><suspendInitialDuration>-1</suspendInitialDuration>' +
    '<suspendProgressionFactor>2.0</suspendProgressionFactor><suspendMaximumDuration>60000</suspendMaximumDuration>',
    'https://api.example.org/v1/'
  )))
  t.strictSame(problems, [])
  t.strictSame(definitions.endpoints, {
    K: {
      kind: 'http',
      uriTemplate: 'https://api.example.org/v1{+uri.var.relativePath}',
      properties: [{ name: 'Authorization', scope: 'transport', value: `Basic ${Buffer.from('me:pä').toString('base64')}` }],
      timeout: { duration: 5000, responseAction: 'fault' },
      markForSuspension: { errorCodes: [101504, 101505], retriesBeforeSuspension: 3, retryDelay: 10 },
      suspendOnFailure: { errorCodes: [101503], initialDuration: -1, progressionFactor: 2, maximumDuration: 60000 }
    }
  })
})

t.test('a connection without a path is an endpoint of one address, and no path of a message changes its host', async t => {
  const proxy =
    '<proxy name="P"><target><inSequence><property name="uri.var.relativePath" expression="$axis2:path"/>' +
    '<send><endpoint key="K"/></send></inSequence></target></proxy>'
  for (const base of ['http://backend:81', 'http://backend:81/']) {
    const { services, lease } = compile(parse(definitionsOf(connection('', base) + proxy)).definitions, runtime)
    t.match([...lease.registry.endpoints.values()], [{ name: 'K', address: 'http://backend:81' }])
    const sent = (path: string, ...outcomes: ReturnType<typeof ok>[]): string[] =>
      play(services.get('P')!, request('{}', 'application/json', { axis2: { path } }), ...outcomes).calls
        .map(({ origin, path }) => origin + path)
    for (const path of ['/a', '?a', '']) t.match(sent(path, ok()), [/^http:\/\/backend:81\/(a|\?a)?$/])
    for (const path of ['.example.org/a', '@example.org', '1/a', 'a']) t.strictSame(sent(path), [], path)
  }
})

t.test('address and credentials of a connection may come from outside of the configuration', async t => {
  process.env['CONNECTION_BASE'] = 'http://elsewhere:82/x/'
  process.env['CONNECTION_USER'] = 'you'
  t.teardown(() => {
    delete process.env['CONNECTION_BASE']
    delete process.env['CONNECTION_USER']
  })
  const beside = connection(
    '<authType>Basic Auth</authType><username>${configs.CONNECTION_USER}</username><password>7</password>',
    '${configs.CONNECTION_BASE}'
  )
  t.strictSame(reported(beside + inSequence('<http.get configKey="K"/>')), [])
  const { definitions } = parse(definitionsOf(beside))
  t.match(definitions.endpoints?.['K'], { uriTemplate: '${configs.CONNECTION_BASE}{+uri.var.relativePath}' })
  const get = '<http.get configKey="K"><relativePath>a</relativePath></http.get>'
  for (const base of ['${configs.CONNECTION_BASE}', '{${configs.CONNECTION_BASE}}', '$SYSTEM:CONNECTION_BASE']) {
    const proxy = `<proxy name="P"><target><inSequence>${get}<respond/></inSequence></target></proxy>`
    const { services } = compile(parse(definitionsOf(connection('', base) + proxy)).definitions, runtime)
    const { calls } = play(services.get('P')!, json('{}'), ok())
    t.strictSame([calls[0]!.origin, calls[0]!.path], ['http://elsewhere:82', '/x/a'], base)
  }
})

t.test('what is wrong with a request or a connection is reported with what to do', async t => {
  const get = (inside: string, attribute = 'configKey="K"'): string =>
    CONNECTION + inSequence(`<http.get ${attribute}>${inside}</http.get>`)
  t.match(reported(inSequence('<http.trace configKey="K"/>')), [/<http\.trace> is no request .*known: <http\.get>/])
  t.match(reported(get('', '')), [/<http\.get> needs a configKey/])
  t.match(reported(get('', 'configKey="L"')), [/"L"/])
  t.match(reported(get('<headers>X: y</headers>')), [/<headers> expects JSON \(such as/])
  t.match(reported(get('<relativePath>/${vars.}</relativePath>')), [/unexpected "\."/])
  t.match(reported(get('<nonErrorHttpStatusCodes>404</nonErrorHttpStatusCodes>')), [/hint: .*every status is a response/])
  t.match(reported(get('<relativPath>/a</relativPath>')), [/hint: <relativPath> has no effect/])
  t.match(reported(connection('<authType>OAuth</authType><oauthGrantType>Password</oauthGrantType>')),
    [/authType OAuth is not supported \(write the header into <headers>/])
  t.match(reported(connection('', 'http://{$ctx:host}/')), [/a baseUrl that is computed is not supported/])
  t.match(reported(connection('', '')), [/<http\.init> needs a baseUrl/])
  for (const text of ['soon', '{${configs.TIMEOUT}}']) {
    const [problem] = reported(connection(`<timeoutDuration>${text}</timeoutDuration>`))
    t.match(problem, /<timeoutDuration> expects a number, .* \(in milliseconds\)/)
  }
})

t.test('requests of the connector are the same after JSON and XML', async t => {
  const written = definitionsOf(CONNECTION + inSequence(
    '<http.post configKey="K"><relativePath>/a?b=${vars.c}</relativePath><headers>[["A","b"]]</headers>' +
    '<requestBodyType>JSON</requestBodyType><requestBodyJson>\'{"a": 1}\'</requestBodyJson>' +
    '<noKeepAlive>true</noKeepAlive><responseVariable>r</responseVariable><overwriteBody>true</overwriteBody></http.post>' +
    '<http.put configKey="K"><relativePath>{$ctx:path}</relativePath><requestBodyType>XML</requestBodyType>' +
    '<requestBodyXml>&lt;a>&lt;b>1&lt;/b>&lt;/a></requestBodyXml></http.put>' +
    '<http.get configKey="K"/>'
  ))
  const { definitions, problems } = parse(written)
  t.strictSame(problems, [])
  const xml = writeXml(definitions)
  t.match(xml, '<http.post configKey="K">')
  t.strictSame(parse(xml).definitions, definitions)
  const again = parse(JSON.stringify(definitions))
  t.strictSame([again.problems, again.definitions], [[], definitions])
})
