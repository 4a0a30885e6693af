import { Type, type Static } from '@sinclair/typebox'
import { By } from './hand-change.js'
import { Instant, Nullable, State } from './schemas.js'

/** Bytes of a request that looks up or releases sessions; an id in a message may be longer. */
export const MAX_SESSION_REQUEST = 4 * 1024

const id = Type.String({
  minLength: 1,
  maxLength: MAX_SESSION_REQUEST,
  description: 'The id of the session, as the client sends it. Never logged. The whole request has at most 4 KiB.'
})
const group = Type.String({ minLength: 1, description: 'Name of a group with sessions in a table.' })

/** Bound sessions; in a shared group those that this gateway has seen. */
export const SessionCountView = Type.Object({
  bound: Type.Integer(),
  lastEnds: Type.Union([Instant, Type.Null()], { description: 'When the last of them ends, unless it is used again.' })
})
export type SessionCountView = Static<typeof SessionCountView>

export const GroupSessionsView = Type.Object(
  {
    group: Type.String(),
    shared: Type.Boolean({ description: 'Whether a session store is used: this gateway counts what it has seen.' }),
    members: Type.Array(
      Type.Composite([
        Type.Object({ name: Type.String({ description: 'Members that have left included.' }), state: Nullable(State) }),
        SessionCountView
      ])
    ),
    bound: Type.Integer({ description: 'Of all members; some may have expired a moment ago.' }),
    maxSessions: Type.Integer(),
    evicted: Type.Integer({ description: 'Sessions that were evicted before they ended, since the start.' }),
    timeout: Type.Number({ description: 'Milliseconds.' }),
    expiry: Type.String({ description: '`sliding` or `absolute`.' }),
    storeIsUp: Nullable(Type.Boolean({ description: 'Whether the session store responds. Null: there is none.' })),
    fallbacks: Type.Integer({ description: 'How often the table of this gateway was used in place of the store.' })
  },
  { $id: 'GroupSessions' }
)
export type GroupSessionsView = Static<typeof GroupSessionsView>

export const SessionLookupBody = Type.Object({ group, id, by: By })
export type SessionLookupBody = Static<typeof SessionLookupBody>

export const SessionOwnerView = Type.Object({
  group: Type.String(),
  member: Nullable(Type.String({ description: 'The member that the session is bound to. Null: not bound.' })),
  state: Nullable(State),
  since: Type.Union([Instant, Type.Null()], {
    description: 'With sliding expiry its last use, else its binding. Null: only the client or the store knows.'
  }),
  ends: Type.Union([Instant, Type.Null()], { description: 'When it ends, unless a use prolongs it.' }),
  fingerprint: Type.Optional(
    Type.String({ description: 'Stands for the session in recorded messages, until the gateway ends.' })
  )
})
export type SessionOwnerView = Static<typeof SessionOwnerView>

export const SessionReleaseBody = Type.Object({
  group,
  id: Type.Optional(id),
  member: Type.Optional(Type.String({ minLength: 1, description: 'Instead of `id`: all sessions of this member.' })),
  if: Type.Optional(
    Type.String({
      description: 'With `id`: the member, with `member`: its state, that the caller saw; 409 if it is another by now.'
    })
  ),
  by: By
})
export type SessionReleaseBody = Static<typeof SessionReleaseBody>

export const SessionReleaseView = Type.Object({ Message: Type.String(), released: Type.Integer() })
export type SessionReleaseView = Static<typeof SessionReleaseView>
