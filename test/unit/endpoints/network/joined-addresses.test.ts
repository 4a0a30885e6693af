import t from 'tap'
import { around, requestsOf, play, program, request } from '../../../support/flows/endpoint-harness.js'

t.test('joined-addresses: paths are joined by one slash, queries by "&"', async t => {
  const cases: [uri: string, path: string, query: string, expected: string][] = [
    ['http://h/base', '/x', '', '/base/x'],
    ['http://h/base/', '/x', '', '/base/x'],
    ['http://h/base/', '', '', '/base/'],
    ['http://h', '/x', '?b=2', '/x?b=2'],
    ['http://h/base?a=1', '/x', '?b=2', '/base/x?a=1&b=2'],
    ['http://h/base?a=1', '', '?b=2', '/base?a=1&b=2'],
    ['http://h/base?a=1', '/x', '', '/base/x?a=1'],
    ['http://h/base?a=1', '/x', '?', '/base/x?a=1'],
    ['http://h/base', '//x', '', '/base//x']
  ]
  for (const [uri, path, query, expected] of cases) {
    const message = request({ headers: ['Content-Type', 'application/json'], path, query, read: false })
    const played = play(program(around(`<endpoint><address uri="${uri.replaceAll('&', '&amp;')}"/></endpoint>`)), message)
    t.same(requestsOf(played).map(each => each.replace(/^POST http:\/\/h/, '')), [expected], `${uri} ${path}${query}`)
  }
})
