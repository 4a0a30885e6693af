import { isArray, isObject, objectOf, type JsonValue } from './json-value.js'

/** The place of a value in a document: keys and indexes from the root. */
export type Location = readonly (string | number)[]

/** What becomes of a value. Undefined: it is removed. */
export type JsonChange = (value: JsonValue) => JsonValue | undefined

/** The changes at a place and at those inside of it. */
interface EditNode {
  change?: JsonChange
  readonly inside: Map<string | number, EditNode>
}

/**
 * Returns a document with the values at these locations changed; undefined: its root is removed. What is inside of a
 * changed value is changed before it, and of several changes at one location the last one counts. Takes time linear in
 * the document and the locations; other parts are not copied.
 */
export function editAll (document: JsonValue, edits: Iterable<readonly [Location, JsonChange]>): JsonValue | undefined {
  const root: EditNode = { inside: new Map() }
  for (const [location, change] of edits) placeAt(root, location).change = change
  return edited(document, root)
}

function placeAt (root: EditNode, location: Location): EditNode {
  let place = root
  for (const step of location) {
    let inside = place.inside.get(step)
    if (inside === undefined) place.inside.set(step, (inside = { inside: new Map() }))
    place = inside
  }
  return place
}

function edited (value: JsonValue, { change, inside }: EditNode): JsonValue | undefined {
  const current = inside.size === 0 ? value : withEditedParts(value, inside)
  return change === undefined ? current : change(current)
}

function withEditedParts (value: JsonValue, inside: EditNode['inside']): JsonValue {
  if (isArray(value)) {
    return value.flatMap((each, at) => {
      const place = inside.get(at)
      const item = place === undefined ? each : edited(each, place)
      return item === undefined ? [] : [item]
    })
  }
  if (!isObject(value)) return value
  return objectOf(Object.entries(value).flatMap(([key, each]): [string, JsonValue][] => {
    const place = inside.get(key)
    const member = place === undefined ? each : edited(each, place)
    return member === undefined ? [] : [[key, member]]
  }))
}

/** As `editAll`, with one change for all locations. */
export const editEach = (
  document: JsonValue, locations: readonly Location[], change: JsonChange
): JsonValue | undefined => editAll(document, locations.map(each => [each, change]))

/** Adds a value to an array, or the members of an object to an object. @see WSO2, Target */
export function withChild (value: JsonValue, child: JsonValue): JsonValue {
  if (isArray(value)) return [...value, child]
  return isObject(value) && isObject(child) ? objectOf([...Object.entries(value), ...Object.entries(child)]) : value
}

/** Renames the members at these locations in the objects around them. */
export function renameEach (document: JsonValue, locations: readonly Location[], name: string): JsonValue {
  const objects = new Map<string, { readonly location: Location, readonly keys: Set<string | number | undefined> }>()
  for (const each of locations) {
    const location = each.slice(0, -1)
    const id = JSON.stringify(location)
    const known = objects.get(id)
    if (known === undefined) objects.set(id, { location, keys: new Set([each.at(-1)]) })
    else known.keys.add(each.at(-1))
  }
  const edits = [...objects.values()].map(({ location, keys }): readonly [Location, JsonChange] =>
    [location, object => renamed(object, keys, name)])
  return editAll(document, edits) ?? null
}

const renamed = (value: JsonValue, keys: ReadonlySet<string | number | undefined>, name: string): JsonValue =>
  isObject(value) ? objectOf(Object.entries(value).map(([key, each]) => [keys.has(key) ? name : key, each])) : value
