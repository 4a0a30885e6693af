import type { CompiledConfiguration } from '../../../lib/compiler/compile.js'
import type { BuildContext } from '../../../lib/contracts/build-context.js'
import { definitionOfEndpoint } from '../../../lib/explain/endpoint-definitions.js'
import type { Message } from '../../../lib/message/message.js'
import { cookie } from '../../../lib/sessions/cookie.js'
import type { GroupState } from '../../../lib/state/group-state.js'
import { runtime } from '../../gateway/configuration/runtime.js'

/**
 * The member that a cookie of a client names, verified as the group does; undefined: it is not one of its cookies, is
 * forged, or has expired.
 * @param text `name=value`, as the client sends it
 */
export function ownerInCookie (
  configuration: CompiledConfiguration,
  group: GroupState,
  text: string
): string | undefined {
  const { session } = (definitionOfEndpoint(configuration, group.name) ?? {}) as { session?: { kind: string } }
  if (session?.kind !== cookie.name) return undefined
  const { kind: _, ...fields } = session
  const { now, environment } = runtime
  const affinity = cookie.build(fields as Parameters<typeof cookie.build>[0], { now, environment } as BuildContext)
  if (!('heldByClient' in affinity)) return undefined
  const request = { headers: ['Cookie', text] } as Partial<Message> as Message
  return group.members[affinity.heldByClient(group.name, group.members)(request).member]
}
