/** A dispatcher of undici 7 or newer, such as `Agent`, `ProxyAgent` or `MockAgent`. */
export interface UpstreamDispatcher {
  dispatch(options: object, handler: object): boolean
}

export const isDispatcher = (value: unknown): value is UpstreamDispatcher =>
  typeof value === 'object' && value !== null && 'dispatch' in value && typeof value.dispatch === 'function'
