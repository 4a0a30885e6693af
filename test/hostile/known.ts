/** Reasons why rows fail today, with the ids of the rows. */
const REASONS: Readonly<Record<string, readonly string[]>> = {}

/** Rows that fail today, by their id, with the reason. The list only shrinks: a row that holds again must leave it. */
export const KNOWN: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(REASONS).flatMap(([reason, ids]) => ids.map(id => [id, reason]))
)
