import type { FastifyInstance, HTTPMethods } from 'fastify'

/** The methods of the routes of proxies and APIs: all that the app supports, except TRACE. */
export const routedMethods = (app: FastifyInstance): HTTPMethods[] =>
  app.supportedMethods.filter(method => method !== 'TRACE') as HTTPMethods[]

/** Whether the app has a route itself at a path of this scope. */
export const isTaken = (app: FastifyInstance, url: string): boolean =>
  routedMethods(app).some(method => app.hasRoute({ method, url: app.prefix + url }))

/** Whether the router takes several slashes for one. */
export function ignoresDuplicateSlashes ({ initialConfig }: FastifyInstance): boolean {
  const { routerOptions, ignoreDuplicateSlashes } = initialConfig
  return (routerOptions?.ignoreDuplicateSlashes ?? ignoreDuplicateSlashes) === true
}

/** Whether the router distinguishes small letters from capital ones. */
export function isCaseSensitive ({ initialConfig }: FastifyInstance): boolean {
  const { routerOptions, caseSensitive } = initialConfig
  return (routerOptions?.caseSensitive ?? caseSensitive) !== false
}
