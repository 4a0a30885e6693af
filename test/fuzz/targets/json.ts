import { isObject, jsonText, parseJson, type JsonDocument } from '../../../lib/json/json-value.js'
import { compileJsonPath } from '../../../lib/json/json-path.js'
import { jsonToXml } from '../../../lib/json/json-to-xml.js'
import { xmlToJson } from '../../../lib/json/xml-to-json.js'
import { editEach, type Location } from '../../../lib/json/edit.js'
import { MediationError } from '../../../lib/message/fault.js'
import { readTree } from '../../../lib/xpath/tree.js'
import { expect, expectSame, Finding, unlessRefused, type Target } from '../target.js'
import { JSON_SEEDS, XML_SEEDS } from './seeds.js'
import { JSON_SNIPPETS, PATH_SNIPPETS, XML_SNIPPETS } from './snippets.js'

const OWN_LIMITS = /nested deeper than|more than 1000000 values/

/** The document of a text; the reason why it is none. */
function read (text: string): JsonDocument | string {
  try {
    return parseJson(text)
  } catch (error) {
    if (error instanceof SyntaxError) return error.message
    throw error
  }
}

function readByOracle (text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return undefined
  }
}

export const JSON_TEXT: Target = {
  name: 'json',
  looksFor: 'texts that JSON.parse reads otherwise, and values that are another text when they are written',
  share: 25,
  seeds: JSON_SEEDS,
  snippets: JSON_SNIPPETS,
  run (input) {
    const text = input.toString('utf8')
    const [own, oracle] = [read(text), readByOracle(text)]
    if (typeof own === 'string') {
      expect(oracle === undefined || OWN_LIMITS.test(own), () => `refused: ${own}`)
      return
    }
    if (oracle === undefined) throw new Finding('JSON.parse refuses it')
    const written = jsonText(own.value)
    expectSame(jsonText(parseJson(written).value), written, 'written and read again')
    // Digits that a double cannot hold are lost by the oracle only.
    expectSame(JSON.stringify(JSON.parse(written)), JSON.stringify(oracle.value), 'written')
    expect(own.depth <= 256 && Object.getPrototypeOf(Object(own.value)) !== null, 'its depth or its prototype')
  }
}

const jsonOf = (xml: string): string | undefined => {
  const tree = readTree(Buffer.from(xml))
  if ('kind' in tree) throw new Finding(`the XML is refused: ${tree.reason}: ${xml.slice(0, 200)}`)
  return jsonText(xmlToJson(tree[1]!))
}

export const JSON_TO_XML: Target = {
  name: 'json-to-xml',
  looksFor: 'JSON that becomes malformed XML, or never stays the same on its ways there and back',
  share: 10,
  seeds: JSON_SEEDS,
  snippets: JSON_SNIPPETS,
  run (input) {
    const document = read(input.toString('utf8'))
    if (typeof document === 'string') return
    const xml = jsonToXml(document.value)
    // An array of one value is that value in XML, and a number of an attribute is a text: each way loses one of them.
    let json = attempted(() => jsonOf(xml))
    for (let left = document.depth + 3; json !== undefined; left--) {
      const next = attempted(() => jsonOf(jsonToXml(parseJson(json!).value)))
      if (next === json) return
      if (left === 0 && next !== undefined) expectSame(next, json, 'after as many ways as it has levels')
      json = next
    }
  }
}

/** Undefined: a fault, such as that of mixed content or of too much nesting. */
function attempted (work: () => string | undefined): string | undefined {
  try {
    return work()
  } catch (error) {
    if (error instanceof MediationError || (error instanceof SyntaxError && OWN_LIMITS.test(error.message))) {
      return undefined
    }
    if (error instanceof Finding && /nested deeper|more than/.test(error.message)) return undefined
    throw error
  }
}

export const XML_TO_JSON: Target = {
  name: 'xml-to-json',
  looksFor: 'XML that becomes malformed JSON',
  share: 10,
  seeds: XML_SEEDS,
  snippets: XML_SNIPPETS,
  run (input) {
    const tree = readTree(input)
    if ('kind' in tree) return
    const json = attempted(() => jsonText(xmlToJson(tree[1]!)))
    if (json !== undefined) JSON.parse(json)
  }
}

const DOCUMENTS = JSON_SEEDS.map(each => parseJson(each))
const PATHS = [
  '$',
  '$.store.book[0].price',
  '$..price',
  '$.store.book[?(@.price < 10)].title',
  '$.store.book[-1:]',
  '$.store.book.length()',
  "$['a b']['1']",
  '$.a.b[2].c',
  's.b[0].p',
  '$..[?count(@.*) > 1]',
  '$[0,2]',
  '$..*',
  '$.store.book[?@.price == $..price]',
  '$[?@.a && (@.b || !@.c)]',
  '$.a.b.sum()'
]

export const JSON_PATH: Target = {
  name: 'json-path',
  looksFor:
    'JSONPath that is neither refused nor evaluated, whose places are not those of its values, or that takes too long',
  share: 10,
  seeds: PATHS,
  snippets: PATH_SNIPPETS,
  maxLength: 512,
  isBudgeted: true,
  run (input, { oneOf }) {
    const path = unlessRefused(() => compileJsonPath(input.toString('utf8')))
    if (path === undefined) return
    const document = oneOf(DOCUMENTS)
    try {
      const value = path.select(document)
      const places = path.locations(document)
      if (!path.isDefinite) {
        expectSame(
          jsonText(value!),
          jsonText(places.map(place => valueAt(document, place))),
          'the values at the places'
        )
      }
      JSON.parse(jsonText(editEach(document.value, places, () => 0) ?? null))
    } catch (error) {
      if (!(error instanceof MediationError)) throw error
    }
  }
}

function valueAt ({ value }: JsonDocument, place: Location): JsonDocument['value'] {
  let at = value
  for (const step of place) {
    const parts: Readonly<Record<string | number, JsonDocument['value']>> = isObject(at) ? at : Object(at)
    at = parts[step]!
  }
  return at
}
