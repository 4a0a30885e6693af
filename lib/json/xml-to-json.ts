import { fault, MediationError } from '../message/fault.js'
import { childrenOf, type Node } from '../xpath/node.js'
import { isArray, isObject, objectOf, primitiveOf, type JsonValue } from './json-value.js'
import { JSON_ARRAY, JSON_ELEMENT, JSON_OBJECT, JSON_VALUE, keyOfName } from './names.js'

/**
 * Returns an element as JSON: `<a><b>1</b><b>2</b></a>` becomes `{"a":{"b":[1,2]}}`. Namespaces are dropped, attributes
 * become `@name`, text beside attributes becomes `$`, an empty element is null. Text that looks like a number or a
 * boolean becomes one.
 * @throws MediationError for mixed content
 * @see WSO2, JsonUtil.toJsonString
 */
export function xmlToJson (root: Node): JsonValue {
  const value = valueOf(root)
  switch (root.name) {
    case JSON_OBJECT: return value ?? {}
    case JSON_ARRAY: return itemsOf(value)
    case JSON_VALUE: return value
    default: return objectOf([[keyOfName(root.name), value]])
  }
}

/** The items of a `jsonArray`: the values of its `jsonElement` children. */
function itemsOf (value: JsonValue): readonly JsonValue[] {
  if (isArray(value)) return value
  if (value === null) return []
  const items = isObject(value) ? value[JSON_ELEMENT] : undefined
  return items === undefined ? [value] : isArray(items) ? items : [items]
}

function valueOf (element: Node): JsonValue {
  const members = new Map<string, JsonValue>()
  const repeated = new Map<string, JsonValue[]>()
  for (const { name, value } of element.attributes) members.set(`@${keyOfName(name)}`, value)
  let text = ''
  let hasElements = false
  for (const child of childrenOf(element)) {
    if (child.kind === 'text') { text += child.value; continue }
    hasElements = true
    const key = keyOfName(child.name)
    const value = valueOf(child)
    const known = repeated.get(key)
    if (known !== undefined) known.push(value)
    else if (members.has(key)) {
      const values = [members.get(key)!, value]
      repeated.set(key, values)
      members.set(key, values)
    } else members.set(key, value)
  }
  if (hasElements && text.trim() !== '') {
    throw new MediationError(fault('MEDIATION', `mixed content in <${element.name}> cannot be converted to JSON`))
  }
  if (!hasElements && members.size === 0) return text.trim() === '' ? null : primitiveOf(text)
  if (!hasElements && text.trim() !== '') members.set('$', primitiveOf(text))
  return unwrapped(members)
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
