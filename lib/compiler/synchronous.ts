/** Returns what was built. @throws Error for an async function, or a promise of one: flows cannot wait for it */
export function synchronous<T> (kind: string, built: T): T {
  const type = Object.prototype.toString.call(built)
  const isPromise = typeof built === 'object' && built !== null && 'then' in built
  if (!isPromise && !/^\[object Async(Generator)?Function\]$/.test(type)) return built
  throw new Error(`"${kind}" is asynchronous: it must be a plain function, or a generator that yields effects`)
}
