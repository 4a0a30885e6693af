import type { JsonRules } from '../message/json-rules.js'
import { escapeAttribute, escapeText } from '../xml/escape.js'
import { isArray, isObject, isPrimitive, plainText, type JsonObject, type JsonValue } from './json-value.js'
import { JSON_ARRAY, JSON_ELEMENT, JSON_OBJECT, JSON_VALUE, nameOfKey } from './names.js'

/**
 * Returns JSON as XML: `{"a":[1,2]}` becomes `<jsonObject><a>1</a><a>2</a></jsonObject>`. A key `@name` is an
 * attribute, `$` is text, null is an empty element, with `nil="true"` where the rules require it.
 * @see WSO2, JsonUtil.toXml
 */
export const jsonToXml = (value: JsonValue, { nil = false }: JsonRules = {}): string =>
  new XmlOfJson(nil ? ' nil="true"' : '').root(value)

const text = (value: JsonValue): string => value === null ? '' : escapeText(plainText(value))

const element = (name: string, attributes: string, content: string): string =>
  content === '' ? `<${name}${attributes}/>` : `<${name}${attributes}>${content}</${name}>`

class XmlOfJson {
  /** The attributes of an element that stands for null. */
  readonly #nil: string

  constructor (nil: string) {
    this.#nil = nil
  }

  root (value: JsonValue): string {
    if (isArray(value)) return element(JSON_ARRAY, '', this.#items(JSON_ELEMENT, value))
    return isObject(value) ? this.#object(JSON_OBJECT, value) : element(JSON_VALUE, '', text(value))
  }

  #value (name: string, value: JsonValue): string {
    if (isArray(value)) return element(name, '', element(JSON_ARRAY, '', this.#items(JSON_ELEMENT, value)))
    return isObject(value) ? this.#object(name, value) : element(name, value === null ? this.#nil : '', text(value))
  }

  #items (name: string, values: readonly JsonValue[]): string {
    return values.map(each => this.#value(name, each)).join('')
  }

  #object (name: string, object: JsonObject): string {
    let [attributes, content] = ['', '']
    for (const [key, value] of Object.entries(object)) {
      if (isPrimitive(value) && /^@[^@]/.test(key) && key !== '@xmlns') {
        attributes += ` ${nameOfKey(key.slice(1))}="${escapeAttribute(value === null ? '' : plainText(value))}"`
      } else if (key === '$' && isPrimitive(value)) content += text(value)
      else content += isArray(value) ? this.#items(nameOfKey(key), value) : this.#value(nameOfKey(key), value)
    }
    return element(name, attributes, content)
  }
}
