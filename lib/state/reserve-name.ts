/** Reserves a name, or the first free one of `name #2`, `name #3` and so on. Returns it. */
export function reserveName (names: Set<string>, wanted: string): string {
  let name = wanted
  for (let count = 2; names.has(name); count++) name = `${wanted} #${count}`
  names.add(name)
  return name
}
