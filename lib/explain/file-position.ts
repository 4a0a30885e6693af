import { positionOf, type SourceLocations } from '../definitions/model/problem.js'

/** Where a part of a configuration is. */
export interface FilePosition {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** The position of a part; null: it was not read from a text. */
export function filePositionOf (part: object | undefined, locations: SourceLocations): FilePosition | null {
  const location = part && locations.get(part)
  if (location === undefined || location.path !== undefined) return null
  return { file: location.source.file, ...positionOf(location.source, location.offset) }
}
