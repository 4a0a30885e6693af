import { isArray, isObject, objectOf, type JsonValue } from './json-value.js'

/** The place of a value in a document: keys and indexes from the root. */
export type Location = readonly (string | number)[]

/** Returns a document with the value at a location replaced; undefined removes it. Other parts are not copied. */
export function editAt (
  value: JsonValue, location: Location, change: (value: JsonValue) => JsonValue | undefined
): JsonValue | undefined {
  const [step, ...rest] = location
  if (step === undefined) return change(value)
  if (isArray(value) && typeof step === 'number') {
    const changed = value[step] === undefined ? undefined : editAt(value[step], rest, change)
    return value.flatMap((each, at) => at !== step ? [each] : changed === undefined ? [] : [changed])
  }
  if (!isObject(value) || typeof step !== 'string') return value
  return objectOf(Object.entries(value).flatMap(([key, each]): [string, JsonValue][] => {
    if (key !== step) return [[key, each]]
    const changed = editAt(each, rest, change)
    return changed === undefined ? [] : [[key, changed]]
  }))
}

/** Adds a value to an array, or the members of an object to an object. @see WSO2, Target */
export function withChild (value: JsonValue, child: JsonValue): JsonValue {
  if (isArray(value)) return [...value, child]
  return isObject(value) && isObject(child) ? objectOf([...Object.entries(value), ...Object.entries(child)]) : value
}

/** Renames a member of the object at a location. */
export const renameAt = (value: JsonValue, location: Location, name: string): JsonValue | undefined =>
  editAt(value, location.slice(0, -1), parent => isObject(parent)
    ? objectOf(Object.entries(parent).map(([key, each]) => [key === location.at(-1) ? name : key, each]))
    : parent)
