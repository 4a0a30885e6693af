/**
 * Returns a name or an address as it may be shown: without the user of `http://user:password@host` and without the
 * values of a query. Names of endpoints that have none of their own contain their address.
 */
export const redactUrl = (text: string): string => text.includes('://')
  ? text.replace(/:\/\/[^/?#\s]*@/g, '://***@').replace(/([?&][^=&\s#]*)=[^&\s#]*/g, '$1=***')
  : text
