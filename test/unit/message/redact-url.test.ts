import t from 'tap'
import { redactHeaders } from '../../../lib/redaction/redact-headers.js'
import { SecretNames } from '../../../lib/redaction/secret-names.js'
import { redactUrl } from '../../../lib/message/redact-url.js'

t.test('users and values of queries of a URL are hidden, in names, logs and recorded headers', async t => {
  const cases: readonly [url: string, shown: string][] = [
    ['http://u:s3cr3t@host/a', 'http://***@host/a'],
    ['http://u:s3@cr3t@host/a', 'http://***@host/a'],
    ['http://u:s3cr3t@one,http://u:s3cr3t@two/', 'http://***@one,http://***@two/'],
    ['http://host/a@b', 'http://host/a@b'],
    ['http://host/?q=s3cr3t&r=s3@cr3t#f', 'http://host/?q=***&r=***#f'],
    ['{"at":"http://host","by":"me@host"}', '{"at":"http://host","by":"me@host"}']
  ]
  for (const [url, shown] of cases) {
    t.equal(redactUrl(url), shown)
    t.strictSame(redactHeaders(['X-Link', url], new SecretNames([])), [['X-Link', shown]])
  }
})
