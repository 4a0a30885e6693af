import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import t from 'tap'
import { problemsOf } from '../../../lib/compiler/find-problems.js'
import { parse } from '../../../lib/definitions/load.js'
import { formatProblem } from '../../../lib/definitions/model/problem.js'
import { writeXml } from '../../../lib/definitions/write-xml.js'
import { FIXED_RUNTIME } from '../../support/flows/fixed-runtime.js'

/**
 * Golden pairs: XML, a line of dashes, and what it is as JSON; or everything that is wrong with it.
 * `UPDATE_GOLDEN=1` rewrites what is below the dashes.
 */
const FOLDER = new URL('../../../../test/fixtures/golden/', import.meta.url)
const DASHES = '\n----------\n'
const documents =
  new Map([['file:sample_proxy_2.wsdl',
    readFileSync(new URL('../../../../config/repository/samples/resources/proxy/sample_proxy_2.wsdl', import.meta.url),
      'utf8')]])
const runtime = { ...FIXED_RUNTIME, environment: (name: string) => `http://localhost/${name}` }

for (const file of readdirSync(FOLDER).filter(name => name.endsWith('.txt')).sort()) {
  t.test(`golden: ${file}`, async t => {
    const [input = '', expected = ''] = readFileSync(new URL(file, FOLDER), 'utf8').split(DASHES)
    const loaded = parse(input, '')
    const problems = problemsOf(loaded, runtime, { documents })
    const isSound = problems.every(({ severity }) => severity !== 'error')
    const json = JSON.stringify(loaded.definitions, null, 2)
    const output = [...problems.map(problem => formatProblem(problem).slice(1)), ...isSound ? [json] : []].join('\n') +
      '\n'
    if (process.env['UPDATE_GOLDEN']) writeFileSync(new URL(file, FOLDER), input + DASHES + output)
    else t.equal(output, expected)
    if (!isSound) return
    t.strictSame(parse(json).definitions, loaded.definitions, 'its JSON is read as the same')
    const again = parse(writeXml(loaded.definitions))
    t.strictSame(again.problems, [], 'its XML is sound')
    t.strictSame(again.definitions, loaded.definitions, 'its XML is read as the same')
  })
}
