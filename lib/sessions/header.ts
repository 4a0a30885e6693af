import { Type } from '@sinclair/typebox'
import { describe, omitUndefined } from '../contracts/fields.js'
import { headerOf } from '../message/headers.js'
import { session } from '../contracts/kind.js'
import { TOKEN } from './cookie-headers.js'
import { tableSession, readSettings, sessionSettings, writeSettings } from './session-settings.js'

/** The client names its session in an HTTP header. The body is not read. */
export const header = session({
  name: 'header',
  description: 'The client names its session in an HTTP header: name="X-Session".',
  fields: { ...sessionSettings, name: describe(Type.String({ pattern: TOKEN }), 'Header name.') },
  read: (element, reader) =>
    omitUndefined({ ...readSettings(element, reader), name: element.attribute('name')?.trim() }),
  write ({ name, ...config }) {
    const [attributes, ...nodes] = writeSettings(config)
    return [{ name, ...attributes }, ...nodes]
  },
  build ({ name, ...config }) {
    const lower = name.toLowerCase()
    return tableSession({
      idsInRequest (request) {
        const id = headerOf(request.headers, lower)?.trim()
        return id ? [id] : []
      }
    }, config)
  }
})
