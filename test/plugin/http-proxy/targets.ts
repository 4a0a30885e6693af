import { raw, status, url, type Row } from './row.js'

const target = (path: string): Pick<Row, 'run'> => ({
  async run (side) {
    const { status } = await raw(side, `GET ${path} HTTP/1.1\nHost: a`)
    return { status, received: side.backend.received.map(({ url }) => url) }
  }
})

/** The address of a request. */
export const TARGETS: readonly Row[] = [
  { name: 'a dot segment', ...target('/services/P/../private'), expected: { status: 400, received: [] } },
  {
    name: 'an encoded dot segment',
    ...target('/services/P/%2e%2e/private'),
    expected: { status: 400, received: [] }
  },
  {
    name: 'a dot segment before an encoded slash',
    ...target('/services/P/..%2fprivate'),
    expected: { status: 400, received: [] }
  },
  {
    name: 'a dot segment before a backslash',
    ...target('/services/P/..\\private'),
    expected: { status: 400, received: [] }
  },
  {
    name: 'a dot segment before an encoded backslash',
    ...target('/services/P/..%5cprivate'),
    expected: { status: 400, received: [] }
  },
  {
    name: 'a dot segment in the middle',
    ...target('/services/P/a/../../b'),
    expected: { status: 400, received: [] }
  },
  { name: 'a malformed escape', ...target('/services/P/%zz'), expected: { status: 400, received: [] } },
  {
    name: 'dots that are no segment',
    ...target('/services/P/a..b/...'),
    differs: {
      own: { status: 200, received: ['/base/a..b/...'] },
      why: 'only a whole segment of two dots is refused'
    }
  },
  {
    name: 'a dot segment in the query',
    ...target('/services/P/a?b=../c'),
    expected: { status: 200, received: ['/base/a?b=../c'] }
  },
  { name: 'double slashes', ...target('/services/P//a//b'), expected: { status: 200, received: ['/base//a//b'] } },
  {
    name: 'path parameters',
    ...target('/services/P/a;jsessionid=1'),
    expected: { status: 200, received: ['/base/a;jsessionid=1'] }
  },
  {
    name: 'encoded characters',
    ...target('/services/P/a%2Fb%20c'),
    expected: { status: 200, received: ['/base/a%2Fb%20c'] }
  },
  {
    name: 'an absolute-form target',
    ...target('http://a/services/P/x'),
    differs: { own: { status: 200, received: ['/base/x'] }, why: 'RFC 9112, section 3.2.2: a server must accept it' }
  },
  { name: 'the prefix alone', ...target('/services/P'), expected: { status: 200, received: ['/base'] } },
  { name: 'the prefix with a slash', ...target('/services/P/'), expected: { status: 200, received: ['/base/'] } },
  { name: 'a query alone', ...target('/services/P?a=1'), expected: { status: 200, received: ['/base?a=1'] } },
  { name: 'an encoded prefix', ...target('/serv%69ces/P/x'), expected: { status: 200, received: ['/base/x'] } },
  {
    name: 'two different Host headers',
    run: async side => (await raw(side, `GET ${url} HTTP/1.1\nHost: a\nHost: b`)).status,
    differs: { own: 400, why: 'RFC 9112, section 3.2' }
  },
  { name: 'another prefix', run: side => status(side, '/services/PP/x'), expected: 404 }
]
