import type { Static, TObject } from '@sinclair/typebox'
import type { Reader, Writer } from '../../contracts/xml-form.js'
import type { Element } from '../../xml/element.js'
import type { Inside, Tag } from '../../xml/markup.js'
import { statusesOf } from './attribute-values.js'
import type { CommonSettings } from './endpoint-settings.js'
import { readCommon, writeCommon } from './endpoint-settings-xml.js'
import { readSlowStart, type balancingFields } from './group-settings.js'
import { readHealthCheck, writeHealthCheck } from './health-check-xml.js'

type BalancingGroup = CommonSettings & Static<TObject<ReturnType<typeof balancingFields>>>

/**
 * Reads the settings that every group that spreads messages may have.
 * @param element the endpoint
 * @param group the group in it
 */
export function readBalancingGroup (element: Element, group: Element, reader: Reader) {
  const session = element.child('session')
  return {
    ...readCommon(element, reader),
    algorithm: reader.algorithm(group),
    session: session && reader.session(session),
    failover: reader.flag(group, 'failover', 'unlessFalse'),
    retry: group.attribute('retry'),
    slowStart: readSlowStart(group, reader),
    failureStatus: statusesOf(group, reader),
    minReady: group.attribute('minReady')?.trim(),
    healthCheck: readHealthCheck(group, reader)
  }
}

/** The inverse of `readBalancingGroup`, with the members of the group. */
export const writeBalancingGroup = (
  kind: string,
  config: BalancingGroup,
  members: readonly Tag[],
  writer: Writer
): Inside => {
  const { algorithm, session, failover, retry, slowStart, failureStatus, minReady, healthCheck } = config
  return [
    ...writeCommon(config),
    session === undefined ? undefined : writer.session(session),
    [
      kind,
      {
        ...writer.algorithm(algorithm),
        failover,
        retry,
        slowStart,
        failureStatus: failureStatus?.join(' '),
        minReady
      },
      writeHealthCheck(healthCheck),
      ...members
    ]
  ]
}
