import t from 'tap'
import { redactBody } from '../../../lib/redaction/redact-body.js'
import { SecretNames } from '../../../lib/redaction/secret-names.js'
import { isLinear } from '../../support/timing/linear-time.js'

const names = new SecretNames(['X-Tenant'])

function redact (text: string | Buffer, type: string | undefined, isCut = false) {
  const result = redactBody({ bytes: Buffer.from(text), isCut, type }, names)
  return 'text' in result ? result.text : result
}

const WSSE = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd'
const envelope = (header: string, body = '<m:order xmlns:m="urn:m"><m:symbol>IBM</m:symbol></m:order>'): string =>
  '<?xml version="1.0"?>\n<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">' +
  `<s:Header>${header}</s:Header><s:Body>${body}</s:Body></s:Envelope>`

t.test('values of WS-Security and session ids are hidden in XML, and everything else stays as it is', async t => {
  const header = (password: string, user: string, id: string, attribute: string): string =>
    `<o:Security xmlns:o="${WSSE}"><o:UsernameToken u:Id="${attribute}" xmlns:u="urn:u">` +
    `<o:Username>${user}</o:Username><o:Password Type="${attribute}">${password}</o:Password></o:UsernameToken>` +
    `<o:BinarySecurityToken>${password}</o:BinarySecurityToken></o:Security>` +
    `<y:ClientID xmlns:y="http://ws.apache.org/ns/synapse">${id}</y:ClientID>` +
    `<a:ServiceGroupId xmlns:a="http://ws.apache.org/namespaces/axis2">${id}</a:ServiceGroupId>`
  t.equal(
    redact(envelope(header('s3cr3t', 'anna', 'client-7', 'x')), 'text/xml'),
    envelope(header('***', '***', '***', '***'))
  )
})

t.test('the operation is the first element of the SOAP Body', async t => {
  t.match(redactBody({ bytes: Buffer.from(envelope('')), isCut: false, type: 'text/xml' }, names), {
    operation: 'order',
    hidden: 0
  })
})

t.test('attributes with secret names, named values, comments and processing instructions are hidden', async t => {
  const xml = (value: string, note: string): string =>
    `<a token="${value}" plain="1"><add key="password" value="${value}"/><!--${note}--><?go ${note}?>` +
    `<p name="secret">${value}</p><q name="other">kept</q></a>`
  t.equal(redact(xml('s3cr3t', ' s3cr3t '), 'application/xml'), xml('***', '***'))
})

t.test('secrets of XML and JSON within texts of a document are hidden', async t => {
  t.equal(
    redact('<a><b><![CDATA[<x><password>s3cr3t</password></x>]]></b></a>', 'text/xml'),
    '<a><b><![CDATA[<x><password>***</password></x>]]></b></a>'
  )
  t.equal(
    redact('<a><b>&lt;x password="s3cr3t"/></b></a>', 'text/xml'),
    '<a><b>&lt;x password="***"/></b></a>'
  )
  t.equal(redact('<a>{"token":"s3cr3t","b":1}</a>', 'text/xml'), '<a>{"token":"***","b":1}</a>')
  t.equal(redact('<a>&lt;x password=s3cr3t</a>', 'text/xml'), '<a>***</a>', 'one that cannot be read is hidden')
  t.notMatch(JSON.stringify(redact('{"a":"<p><token>s3cr3t</token></p>"}', 'application/json')), /s3cr3t/)
})

t.test('half a document is read as far as it goes', async t => {
  const whole = envelope('<p:Password xmlns:p="urn:p">s3cr3t</p:Password>', '<m>text that goes on</m>')
  for (let length = 1; length < whole.length; length++) {
    const shown = redact(whole.slice(0, length), 'text/xml', true)
    t.notMatch(JSON.stringify(shown), /s3|3cr|cr3/, `${length} bytes`)
  }
  t.match(redact(whole.slice(0, whole.indexOf('goes')), 'text/xml', true), /<m>text that $/)
  t.same(redact(whole.slice(0, 60), 'text/xml'), { reason: 'it cannot be read as XML' }, 'unless it is not cut off')
})

t.test('half of a JSON text is read as far as it goes', async t => {
  const whole = '{"user":"anna","password":"s3cr3t","list":[1,{"apiKey":{"a":["s3cr3t",12]}}],"note":"goes on"}'
  t.equal(
    redact(whole, 'application/json'),
    '{"user":"anna","password":"***","list":[1,{"apiKey":{"a":["***","***"]}}],"note":"goes on"}'
  )
  for (let length = 1; length < whole.length; length++) {
    const shown = redact(whole.slice(0, length), 'application/json', true)
    t.type(shown, 'string', `${length} bytes can be read`)
    t.notMatch(JSON.stringify(shown), /s3|3cr|cr3/, `${length} bytes`)
  }
})

t.test('members that name the others are understood, in any order', async t => {
  t.equal(
    redact('{"value":"s3cr3t","more":{"a":"s3cr3t"},"name":"password","x":"s3cr3t"}', 'application/json'),
    '{"value":"***","more":{"a":"***"},"name":"password","x":"***"}'
  )
})

t.test('a body of the type JSON that is not JSON is not kept', async t => {
  for (const text of ['{"a" "b"}', '{,}', '[1,]', '{"a":1]', '{"a"}', 'hello', '{"a":', '"a":1', '1,2', '{"p\\x":1}']) {
    t.same(redact(text, 'application/json'), { reason: 'it cannot be read as JSON' }, text)
  }
})

t.test('a name in other characters is the same name', async t => {
  t.equal(redact('{"p\\u0061ssword":"s3cr3t"}', 'application/json'), '{"p\\u0061ssword":"***"}')
  t.equal(redact('p%61ssword=s3cr3t&a=b', 'application/x-www-form-urlencoded'), 'p%61ssword=***&a=b')
})

t.test('names that an operator adds are secret in all kinds of bodies', async t => {
  t.equal(redact('<a><x-tenant>s3cr3t</x-tenant></a>', 'text/xml'), '<a><x-tenant>***</x-tenant></a>')
  t.equal(redact('{"X-Tenant":"s3cr3t"}', 'application/json'), '{"X-Tenant":"***"}')
  t.equal(redact('x-tenant=s3cr3t', 'application/x-www-form-urlencoded'), 'x-tenant=***')
})

t.test('in plain text, values after secret names, credentials and tokens are hidden', async t => {
  t.equal(
    redact('password=s3cr3t; Authorization: Basic czNjcjN0Cg== key: "s3cr3t" http://u:s3cr3t@host/ a=b', 'text/plain'),
    'password=***; Authorization: Basic *** key: "***" http://***@host/ a=b'
  )
  t.notMatch(JSON.stringify(redact('see eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln', 'text/html')), /eyJ/)
})

t.test('other encodings are read, also cut off inside of a character', async t => {
  const xml = '<?xml version="1.0" encoding="UTF-16"?><a><password>s3cr3t</password><b>ü</b></a>'
  for (const less of [0, 1, 2, 3]) {
    const bytes = Buffer.from(`\ufeff${xml}`, 'utf16le')
    const shown = redact(bytes.subarray(0, bytes.length - less), 'text/xml', less > 0)
    t.match(shown, /<password>\*\*\*<\/password><b>ü</, `${less} bytes less`)
  }
  t.equal(redact(Buffer.from('a=ü', 'latin1'), 'text/plain; charset=iso-8859-1'), 'a=ü')
  t.same(redact(Buffer.from('a=ü', 'latin1'), 'text/plain'), { reason: 'it is not text in its encoding' })
})

t.test('parts of a multipart body are read by their own types', async t => {
  const parts = (password: string, cookie: string, image: string): string =>
    [
      '--B', 'Content-Type: application/xop+xml; type="text/xml"', '', `<a><password>${password}</password></a>`,
      '--B', `Cookie: ${cookie}`, 'Content-Type: image/png', '', image,
      '--B--'
    ].join('\r\n')
  const type = 'multipart/related; boundary=B; type="application/xop+xml"'
  t.equal(
    redact(parts('s3cr3t', 'a=s3cr3t', 's3cr3t'), type).toString(),
    parts('***', '***', '[6 bytes, not kept: it is not text]')
  )
})

t.test('fields of forms in parts are known by their names; coded parts are not kept', async t => {
  const parts = (value: string, coded: string): string =>
    [
      '--B', 'Content-Disposition: form-data; name="password"', '', value,
      '--B', 'Content-Disposition: form-data; name="symbol"', '', 'IBM',
      '--B', 'Content-Type: text/plain', 'Content-Transfer-Encoding: base64', '', coded,
      '--B--'
    ].join('\r\n')
  t.equal(
    redact(parts('s3cr3t', 'czNjcjN0'), 'multipart/form-data; boundary=B'),
    parts('***', '[8 bytes, not kept: it is coded]')
  )
})

t.test('values of secret fields are hidden in HTML', async t => {
  t.equal(
    redact('<p>a</p><input name="password" value="s3cr3t"><input value=s3cr3t type=password>', 'text/html'),
    '<p>a</p><input name="password" value="***"><input value="***" type=password>'
  )
})

t.test('binary bodies, unknown types and unknown encodings are not kept', async t => {
  t.same(redact(Buffer.from([0, 1, 2]), 'application/octet-stream'), { reason: 'it is not text' })
  t.same(redact(Buffer.from([0, 1, 2]), undefined), { reason: 'it has no type' })
  t.same(redact(Buffer.from([0, 1, 2]), 'text/plain'), { reason: 'it is not text in its encoding' })
  t.same(redact('x', 'text/plain; charset=none'), { reason: 'it is not text in its encoding' })
  t.equal(redact('<a/>', undefined), '<a/>', 'XML without a type is')
})

t.test('the time is linear in the length of a body', async t => {
  const hostile: readonly (readonly [piece: string, type: string, before?: string, after?: string])[] = [
    ['a', 'text/plain'],
    ['a ', 'text/plain'],
    ['eyJ', 'text/plain'],
    ['://a', 'text/plain'],
    ['Bearer ', 'text/plain'],
    ['a= ', 'text/plain'],
    ['\\', 'application/json', '"'],
    ['[', 'application/json'],
    ['"a"', 'application/json'],
    ['<!-- ', 'text/xml', '<a>'],
    ['<b>', 'text/xml', '<a>'],
    ['&lt;', 'text/xml', '<a>'],
    ['<', 'text/html'],
    ['<a value=', 'text/html'],
    ['name=a ', 'text/html', '<', '>'],
    ['--B\r\n\r\n', 'multipart/related; boundary=B']
  ]
  for (const [piece, type, before = '', after = ''] of hostile) {
    const run = (count: number): unknown => redact(before + piece.repeat(count) + after, type, true)
    isLinear(t, `${type}: ${before}${piece}`, run, Math.floor(200_000 / piece.length))
  }
})
