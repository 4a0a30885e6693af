import { escapeAttribute, escapeText } from '../xml/escape.js'
import { isArray, isObject, isPrimitive, plainText, type JsonObject, type JsonValue } from './json-value.js'
import { JSON_ARRAY, JSON_ELEMENT, JSON_OBJECT, JSON_VALUE, nameOfKey } from './names.js'

/**
 * Returns JSON as XML: `{"a":[1,2]}` becomes `<jsonObject><a>1</a><a>2</a></jsonObject>`. A key `@name` is an
 * attribute, `$` is text, null is an empty element.
 * @see WSO2, JsonUtil.toXml
 */
export function jsonToXml (value: JsonValue): string {
  if (isArray(value)) return element(JSON_ARRAY, '', itemsOf(JSON_ELEMENT, value))
  return isObject(value) ? objectElement(JSON_OBJECT, value) : element(JSON_VALUE, '', text(value))
}

const text = (value: JsonValue): string => value === null ? '' : escapeText(plainText(value))

const element = (name: string, attributes: string, content: string): string =>
  content === '' ? `<${name}${attributes}/>` : `<${name}${attributes}>${content}</${name}>`

function valueElement (name: string, value: JsonValue): string {
  if (isArray(value)) return element(name, '', element(JSON_ARRAY, '', itemsOf(JSON_ELEMENT, value)))
  return isObject(value) ? objectElement(name, value) : element(name, '', text(value))
}

const itemsOf = (name: string, values: readonly JsonValue[]): string =>
  values.map(each => valueElement(name, each)).join('')

function objectElement (name: string, object: JsonObject): string {
  let [attributes, content] = ['', '']
  for (const [key, value] of Object.entries(object)) {
    if (isPrimitive(value) && /^@[^@]/.test(key) && key !== '@xmlns') {
      attributes += ` ${nameOfKey(key.slice(1))}="${escapeAttribute(value === null ? '' : plainText(value))}"`
    } else if (key === '$' && isPrimitive(value)) content += text(value)
    else content += isArray(value) ? itemsOf(nameOfKey(key), value) : valueElement(nameOfKey(key), value)
  }
  return element(name, attributes, content)
}
