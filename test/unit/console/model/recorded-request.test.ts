import { execFileSync } from 'node:child_process'
import t from 'tap'
import { curlOf, requestOfMessage, whyNotRepeatable } from '../../../../plugins/console/model/recorded-request.js'

const request = (text: string | null): any => ({
  method: 'POST',
  path: '/services/P?a=***',
  request: {
    sameAs: null,
    headers: [
      ['Host', 'gateway:8290'], ['Content-Type', 'text/xml'], ['Content-Length', '12'],
      ['Authorization', { hidden: 'Basic' }], ['X-Quote', "it's $HOME `x`"]
    ],
    body: { text, size: 12, isCut: false, hidden: 0, reason: null }
  }
})

t.test('a recorded request is a whole HTTP request; hidden values are marked', async t => {
  t.equal(
    requestOfMessage(request('<a/>')),
    'POST /services/P?a=*** HTTP/1.1\nHost: gateway:8290\nContent-Type: text/xml\nAuthorization: ***\n' +
      "X-Quote: it's $HOME `x`\n\n<a/>"
  )
})

t.test('a recorded request is a command that sends it; hidden headers are variables', async t => {
  const body = "<a>it's $HOME `id` \\ \"x\"</a>"
  const command = curlOf(request(body)).replace(/^curl/, 'printf "%s\\n"')
  const env = { AUTHORIZATION: 'Basic abc', GATEWAY: 'http://gateway:8290' }
  const words = execFileSync('sh', ['-c', command], { env }).toString().split('\n')
  t.same(words.slice(0, -1), [
    '-g', '-X', 'POST', 'http://gateway:8290/services/P?a=***', '-H', 'Content-Type: text/xml', '-H',
    'Authorization: Basic abc', '-H', "X-Quote: it's $HOME `x`", '--data-raw', body
  ])
  t.notMatch(curlOf(request(null)), /data/)
})

t.test('a request whose body is cut off cannot be sent again; one whose body is not kept can', async t => {
  const { request: part } = request('<a>')
  t.equal(whyNotRepeatable(part), undefined)
  t.match(whyNotRepeatable({ ...part, body: { ...part.body, isCut: true } }), /only the start/)
  t.equal(whyNotRepeatable({ ...part, body: { ...part.body, isCut: true, text: null } }), undefined)
})
