import t from 'tap'
import { ResponseRejected } from '../../../plugins/http/client/client-error.js'
import { ResponseReader, type ReaderEvents } from '../../../plugins/http/client/response/response-reader.js'
import type { ResponseHead } from '../../../plugins/http/client/response/response-head.js'
import { processorTime } from '../../support/timing/processor-time.js'
import { RESPONSE_CASES, type ResponseCase } from './response-cases.js'

class Recorder implements ReaderEvents {
  readonly said: string[] = []
  readonly heads: ResponseHead[] = []
  bytes = Buffer.alloc(0)
  parts = 0
  reusable: boolean | undefined

  interim ({ status }: ResponseHead): boolean {
    return this.said.push(String(status)) > 0
  }

  head (head: ResponseHead): boolean {
    this.heads.push(head)
    return this.said.push(String(head.status)) > 0
  }

  body (chunk: Buffer): boolean {
    this.bytes = Buffer.concat([this.bytes, chunk])
    return ++this.parts > 0
  }

  end (reusable: boolean): void {
    this.reusable = reusable
  }
}

type Bytes = Pick<ResponseCase, 'bytes' | 'method' | 'end'>

/**
 * What a reader makes of a case that comes in these pieces, in a buffer that is overwritten after each.
 * @param before a complete response that the reader has read before. Default: none
 */
function outcome (
  { method = 'GET', bytes, end }: Bytes,
  cuts: readonly number[],
  before?: string
): [string, Recorder] {
  let recorder = new Recorder()
  const reader = new ResponseReader(
    {
      interim: head => recorder.interim(head),
      head: head => recorder.head(head),
      body: chunk => recorder.body(chunk),
      end: reusable => recorder.end(reusable)
    },
    65_536
  )
  if (before !== undefined) {
    reader.begin(method)
    reader.read(Buffer.from(before, 'latin1'), 0, before.length)
    recorder = new Recorder()
  }
  const shared = Buffer.alloc(bytes.length + 10)
  let error = ''
  reader.begin(method)
  try {
    let from = 0
    for (const to of [...cuts, bytes.length]) {
      if (to <= from || recorder.reusable !== undefined) continue
      shared.fill('#')
      shared.write(bytes.slice(from, to), 5, 'latin1')
      reader.read(shared, 5, 5 + to - from)
      from = to
    }
    if (end !== undefined && recorder.reusable === undefined) {
      if (reader.finish(end === 'fin')) recorder.end(false)
      else error = end === 'fin' ? 'EOF' : 'ECONNRESET'
    }
  } catch (cause) {
    if (!(cause instanceof ResponseRejected)) throw cause
    error = cause.rule
  }
  const said = recorder.said.join(' ')
  const body = recorder.bytes.toString('latin1')
  if (error === '') return [`${said} ${body}`, recorder]
  return [[said, body, error].filter(part => part !== '').join(' '), recorder]
}

const everyByte = (length: number): number[] => Array.from({ length }, (_, at) => at)

t.test('a response means the same however it is cut', async t => {
  for (const each of RESPONSE_CASES) {
    const [whole] = outcome(each, [])
    t.equal(whole, each.want, `${each.name}: in one piece`)
    const wrong: number[] = []
    const { length } = each.bytes
    for (let cut = 1; cut < length; cut++) if (outcome(each, [cut])[0] !== whole) wrong.push(cut)
    t.same(wrong, [], `${each.name}: in two pieces, at every byte`)
    t.equal(outcome(each, everyByte(length))[0], whole, `${each.name}: byte by byte`)
  }
})

t.test('three pieces, at all pairs of bytes, mean the same as one', async t => {
  for (const each of RESPONSE_CASES.filter(({ bytes }) => bytes.length < 90)) {
    const { name, bytes, want } = each
    let wrong = 0
    for (let first = 1; first < bytes.length; first++) {
      for (let second = first + 1; second < bytes.length; second++) {
        if (outcome(each, [first, second])[0] !== want) wrong++
      }
    }
    t.equal(wrong, 0, name)
  }
})

t.test('a response means the same after an equal one on its connection, however it is cut', async t => {
  for (const each of RESPONSE_CASES) {
    const [, { reusable }] = outcome(each, [])
    if (reusable !== true) continue
    const wrong: number[] = []
    for (let cut = 0; cut < each.bytes.length; cut++) {
      if (outcome(each, [cut], each.bytes)[0] !== each.want) wrong.push(cut)
    }
    t.same(wrong, [], each.name)
  }
})

t.test('a head that differs in any byte from the one before is read again', async t => {
  const bytes = 'HTTP/1.1 200 OK\r\nA: b\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc'
  const headEnd = bytes.indexOf('abc')
  for (const other of ['x', '0', ' ', '\r', '\n', ':', '\0']) {
    for (let at = 0; at < headEnd; at++) {
      const changed = { bytes: bytes.slice(0, at) + other + bytes.slice(at + 1), end: 'fin' } as const
      const [said, { heads }] = outcome(changed, [], bytes)
      const [fresh, { heads: wanted }] = outcome(changed, [])
      if (said !== fresh || JSON.stringify(heads) !== JSON.stringify(wanted)) t.fail(`byte ${at}: ${said}`)
    }
  }
  const [
    ,
    {
      heads: [head]
    }
  ] = outcome({ bytes }, [], bytes)
  t.match(head, { status: 200, persistent: false, contentLength: 3 })
})

t.test('headers keep their order, their casing and their repetitions', async t => {
  const fields = ['X-b: 1', 'x-B:2  ', 'Set-Cookie: a=b; c', 'sEt-CookIE: d', 'Content-Length: 0']
  const bytes = `HTTP/1.1 200 Fine\r\n${fields.join('\r\n')}\r\n\r\n`
  const [
    ,
    {
      heads: [head]
    }
  ] = outcome({ bytes }, [20])
  t.same(head!.headers, ['X-b', '1', 'x-B', '2', 'Set-Cookie', 'a=b; c', 'sEt-CookIE', 'd', 'Content-Length', '0'])
  t.equal(head!.reason, 'Fine')
  t.equal(head!.minor, 1)
})

t.test('what RFC 9112 lets a client repair is repaired in the headers that it hands on', async t => {
  const bytes = 'HTTP/1.1 200 OK\r\nA : b\r\nContent-Length: 0, 0\r\ncontent-length: 00\r\nC \t: d\r\n\r\n'
  const [
    ,
    {
      heads: [head]
    }
  ] = outcome({ bytes }, [])
  t.same(head!.headers, ['A', 'b', 'Content-Length', '0', 'C', 'd'])
})

t.test('a head beyond the limit is refused, whole or dripped', async t => {
  const big = `HTTP/1.1 200 OK\r\nA: ${'x'.repeat(70_000)}\r\n\r\n`
  const many = `HTTP/1.1 200 OK\r\n${'a:\r\n'.repeat(1001)}\r\n`
  const reason = `HTTP/1.1 200 ${'x'.repeat(70_000)}`
  const trailers = `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: ${'x'.repeat(70_000)}\r\n\r\n`
  for (const [name, bytes, want] of [
    ['one field', big, 'HEAD_TOO_LARGE'],
    ['the reason', reason, 'HEAD_TOO_LARGE'],
    ['many fields', many, 'TOO_MANY_FIELDS'],
    ['trailers', trailers, '200 TRAILERS_TOO_LARGE']
  ] as const) {
    t.equal(outcome({ bytes }, [])[0], want, `${name}: in one piece`)
    const time = processorTime(() => {
      t.equal(outcome({ bytes }, everyByte(bytes.length))[0], want, `${name}: byte by byte`)
    })
    t.ok(time < 3000, `${name}: time is linear in the size`)
  }
  const frame = 'HTTP/1.1 200 OK\r\nA: \r\nContent-Length: 0\r\n\r\n'.length
  for (const cuts of [[], [60_000, 65_000], [65_535]]) {
    const sized = (size: number): string =>
      `HTTP/1.1 200 OK\r\nA: ${'x'.repeat(size - frame)}\r\nContent-Length: 0\r\n\r\n`
    t.equal(outcome({ bytes: sized(65_536) }, cuts)[0], '200 ', 'a head of 64 KB is allowed')
    t.equal(outcome({ bytes: sized(65_537) }, cuts)[0], 'HEAD_TOO_LARGE', 'one byte more is not')
  }
})

t.test('chunks that come together are delivered as one part', async t => {
  const body = '1\r\nx\r\n'.repeat(10_000)
  const bytes = `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${body}0\r\n\r\n`
  const [read, { parts, reusable }] = outcome({ bytes }, [])
  t.equal(read, `200 ${'x'.repeat(10_000)}`)
  t.equal(parts, 1)
  t.equal(reusable, true)
  t.ok(processorTime(() => outcome({ bytes }, [])) < 1000)
})
