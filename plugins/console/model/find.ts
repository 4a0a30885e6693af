/** What the find field of the console finds by name. */
export interface Named {
  readonly kind: 'proxy' | 'group' | 'endpoint'
  readonly name: string
  /** Beside the name: a path or an address. */
  readonly more: string
}

/** Names that are offered. */
const MAX_FOUND = 10

/** Returns what a text finds: names that begin with it, then those with such a word, then those that contain it. */
export function find (text: string, all: readonly Named[]): Named[] {
  const wanted = text.trim().toLowerCase()
  if (wanted === '') return []
  const ranked = all.flatMap(named => {
    const rank = rankOf(named, wanted)
    return rank === undefined ? [] : { named, rank }
  })
  return ranked
    .sort((a, b) => a.rank - b.rank)
    .slice(0, MAX_FOUND)
    .map(({ named }) => named)
}

/** Undefined: it is not found. */
function rankOf ({ name, more }: Named, wanted: string): number | undefined {
  const text = name.toLowerCase()
  if (text === wanted) return 0
  if (text.startsWith(wanted)) return 1
  const at = text.indexOf(wanted)
  if (at > 0) return /[^\p{L}\p{N}]/u.test(text[at - 1]!) ? 2 : 3
  return more.toLowerCase().includes(wanted) ? 4 : undefined
}
