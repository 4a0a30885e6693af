/** Texts that take the place of files, by path as the configuration names them; null: the file counts as missing. */
export type Overlay = ReadonlyMap<string, string | null>

export const NO_OVERLAY: Overlay = new Map()

/** The files of a configuration as an overlay leaves them: without those it removes, then those it adds. */
export function withOverlay (files: readonly string[], overlay: Overlay): string[] {
  const added = [...overlay].flatMap(([file, text]) => (text === null || files.includes(file) ? [] : [file]))
  return [...files.filter(file => overlay.get(file) !== null), ...added.sort()]
}
