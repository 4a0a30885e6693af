import t from 'tap'
import type { HeaderScanner } from '../../lib/soap/content-type.js'
import { ResponseBuffering, type ReadPlan, type ReadVerdict } from '../../plugins/http/upstream/response-buffering.js'

const PLAN: ReadPlan = { bufferAll: false, bodyRequired: false, scanner: undefined, limit: 10, reserve: () => true }

/** Is satisfied by the first chunk with a `>`. */
const scanner = (): HeaderScanner => ({ push: chunk => chunk.includes('>'), finish: () => undefined })
const room =
  (bytes: number) =>
    (wanted: number): boolean =>
      (bytes -= wanted) >= 0

const CASES: Array<[string, Partial<ReadPlan>, string[], ReadVerdict[]]> = [
  [
    'a header is read to its end, then the rest streams',
    { scanner: scanner() },
    ['<a', ' b', '>'],
    ['more', 'more', 'stream']
  ],
  [
    'a required body is buffered to its limit',
    { bufferAll: true, bodyRequired: true },
    ['12345', '67890', '1'],
    ['more', 'more', 'too-large']
  ],
  [
    'a required body without room is refused',
    { bufferAll: true, bodyRequired: true, reserve: room(3) },
    ['12', '34'],
    ['more', 'no-room']
  ],
  [
    'a body that would be converted streams beyond the limit',
    { bufferAll: true },
    ['1234567890', '1'],
    ['more', 'stream']
  ],
  ['a body that would be converted streams without room', { bufferAll: true, reserve: room(0) }, ['1'], ['stream']],
  [
    'beyond the limit, the header is still read to its end',
    { bufferAll: true, scanner: scanner() },
    ['1234567890', '1', '>'],
    ['more', 'more', 'stream']
  ]
]

for (const [name, plan, chunks, verdicts] of CASES) {
  t.test(name, async t => {
    const reader = new ResponseBuffering({ ...PLAN, ...plan })
    t.same(
      chunks.map(chunk => reader.accept(Buffer.from(chunk))),
      verdicts
    )
  })
}

t.test('no body is read where nothing needs it', async t => {
  t.ok(new ResponseBuffering(PLAN).isComplete)
  t.notOk(new ResponseBuffering({ ...PLAN, bufferAll: true }).isComplete)
  t.notOk(new ResponseBuffering({ ...PLAN, scanner: scanner() }).isComplete)
})
