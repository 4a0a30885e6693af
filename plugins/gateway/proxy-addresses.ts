/** Addresses in WSDLs that the engines generate: `NAME.NAMEHttpSoap11Endpoint`. @see Apache Axis2, AxisService */
const AXIS2_SUFFIX = 'Https?(?:Soap1[12])?Endpoint'
const AXIS2_NAME = new RegExp(`${AXIS2_SUFFIX}$`)

/**
 * Returns a name as the router compares it: decoded; undefined where that is not possible. The fallback serves these.
 */
export function routableName (name: string): string | undefined {
  const decoded = decodeURI(encodeURIComponent(name))
  return /[%*]/.test(decoded) || name === '' ? undefined : decoded
}

/** The route of the generated addresses of a proxy. */
export const axis2Path = (name: string): string => `/services/${name}.${name}:axis2(^${AXIS2_SUFFIX}$)`

/** Returns the proxy behind a generated name, or an empty text. */
export function proxyOfAxis2Name (name: string): string {
  const twice = name.replace(AXIS2_NAME, '')
  const owner = twice.slice(0, twice.length >> 1)
  return twice !== name && twice === `${owner}.${owner}` ? owner : ''
}

/** Returns the proxy that a name means, as it is or generated. */
export const ownerOf = (name: string): string => proxyOfAxis2Name(name) || name
