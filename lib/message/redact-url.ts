/** What stands for a hidden value. */
export const HIDDEN = '***'

/** The user in `http://user:password@host`, up to the last `@` before the path: a password may have one. */
export const USER = /(:\/\/)[^/?#\s"<>]*@/g
/** Values of queries. */
const QUERY = /([?&][^=&?\s#]*)=[^&\s#]*/g

/** Hides the values of a query, whatever their names: they reach logs and bookmarks, and are often secret. */
export const redactQuery = (text: string): string =>
  text.includes('?') || text.includes('&') ? text.replace(QUERY, `$1=${HIDDEN}`) : text

/**
 * Returns a name or an address as it may be shown: without the user of `http://user:password@host` and without the
 * values of a query. Names of endpoints that have none of their own contain their address.
 */
export const redactUrl = (text: string): string =>
  text.includes('://') ? redactQuery(text.includes('@') ? text.replace(USER, `$1${HIDDEN}@`) : text) : text
