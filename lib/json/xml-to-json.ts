import { mediationError } from '../message/fault.js'
import type { JsonRules } from '../message/json-rules.js'
import { childrenOf, type Node } from '../xpath/node.js'
import { isArray, isObject, objectOf, primitiveOf, type JsonValue } from './json-value.js'
import { JSON_ARRAY, JSON_ELEMENT, JSON_OBJECT, JSON_VALUE, keyOfName } from './names.js'

/**
 * Returns an element as JSON: `<a><b>1</b><b>2</b></a>` becomes `{"a":{"b":[1,2]}}`. By default namespaces are dropped,
 * attributes become `@name`, text beside attributes becomes `$`, an empty element is null, and text that looks like a
 * number or a boolean becomes one.
 * @throws MediationError for mixed content
 * @see WSO2, JsonUtil.toJsonString, JsonXMLStreamWriter
 */
export function xmlToJson (root: Node, rules: JsonRules = {}): JsonValue {
  const value = valueOf(root, rules)
  switch (root.name) {
    case JSON_OBJECT: return value ?? {}
    case JSON_ARRAY: return itemsOf(value)
    case JSON_VALUE: return value
    default: return objectOf([[keyOf(root, rules), value]])
  }
}

const keyOf = ({ prefix, name }: Node, { prefixes = false, separator = '_' }: JsonRules): string =>
  prefixes && prefix !== '' ? `${prefix}${separator}${keyOfName(name)}` : keyOfName(name)

/** The items of a `jsonArray`: the values of its `jsonElement` children. */
function itemsOf (value: JsonValue): readonly JsonValue[] {
  if (isArray(value)) return value
  if (value === null) return []
  const items = isObject(value) ? value[JSON_ELEMENT] : undefined
  return items === undefined ? [value] : isArray(items) ? items : [items]
}

function valueOf (element: Node, rules: JsonRules): JsonValue {
  if (rules.nil === true && element.attributes.some(isNil)) return null
  const members = new Map<string, JsonValue>(declarationsOf(element, rules))
  const repeated = new Map<string, JsonValue[]>()
  for (const attribute of element.attributes) members.set(`@${keyOf(attribute, rules)}`, attribute.value)
  let text = ''
  let hasElements = false
  for (const child of childrenOf(element)) {
    if (child.kind === 'text') { text += child.value; continue }
    hasElements = true
    const key = keyOf(child, rules)
    const value = valueOf(child, rules)
    const known = repeated.get(key)
    if (known !== undefined) known.push(value)
    else if (members.has(key)) {
      const values = [members.get(key)!, value]
      repeated.set(key, values)
      members.set(key, values)
    } else members.set(key, value)
  }
  const hasText = text.trim() !== ''
  if (hasElements && hasText) {
    throw mediationError(`mixed content in <${element.name}> cannot be converted to JSON`)
  }
  if (!hasElements && members.size === 0) return hasText ? textValue(text, rules) : emptyValue(rules)
  if (!hasElements && hasText) members.set('$', textValue(text, rules))
  return unwrapped(members)
}

const XSI = 'http://www.w3.org/2001/XMLSchema-instance'
const isNil = ({ name, namespace, value }: Node): boolean =>
  name === 'nil' && value === 'true' && (namespace === '' || namespace === XSI)

const emptyValue = ({ nullForEmpty = true }: JsonRules): JsonValue => nullForEmpty ? null : ''

/** @see WSO2, JsonXMLOutputFactory.decorate */
function textValue (text: string, { primitives = true, keepsText, marksText }: JsonRules): JsonValue {
  if (!primitives || keepsText?.test(text) === true) return text
  if (keepsText === undefined && marksText?.pattern.test(text) === true) {
    return text.replace(marksText.pattern, marksText.replacement)
  }
  return primitiveOf(text)
}

/** The declarations of an element as members: `@xmlns` and `@xmlns_prefix`. */
function declarationsOf (
  { declared }: Node, { prefixes = false, declarations = false, separator = '_' }: JsonRules
): [string, string][] {
  if (!prefixes || !declarations) return []
  return declared.flatMap((prefix, at): [string, string][] =>
    at % 2 === 1 ? [] : [[prefix === '' ? '@xmlns' : `@xmlns${separator}${prefix}`, declared[at + 1]!]])
}

/** An element that holds a `jsonArray` or `jsonObject` stands for that value. */
function unwrapped (members: ReadonlyMap<string, JsonValue>): JsonValue {
  if (members.size === 1) {
    const array = members.get(JSON_ARRAY)
    if (array !== undefined) return itemsOf(array)
    const object = members.get(JSON_OBJECT)
    if (object !== undefined) return object ?? {}
    const items = members.get(JSON_ELEMENT)
    if (items !== undefined) return isArray(items) ? items : [items]
  }
  return objectOf(members)
}
