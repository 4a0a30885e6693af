/**
 * A name or an address as it may be shown: without the user of `http://user:password@host`, and without what a query says.
 * Names of endpoints that have none of their own contain their address, hence they are shown like this too.
 */
export const redactUrl = (text: string): string => text.includes('://')
  ? text.replace(/:\/\/[^/?#\s]*@/g, '://***@').replace(/([?&][^=&\s#]*)=[^&\s#]*/g, '$1=***')
  : text
