/**
 * How long a scan takes: `node dist/test/bench/scan.js`. Of many rounds the median is printed, and the best.
 * The targets are those of a proxy that must not notice the scan; a figure above its target is marked, nothing fails.
 */
import { EnvelopeScanner, scan } from '../../lib/soap/scan.js'
import { SOAP_NAMESPACE, SYNAPSE_NAMESPACE } from '../../lib/message/soap-version.js'

const microseconds = (work: () => void, times: number): number => {
  const start = process.hrtime.bigint()
  for (let left = times; left > 0; left--) work()
  return Number(process.hrtime.bigint() - start) / 1000 / times
}

function measure (
  what: string,
  work: () => void,
  { times = 1, rounds = 50, target }: { times?: number, rounds?: number, target?: number }
): void {
  const each = Array.from({ length: rounds }, () => microseconds(work, times)).sort((a, b) => a - b)
  const median = each[rounds >> 1]!
  const note = target === undefined ? '' : `  target ${target}${median > target ? '  MISSED' : ''}`
  console.log(
    `${what.padEnd(62)} median ${median.toFixed(2).padStart(10)} µs  best ${each[0]!.toFixed(2).padStart(10)} µs${note}`
  )
}

const start =
  '<?xml version="1.0" encoding="UTF-8"?>\n' +
  `<soapenv:Envelope xmlns:soapenv="${SOAP_NAMESPACE['1.1']}" xmlns:ser="http://services.samples">\n   <soapenv:Header>\n` +
  `      <syn:ClientID xmlns:syn="${SYNAPSE_NAMESPACE}">c1-0001</syn:ClientID>\n   </soapenv:Header>\n   <soapenv:Body>\n`
const end = '   </soapenv:Body>\n</soapenv:Envelope>'
const small = Buffer.from(`${start}${'x'.repeat(700 - start.length - end.length)}${end}`)
measure('700 bytes, one ClientID', () => { scan(small) }, { times: 20000, target: 2.5 })
measure('the same, charset given', () => { scan(small, { charset: 'UTF-8' }) }, { times: 20000 })

let number = 0
const others = Array.from({ length: 1000 }, () => Buffer.from(small.toString().replace('c1-0001', `c-${number++}`)))
measure('1000 different ClientIDs, each', () => { scan(others[number++ % 1000]!) }, { times: 20000, target: 2.5 })

const half = small.length >> 2
measure('the same in two pieces', () => {
  const scanner = new EnvelopeScanner()
  if (!scanner.push(small.subarray(0, half))) scanner.push(small.subarray(half))
  scanner.finish()
}, { times: 20000 })

const large = Buffer.alloc(100e6, 'x')
large.write(start)
measure('100 MB', () => { scan(large) }, { target: 100 })

const tag = Buffer.from(`<a b="${'x'.repeat(65530)}`)
const drip = (bytes: Buffer): void => {
  const scanner = new EnvelopeScanner()
  for (let at = 0; at < bytes.length; at++) if (scanner.push(bytes.subarray(at, at + 1))) break
  scanner.finish()
}
measure('64 KiB of one start tag, byte by byte', () => drip(tag), { rounds: 10, target: 100e3 })

// The worst that 64 KiB can hold, in one piece.
const inHeader = (blocks: string): Buffer =>
  Buffer.from(`<s:Envelope xmlns:s="${SOAP_NAMESPACE['1.1']}"><s:Header>${blocks}`)
const many = (count: number, make: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => make(at)).join('')
const prefixes = many(250, at => ` xmlns:${String(at).padStart(3, 'p')}="u"`.replace(/:(\d)/, ':p$1'))
const hostile: [string, Buffer][] = [
  ['comments', inHeader('<!---->'.repeat(9000))],
  ['small elements', inHeader(`<a>${'<b/>'.repeat(16000)}`)],
  ['references', inHeader(`<a>${'&#65;'.repeat(13000)}</a>`)],
  ['elements with 256 attributes', inHeader(`<a>${`<b${many(256, at => ` a${at}=""`)}/>`.repeat(28)}`)],
  [
    'attributes that differ in their first letters only',
    inHeader(
      `<a${many(256, at => ` ${String.fromCharCode(97 + (at % 26), 97 + ((at / 26) | 0))}${'x'.repeat(240)}=""`)}/>`
    )
  ],
  ['prefixes looked up after 250 others', inHeader(`<a xmlns:ppp="u"${prefixes}>${'<ppp:b/>'.repeat(7000)}`)],
  ['texts, 60 levels deep', inHeader(`${'<a>'.repeat(60)}${'<b>c</b>'.repeat(8000)}`)]
]
for (const [what, bytes] of hostile) measure(`64 KiB of ${what}`, () => { scan(bytes) }, { rounds: 30, target: 10e3 })
