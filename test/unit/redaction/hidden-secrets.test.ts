import t, { type Test } from 'tap'
import { redactBody } from '../../../lib/redaction/redact-body.js'
import { redactPath } from '../../../lib/redaction/redact-headers.js'
import { SecretNames } from '../../../lib/redaction/secret-names.js'
import { redactUrl } from '../../../lib/message/redact-url.js'
import { isLinear } from '../../support/timing/linear-time.js'

const names = new SecretNames(['Número'])

function redact (text: string | Buffer, type: string | undefined, isCut = false): string {
  const result = redactBody({ bytes: Buffer.from(text), isCut, type }, names)
  return 'text' in result ? result.text : `not kept: ${result.reason}`
}

/** Each text contains `hunter2`, and none of it is shown. */
function hides (t: Test, type: string, texts: readonly string[], isCut = false): void {
  for (const text of texts) t.notMatch(redact(text, type, isCut), /hunt|nter2/, text)
}

t.test('a secret after a harmless name is hidden', async t => {
  t.equal(redact('Login failed: password=hunter2', 'text/plain'), 'Login failed: password=***')
  t.equal(redact('error: token=abc; a: b', 'text/plain'), 'error: token=***; a: b')
  t.equal(redact('msg="password=hunter2" level=info', 'text/plain'), 'msg="password=***" level=info')
  hides(t, 'text/plain', [
    'db: {password: hunter2}', 'db:\n  password: {a: b, c: hunter2}', 'keys: [a, "hunter2"]', ':password => "hunter2"',
    '"{\\"a\\":\\"b\\",\\"password\\":\\"hunter2\\"}"', 'password="a\\"hunter2"', 'user[password]=hunter2',
    'cb({"password":["hunter2"]})', 'contraseña.token=hunter2', 'número: hunter2', 'code: 1, PHPSESSID=hunter2',
    'SAMLResponse: hunter2', '{&quot;password&quot;:&quot;hunter2&quot;}'
  ])
  t.equal(
    redact('{"link":"https://h/reset?token=hunter2","code":500}', 'application/json'),
    '{"link":"https://h/reset?token=***","code":500}'
  )
})

t.test('credentials are hidden up to the end of their line, users of addresses up to the last "@"', async t => {
  hides(t, 'text/plain', [
    'Authorization: Token hunter2', 'Authorization: ApiKey a hunter2', 'Authorization: Basic hunt=',
    'Authorization: Digest username="a", response="hunter2"', 'Cookie: a=b; c=hunter2', 'http://u:p@hunter2@host/'
  ])
  t.equal(redact('Authorization: Token hunter2\r\nAccept: a', 'text/plain'), 'Authorization: ***\r\nAccept: a')
  hides(t, 'text/plain', ['see http://u:hunter2', 'x eyJhunter2', 'x eyJhbGci.eyJhunter2', 'Bearer hunt'], true)
})

t.test('values of queries in addresses that bodies contain are hidden', async t => {
  t.equal(redact('see /a?x=hunter2&y=hunter2#z', 'text/plain'), 'see /a?x=***&y=***#z')
  t.equal(redact('<a>http://h/?x=hunter2&amp;y=hunter2</a>', 'text/xml'), '<a>http://h/?x=***&amp;y=***</a>')
  t.equal(redact('<a href="/?x=hunter2&amp;y=hunter2">b</a>', 'text/html'), '<a href="/?x=***&amp;y=***">b</a>')
})

t.test('JSON and XML are recognized, and their secrets hidden, in all media types of text', async t => {
  const json = '[1,{"password":["hunter2"]}]'
  const hidden = '[1,{"password":["***"]}]'
  for (const type of ['text/plain', 'text/x-json', 'text/markdown']) t.equal(redact(json, type), hidden, type)
  t.equal(redact('<a><password>hunter2</password></a>', 'text/plain'), '<a><password>***</password></a>')
  t.equal(redact('[12:30] a b', 'text/plain'), '[12:30] a b', 'a line of a log is not JSON')
  t.equal(
    redact('event: a\ndata: {"password":\ndata: ["hunter2"]}\n\ndata: b\n', 'text/event-stream'),
    'event: a\ndata: {"password":\ndata: ["***"]}\n\ndata: b\n'
  )
  t.equal(
    redact(`--B\r\n\r\n${json}\r\n--B--`, 'multipart/mixed; boundary=B'), `--B\r\n\r\n${hidden}\r\n--B--`
  )
})

t.test('values of forms are searched as they are meant', async t => {
  const type = 'application/x-www-form-urlencoded'
  t.equal(
    redact('a=b%20c&xml=%3Cpassword%3Ehunter2%3C%2Fpassword%3E', type),
    'a=b%20c&xml=%3Cpassword%3E***%3C%2Fpassword%3E'
  )
  t.equal(redact('h=Basic+aHVudGVyMg%3D%3D', type), 'h=Basic+***')
  t.equal(redact('code=hunter2&user%5Bpassword%5D=hunter2', type), 'code=***&user%5Bpassword%5D=***')
  t.equal(redact('{"password":"hunter2","a":"b=c"}', type), '{"password":"***","a":"b=c"}', 'JSON in fact')
  hides(t, type, ['xml=%3Cpassword%3Ehunter2%3C/password%3E%', 'password%3Dhunter2', 'x=%ff%7B%22password%22:%22hunter2'])
})

t.test('parts with heads that receivers may read differently are not kept', async t => {
  const part = (head: string): string => `--B\r\n${head}\r\n\r\nhunter2\r\n--B--`
  const disposition = 'Content-Disposition: form-data;'
  const type = 'multipart/form-data; boundary=B'
  for (const head of [
    `${disposition} name="a"; name="password"`, `${disposition} name="password`, `${disposition}\r\n name="password"`,
    `${disposition} name*=UTF-8''p%61ssword`, `${disposition} name="número"`, `${disposition} name="=?utf-8?Q?pin?="`,
    `${disposition} name="a"\r\n${disposition} name="password"`, 'no header'
  ]) t.notMatch(redact(part(head), type), /hunter2/, head)
  t.notMatch(redact(Buffer.from(part(`${disposition} name="número"`), 'latin1'), type), /hunter2/, 'in Latin-1')
  t.notMatch(redact(`--B\r\n${disposition} name="pin"\r\n\r\na\r\n--Bc\r\n\r\nhunter2\r\n--B--`, type), /hunter2/)
  t.match(redact(part(`${disposition} name="año"`), type), /hunter2/, 'others are')
})

t.test('values beside an element that names them are hidden in XML, in any order', async t => {
  const item = (value: string): string =>
    `<a><item><value x="${value}">${value}</value><name>password</name><v y="${value}"><b>${value}</b></v></item>` +
    '<item><name>color</name><value>red</value></item></a>'
  t.equal(redact(item('hunter2'), 'text/xml'), item('***'))
  hides(t, 'text/xml', [
    '<a><item><key>password</key><value>hunter2</value></item></a>',
    '<a><p><param-name><![CDATA[pass]]>word</param-name><param-value>hunter2</param-value></p></a>'
  ])
})

t.test('session ids and tokens in paths are hidden', async t => {
  t.equal(redactPath('/a;jsessionid=hunter2/b?c=hunter2', names), '/a;jsessionid=***')
  t.equal(redactPath('/a/eyJhbGci.eyJodW50ZXIy.c2ln/b', names), '/a/***/b')
  t.equal(redactPath('/a/b.c;v=1', names), '/a/b.c;v=1')
})

t.test('HTML is read as browsers read it', async t => {
  hides(t, 'text/html', [
    '<input title="a>b" name="password" value="hunter2">', '<input name="user[pin]" value="hunter2">',
    '<textarea name="password"><b>hunter2</textarea>', '<p id=password>hunter2</p>', '<!-- hunter2 -->',
    '<input value="hunter2"'
  ])
  hides(t, 'text/html', ['<p>a</p><input value="hunter2" na', '<!-- hunter2 '], true)
  t.equal(redact('<!-- it\'s --><p>a < b</p>', 'text/html'), '<!--***--><p>a < b</p>')
})

t.test('the time is linear in the number of question marks, names and tags', async t => {
  const hostile: readonly (readonly [string, (text: string) => unknown])[] = [
    ['?', text => redactPath(`/${text}`, names)],
    ['?', text => redactUrl(`http://h/${text}`)],
    ['&', text => redact(text, 'text/plain')],
    ['a: ', text => redact(text, 'text/plain')],
    ['password:[', text => redact(text, 'text/plain')],
    ['\\"', text => redact(`password:["${text}`, 'text/plain')],
    ['://a@', text => redact(text, 'text/plain', true)],
    ['eyJaaaa.', text => redact(text, 'text/plain', true)],
    ['<a "', text => redact(text, 'text/html')],
    ['<textarea name=pin>', text => redact(text, 'text/html')],
    ['\uFFFD', text => redact(`<a>${text}a`, 'text/xml', true)],
    ['<name>pin</name><b>', text => redact(`<a>${text}`, 'text/xml', true)],
    ['<b x="1"/><name>pin</name>', text => redact(`<a>${text}`, 'text/xml', true)],
    ['data:\n', text => redact(text, 'text/event-stream')]
  ]
  for (const [piece, run] of hostile) isLinear(t, piece.trim(), count => run(piece.repeat(count)), 32_000)
})

t.test('a name with an index is compared without being remembered, a name of the list is known', async t => {
  const names = new SecretNames(['pin'])
  t.equal(names.matches('user[pin]'), true)
  t.equal(names.matches('spin'), false)
  t.equal(names.has('PIN'), true)
})
