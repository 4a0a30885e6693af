import type { Expression } from '../../../lib/expression/compiled-expression.js'
import {
  compileFormat,
  type FormatArgument,
  type MediaType
} from '../../../lib/mediators/transformation/payload-format.js'
import { MediationError } from '../../../lib/message/fault.js'
import { request } from '../../support/flows/drive-flow.js'
import { isContent } from '../../../lib/xml/fragment.js'
import type { Random } from '../../support/random.js'
import { expectSame, Finding, type Target } from '../target.js'

const MESSAGE = request('<a/>', 'application/xml')
const TYPES: readonly MediaType[] = ['xml', 'json', 'text']

/** An expression that always has this text. */
const constant = (language: Expression['language'], text: string): Expression => ({
  language,
  depth: 'nothing',
  calls: [],
  text: () => text,
  test: () => false,
  markup: () => undefined,
  json: () => text
})

/** What the engine does, as it is written there: one replacement after the other. @see WSO2, RegexTemplateProcessor */
const filledByOracle = (
  format: string,
  fill: (number: number) => string | undefined,
  inline: (quoted: boolean) => string
): string =>
  format.replace(
    /"\$\{([^}]+)\}"|\$\{([^}]+)\}|\$(\d+)/g,
    (whole, quoted?: string, bare?: string, number?: string) =>
      number !== undefined ? (fill(Number(number)) ?? whole) : inline(quoted !== undefined)
  )

export const PAYLOAD_FORMAT: Target = {
  name: 'payload-format',
  looksFor:
    'formats that are filled otherwise than one replacement after the other fills them, or arguments that break XML or JSON',
  share: 10,
  seeds: [
    '{"n":"$1","m":$2,"k":"${payload.a}"}\0A "B"',
    '<a b="$1">$2</a>\0<x/>',
    '$1 ${a} "${b}" $10 $0\0[1,2]',
    '${${a}}$$1\0{"a":1}',
    '<a>$1</a>\0{"a":{"b":[1,2]}}',
    '$1\0&<>"\'\u0001\ud800'
  ],
  snippets: [
    '$',
    '$1',
    '$2',
    '$3',
    '$01',
    '${',
    '}',
    '"${',
    '}"',
    '"',
    '\\',
    '\0',
    '<a>',
    '</a>',
    '<a/>',
    '&',
    '{',
    '[1]',
    '{"a":1}',
    '\u0000',
    '\ud83d\ude00'
  ],
  maxLength: 1024,
  // Its oracle searches the end of an unclosed expression again and again.
  isBudgeted: true,
  run (input, random) {
    try {
      fill(input, random)
    } catch (error) {
      // XML that has no form in JSON: the message gets this fault.
      if (!(error instanceof MediationError && /cannot be converted to JSON$/.test(error.message))) throw error
    }
  }
}

function fill (input: Buffer, { oneOf }: Random): void {
  const [format = '', value = ''] = input.toString('utf8').split('\0', 2)
  const type = oneOf(TYPES)
  const args: FormatArgument[] = [
    { value, literal: false },
    { expression: constant('xpath', value), literal: false },
    { expression: constant('json', value), literal: oneOf([true, false]) }
  ]
  const compile = (): Expression => constant('inline', value)
  const fills = args.map((_, index) => compileFormat(`$${index + 1}`, type, args, compile)(MESSAGE))
  const inlines = ['${a}', '"${a}"'].map(each => compileFormat(each, type, args, compile)(MESSAGE))
  const expected = filledByOracle(
    format,
    number => fills[number - 1],
    quoted => inlines[quoted ? 1 : 0]!
  )
  expectSame(compileFormat(format, type, args, compile)(MESSAGE), expected, 'filled')
  for (const each of [...fills, inlines[0]!]) if (type !== 'text') expectSafe(each, type, value)
}

/** A value that is not JSON or XML itself cannot end the text or the element that it stands in. */
function expectSafe (filling: string, type: MediaType, value: string): void {
  if (type === 'xml' && !isContent(filling)) {
    throw new Finding(`not well-formed in XML: ${JSON.stringify([value, filling])}`)
  }
  if (type !== 'json' || /^\s*[{[]/.test(filling)) return
  try {
    JSON.parse(`"${filling}"`)
  } catch {
    throw new Finding(`not a text in JSON: ${JSON.stringify([value, filling])}`)
  }
}
