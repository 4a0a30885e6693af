import t from 'tap'
import { redactHeaders } from '../../../lib/redaction/redact-headers.js'
import { SecretNames } from '../../../lib/redaction/secret-names.js'

t.test('values of secret headers are hidden; schemes and the names of cookies stay', async t => {
  const given = [
    ['Authorization', 'Basic s3cr3t'], ['Proxy-Authorization', 's3cr3t'], ['Cookie', 'JSESSIONID=s3cr3t; theme=s3cr3t'],
    ['Set-Cookie', 's3cr3t'], ['X-Api-Key', 's3cr3t'], ['x-visit', 's3cr3t'], ['Location', 'http://host/s3cr3t'],
    ['Referer', 'http://u:s3cr3t@host/?q=s3cr3t'], ['X-Note', 'password=s3cr3t'], ['Content-Type', 'text/xml'],
    ['X-Author', 'anna']
  ]
  t.same(redactHeaders(given.flat(), new SecretNames(['X-Visit'])), [
    ['Authorization', { hidden: 'Basic' }],
    ['Proxy-Authorization', { hidden: '' }],
    ['Cookie', { hidden: 'JSESSIONID, theme' }],
    ['Set-Cookie', { hidden: '' }],
    ['X-Api-Key', { hidden: '' }],
    ['x-visit', { hidden: '' }],
    ['Location', { hidden: '' }],
    ['Referer', 'http://***@host/?q=***'],
    ['X-Note', 'password=***'],
    ['Content-Type', 'text/xml'],
    ['X-Author', 'anna']
  ])
})
