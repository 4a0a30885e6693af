/**
 * Looks for configurations that break the reader: mutations of those in config/ and test/fixtures/golden/, as XML and
 * as JSON.
 *
 *     node dist/test/fuzz/definitions.js [--seconds 10] [--executions N] [--seed N]
 *
 * Whatever a file holds, reading and building it gives definitions or problems with a place in it, in bounded time;
 * what was sound before it was written by `convert` is sound afterwards. What fails is kept in its shortest form in
 * test/fuzz/corpus/definitions (below the working folder), which is tried first the next time; the exit code is then 1.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { compile } from '../../lib/compiler/compile.js'
import { parse } from '../../lib/definitions/load.js'
import { ConfigurationError, type Problem } from '../../lib/definitions/problem.js'
import { writeXml } from '../../lib/definitions/write-xml.js'
import { budgetOf } from './budget.js'
import { chanceOf } from './chance.js'
import { Corpus } from './corpus-file.js'

/** Milliseconds that one configuration of some tens of kilobytes may take on a busy machine. */
const PATIENCE = 5_000

const corpus = new Corpus('definitions')
const { seed, goesOn } = budgetOf()
const { below, oneOf } = chanceOf(seed)
const world = { now: () => 0, random: () => 0, uuid: () => '', environment: () => undefined }

const under = (folder: string, endings: readonly string[]): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => endings.some(ending => name.endsWith(ending)))
    .map(name => readFileSync(join(folder, name), 'utf8'))
const golden = under('test/fixtures/golden', ['.txt']).map(text => text.split(/^-{3,}$/m)[0]!)
const seeds = [...under('config', ['.xml', '.json']), ...golden]
const words = [...new Set(seeds.flatMap(text => text.match(/[\w:.-]+/g) ?? []))]

/** A change as a tired person, a broken editor or an attacker makes it. */
function mutated (text: string): string {
  const at = below(text.length + 1)
  const end = Math.min(text.length, at + below(oneOf([2, 20, 400])))
  switch (below(9)) {
    case 0:
      return text.slice(0, at) + text.slice(end)
    case 1:
      return text.slice(0, at) + text.slice(at, end).repeat(oneOf([2, 3, 50])) + text.slice(end)
    case 2:
      return text.slice(0, at) + oneOf(words) + text.slice(at)
    case 3:
      return text.replace(oneOf(words), () => oneOf(words))
    case 4:
      return (
        text.slice(0, at) +
        oneOf([
          '<',
          '>',
          '"',
          '&',
          '{',
          '}',
          '[',
          ']',
          ',',
          '\0',
          '\ud800',
          '<!--',
          ']]>',
          '<![CDATA[',
          '&#0;',
          '&x;',
          'null',
          '1e999',
          '-1'
        ]) +
        text.slice(at)
      )
    case 5:
      return text.slice(0, at)
    case 6:
      return text.slice(0, at) + oneOf(seeds).slice(below(200)) + text.slice(at)
    case 7:
      return text.replace(/"[^"]*"/g, whole => (below(10) === 0 ? `"${oneOf(words)}"` : whole))
    default:
      return text.slice(0, at) + oneOf(['<a>', '{"a":', '[']).repeat(oneOf([10, 300])) + text.slice(at)
  }
}

const isPlaced = ({ line, column, message }: Problem): boolean =>
  line >= 1 && column >= 1 && message !== '' && !message.includes('\n')

/** Why the reader failed on a text; undefined where it did as promised. */
function failure (text: string): string | undefined {
  const begin = Date.now()
  try {
    const { definitions, locations: origins, problems } = parse(text)
    const lost = problems.find(problem => !isPlaced(problem))
    if (lost !== undefined) return `a problem without a place: ${JSON.stringify(lost)}`
    if (problems.some(({ severity }) => severity === 'error')) return undefined
    try {
      compile(definitions, world, { locations: origins })
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error
      return error.problems.every(isPlaced) ? undefined : `a problem of building without a place: ${error.message}`
    }
    const again = parse(writeXml(definitions))
    const wrong = again.problems.find(({ severity }) => severity === 'error')
    return wrong === undefined ? undefined : `what was written is not sound: ${wrong.message}`
  } catch (error) {
    return (error as Error).stack
  } finally {
    if (Date.now() - begin > PATIENCE) console.error(`slow: ${Date.now() - begin} ms for ${text.length} characters`)
  }
}

let tried = 0
let failed = 0
function attempt (text: string): void {
  tried++
  const why = failure(text)
  if (why === undefined) return
  failed++
  const file = corpus.keep(Buffer.from(text), shorter => failure(shorter.toString()) !== undefined)
  console.error(`${file}: ${why.split('\n').slice(0, 4).join('\n  ')}`)
}

for (const { bytes } of corpus.read()) attempt(bytes.toString())
for (const text of seeds) attempt(text)
while (goesOn(tried) && failed < 20) {
  let text = oneOf(seeds)
  for (let left = 1 + below(4); left > 0; left--) text = mutated(text)
  attempt(text.slice(0, 200_000))
}
console.log(`${tried} configurations, seed ${seed}: ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)
