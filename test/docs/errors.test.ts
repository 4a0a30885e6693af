import { readFileSync } from 'node:fs'
import t from 'tap'

const textOf = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')
const codesIn = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, code]) => code!).sort()

t.test('docs/fastify.md lists every error of the plugin with its code and status', async t => {
  const sources = textOf('plugins/errors.ts') + textOf('lib/definitions/model/problem.ts')
  // A code may stand in a type, too.
  const codes = [...new Set(codesIn(sources, /'(PROXY_SERVICES_\w+)'/g))]
  t.ok(codes.length > 5)
  t.same(codesIn(textOf('docs/fastify.md'), /^\| `(PROXY_SERVICES_\w+)` \| \d{3} \|/gm), codes)
})
