import { compile } from '../../../lib/compiler/compile.js'
import { parse } from '../../../lib/definitions/load.js'
import { ConfigurationError, type Problem } from '../../../lib/definitions/model/problem.js'
import { writeXml } from '../../../lib/definitions/write-xml.js'
import { expect, type Target } from '../target.js'
import { configurations } from './seeds.js'
import { JSON_SNIPPETS, XML_SNIPPETS } from './snippets.js'
import { FIXED_RUNTIME } from '../../support/flows/fixed-runtime.js'

const isPlaced = ({ line, column, message }: Problem): boolean =>
  line >= 1 && column >= 1 && message !== '' && !message.includes('\n')

/**
 * Whatever a file holds, reading and building it gives definitions or problems with a place in it; what was sound
 * before it was written by `convert` is sound afterwards.
 */
function run (input: Buffer): void {
  const { definitions, locations, problems } = parse(input.toString('utf8'))
  for (const each of problems) expect(isPlaced(each), () => `a problem without a place: ${JSON.stringify(each)}`)
  if (problems.some(({ severity }) => severity === 'error')) return
  try {
    compile(definitions, FIXED_RUNTIME, { locations })
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    for (const each of error.problems) {
      expect(isPlaced(each), () => `a problem of building without a place: ${each.message}`)
    }
    return
  }
  const wrong = parse(writeXml(definitions)).problems.find(({ severity }) => severity === 'error')
  expect(wrong === undefined, () => `what was written is not sound: ${wrong!.message}`)
}

const words = (texts: readonly string[]): string[] => [
  ...new Set(texts.flatMap(text => text.match(/[\w:.-]+/g) ?? []))
]

const XML = configurations('.xml')
const JSONS = configurations('.json')
const MAX_LENGTH = 32_768

export const CONFIGURATION_XML: Target = {
  name: 'configuration-xml',
  looksFor: 'configurations in XML that break the reader, or change when they are converted',
  share: 2,
  seeds: XML,
  snippets: [...XML_SNIPPETS, ...words(XML).slice(0, 400), '<a>'.repeat(300)],
  maxLength: MAX_LENGTH,
  run
}

export const CONFIGURATION_JSON: Target = {
  name: 'configuration-json',
  looksFor: 'configurations in JSON that break the reader, or change when they are converted',
  share: 2,
  seeds: JSONS,
  snippets: [...JSON_SNIPPETS, ...words(JSONS).slice(0, 400), '{"a":'.repeat(300), '['.repeat(300)],
  maxLength: MAX_LENGTH,
  run
}
