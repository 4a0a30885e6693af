import { readFileSync } from 'node:fs'
import t from 'tap'
import { CODES } from '../../../../lib/message/fault.js'
import { FAILURE_CODES, sentenceOf } from '../../../../plugins/console/model/failure-codes.js'

t.test('the codes are those of docs/failures.md, each with a sentence', async t => {
  const text = readFileSync(new URL('../../../../../docs/failures.md', import.meta.url), 'utf8')
  const [page = ''] = text.slice(text.indexOf('| What happens |')).split('\n\n')
  const inPage = new Set([...page.matchAll(/^\| [^|]+ \| (\d{6}) \|/gm)].map(([, code]) => Number(code)))
  t.ok(inPage.size > 5)
  const known = FAILURE_CODES.map(([code]) => code)
  t.strictSame(known.toSorted(), [...inPage, CODES.FAILURE_STATUS].toSorted())
  t.match(sentenceOf(101503), /no connection/)
  t.equal(sentenceOf(1), undefined)
})
