import { raw, status, url, type Row } from './row.js'

const target = (path: string): Pick<Row, 'run'> => ({
  async run (side) {
    const { status } = await raw(side, `GET ${path} HTTP/1.1\nHost: a`)
    return { status, received: side.backend.received.map(({ url }) => url) }
  }
})

const refused = (name: string, path: string): Row => ({
  name,
  ...target(path),
  expected: { status: 400, received: [] }
})

/** @param received the address that the back-end gets */
const forwarded = (name: string, path: string, received: string): Row => ({
  name,
  ...target(path),
  expected: { status: 200, received: [received] }
})

/** The address of a request. */
export const TARGETS: readonly Row[] = [
  refused('a dot segment', '/services/P/../private'),
  refused('an encoded dot segment', '/services/P/%2e%2e/private'),
  refused('a dot segment before an encoded slash', '/services/P/..%2fprivate'),
  refused('a dot segment before a backslash', '/services/P/..\\private'),
  refused('a dot segment before an encoded backslash', '/services/P/..%5cprivate'),
  refused('a dot segment in the middle', '/services/P/a/../../b'),
  refused('a malformed escape', '/services/P/%zz'),
  {
    name: 'dots that are no segment',
    ...target('/services/P/a..b/...'),
    differs: {
      own: { status: 200, received: ['/base/a..b/...'] },
      why: 'only a whole segment of two dots is refused'
    }
  },
  forwarded('a dot segment in the query', '/services/P/a?b=../c', '/base/a?b=../c'),
  forwarded('double slashes', '/services/P//a//b', '/base//a//b'),
  forwarded('path parameters', '/services/P/a;jsessionid=1', '/base/a;jsessionid=1'),
  forwarded('encoded characters', '/services/P/a%2Fb%20c', '/base/a%2Fb%20c'),
  {
    name: 'an absolute-form target',
    ...target('http://a/services/P/x'),
    differs: { own: { status: 200, received: ['/base/x'] }, why: 'RFC 9112, section 3.2.2: a server must accept it' }
  },
  forwarded('the prefix alone', '/services/P', '/base'),
  forwarded('the prefix with a slash', '/services/P/', '/base/'),
  forwarded('a query alone', '/services/P?a=1', '/base?a=1'),
  forwarded('an encoded prefix', '/serv%69ces/P/x', '/base/x'),
  {
    name: 'two different Host headers',
    run: async side => (await raw(side, `GET ${url} HTTP/1.1\nHost: a\nHost: b`)).status,
    differs: { own: 400, why: 'RFC 9112, section 3.2' }
  },
  { name: 'another prefix', run: side => status(side, '/services/PP/x'), expected: 404 }
]
