import type { Row } from '../row.js'
import { configurationValues } from './configuration-values.js'
import { plainConfigurations } from './configurations.js'
import { envelopes } from './envelopes.js'
import { injection } from './injection.js'
import { requestFraming } from './request-framing.js'
import { requestHeads } from './request-heads.js'
import { hostileResponses } from './responses.js'
import { slow } from './slow.js'

/** All rows; their ids are unique. */
export const ROWS: readonly Row[] = [
  ...requestFraming,
  ...requestHeads,
  ...hostileResponses,
  ...slow,
  ...injection,
  ...envelopes,
  ...plainConfigurations,
  ...configurationValues
]

const ids = new Set<string>()
for (const { id } of ROWS) {
  if (ids.has(id)) throw new Error(`two rows are called ${id}`)
  ids.add(id)
}
