import t from 'tap'
import { parse, parseInSlices } from '../../../../lib/definitions/load.js'

const proxies = (count: number): string =>
  `{"proxies":{${Array.from({ length: count }, (_, at) => `"P${at}":{"in":[{"kind":"drop"}]}`).join(',\n')}}}`
const errorsOf = (text: string): string[] =>
  parse(text, 'f').problems.map(({ line, column, message }) => `${line}:${column} ${message}`)

t.test('JSON is read in steps of one artefact', async t => {
  const steps = parseInSlices(proxies(500), 'f')
  let count = 0
  let step = steps.next()
  for (; step.done !== true; step = steps.next()) count++
  t.ok(count >= 1000, `${count} steps find and read 500 artefacts`)
  t.equal(Object.keys(step.value.definitions.proxies ?? {}).length, 500)
})

t.test('malformed JSON in an artefact, or between two, is reported at its place, and nothing is read', async t => {
  for (const [text, problem] of [
    ['{"proxies":{"A":{"in":[]},\n"B":{"in":[}}}}', /^2:12 malformed JSON/],
    ['{"proxies":{"A":{"in":[]}\n"B":{"in":[]}}}', /^2:1 malformed JSON: comma expected/],
    ['{"proxies":{"A":{"in":[]}}', /malformed JSON: close brace expected/],
    ['{"proxies":{"A":{"in":[]}}}\n{}', /^2:1 malformed JSON: end of file expected/],
    ['{"proxies":{"A":{"description":"\n"}}}', /malformed JSON/],
    ['{"proxies":{"A":{"in":[]}}} /* never ends', /malformed JSON/],
    ['{"proxies":{A:{}}}', /malformed JSON/],
    ['{"defaults":{"timeout":01x}}', /malformed JSON/],
    ['', /malformed JSON/],
    ['[]', /a configuration is an object/],
    ['{"proxies":[]}', /"proxies" must be an object/],
    ['{"proxies":{"A":1}}', /^1:17 invalid value 1 for "A" at proxies/]
  ] as const) {
    t.match(errorsOf(text), [problem], text)
    t.strictSame(parse(text, 'f').definitions, {}, text)
  }
})

t.test('comments and trailing commas may stand between artefacts and in them', async t => {
  const text = '// a\n{/* b */"proxies" /* c */: {"A": {"in": [{"kind": "drop",},], /* } */}, }, "defaults": {"timeout": 1,},}\n// d'
  t.strictSame(errorsOf(text), [])
  t.strictSame(parse(text).definitions, { proxies: { A: { in: [{ kind: 'drop' }] } }, defaults: { timeout: 1 } })
})

t.test('what is nested too deep is refused, wherever it stands', async t => {
  const deep = '['.repeat(100_000)
  for (const text of [deep, `{"a":${deep}`, `{"proxies":{"A":${deep}`, `{"proxies":{"A":{}}, ${deep}`, `x${deep}`]) {
    t.match(errorsOf(text), [/nested more than 200 deep/], text.slice(0, 30))
  }
})
