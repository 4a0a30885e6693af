import { configuredName } from './placeholders.js'

/**
 * Returns user and password as a property of an endpoint: the header Authorization of each request. Undefined: they are
 * computed by another expression than `${configs.NAME}`.
 * @see RFC 7617, section 2
 */
export function basicCredentials (user: string, password: string): object | undefined {
  const parts = [user, password]
  if (parts.some(each => /[{}]/.test(each) && configuredName(each) === undefined)) return undefined
  const header = { name: 'Authorization', scope: 'transport' }
  if (parts.every(each => configuredName(each) === undefined)) {
    return { ...header, value: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` }
  }
  const joined = `${literal(user)} + ":" + ${literal(password)}`
  return { ...header, expression: { xpath: `\${"Basic " + base64encode(${joined})}` } }
}

function literal (text: string): string {
  const name = configuredName(text)
  return name === undefined ? JSON.stringify(text) : `string(configs["${name}"])`
}
