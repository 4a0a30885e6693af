import { omitUndefined } from '../../contracts/fields.js'
import type { Reader } from '../../contracts/xml-form.js'
import type { Element } from '../../xml/element.js'
import type { Tag } from '../../xml/markup.js'
import { countOf } from './attribute-values.js'
import type { HealthCheck } from './health-check-settings.js'

/** `<healthCheck path="/health" interval="5000" timeout="2000" expect="200-399" rise="2" fall="3"/>` */
export function readHealthCheck (element: Element, reader: Reader): object | undefined {
  const check = element.child('healthCheck')
  return check && omitUndefined({
    path: check.attribute('path')?.trim(),
    interval: countOf(check, 'interval', reader),
    timeout: countOf(check, 'timeout', reader),
    expect: check.attribute('expect')?.trim(),
    rise: countOf(check, 'rise', reader),
    fall: countOf(check, 'fall', reader)
  })
}

/** The inverse of `readHealthCheck`. */
export const writeHealthCheck = (check: HealthCheck | undefined): Tag | undefined =>
  check === undefined ? undefined : ['healthCheck', { ...check }]
