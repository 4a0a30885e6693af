import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import t from 'tap'
import { decodedStart } from '../../../plugins/recording/decoded-start.js'

const LIMIT = 16_384
const SMALL = Buffer.from('<a>text</a>')
const LARGE = Buffer.from('<item>some text that repeats</item>'.repeat(200_000))

t.test('a coded body is decoded, whatever becomes of it beyond what is kept', async t => {
  const codings = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync }
  for (const [coding, encode] of Object.entries(codings)) {
    t.same(decodedStart(encode(SMALL), coding, LIMIT), { bytes: SMALL, isCut: false }, coding)
    if (coding === 'br') continue
    t.same(
      decodedStart(encode(LARGE).subarray(0, LIMIT), coding, LIMIT),
      { bytes: LARGE.subarray(0, LIMIT), isCut: true },
      `${coding} of 7 MB`
    )
  }
  t.same(decodedStart(deflateRawSync(LARGE), 'deflate', LIMIT)?.bytes, LARGE.subarray(0, LIMIT), 'without its header')
})

t.test('a few bytes that stand for very many are cut off, and not an error', async t => {
  t.match(decodedStart(brotliCompressSync(LARGE), 'br', LIMIT), { isCut: true })
})

t.test('an unknown coding and invalid bytes are not decoded', async t => {
  t.equal(decodedStart(SMALL, 'zstd', LIMIT), undefined)
  t.equal(decodedStart(SMALL, 'constructor', LIMIT), undefined)
  t.equal(decodedStart(SMALL, 'gzip', LIMIT), undefined)
})
