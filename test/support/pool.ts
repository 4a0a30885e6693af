/** So many at a time; the results in the order of the items. */
export async function inPool<T, R> (items: readonly T[], size: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  const left = items.entries()
  await Promise.all(Array.from({ length: size }, async () => {
    for (const [at, item] of left) results[at] = await work(item)
  }))
  return results
}
