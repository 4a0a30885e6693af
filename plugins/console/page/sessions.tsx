import { useEffect, useState } from 'preact/hooks'
import type { GroupSessionsView } from '../../admin/session-schemas.js'
import { count, plural } from '../model/format.js'
import { api, messageOf } from './connection.js'
import { Icon, StateIcon, WORDS, type Glyph } from './icons.js'
import { notify } from './notice.js'
import { linkTo } from './route.js'
import { gateway } from './store.js'

const POLL_MS = 2_000

/** Sessions of groups by member, and the look-up of one session. Ids are shown nowhere. */
export default function SessionsPage () {
  const [groups, setGroups] = useState<readonly GroupSessionsView[]>()
  const [failure, setFailure] = useState<string>()
  useEffect(() => {
    const read = (): void => {
      if (document.hidden) return
      api<{ list: readonly GroupSessionsView[] }>('sessions').then(({ list }) => {
        setGroups(list)
        setFailure(undefined)
      }, error => setFailure(messageOf(error)))
    }
    read()
    const timer = setInterval(read, POLL_MS)
    return () => clearInterval(timer)
  }, [])
  return (
    <>
      <h1 tabIndex={-1}>Sessions</h1>
      {failure !== undefined && <p class='card note warning' role='alert'>{failure}</p>}
      {groups?.length === 0 && <p class='card empty'>No group keeps sessions in a table.</p>}
      {groups !== undefined && groups.length > 0 && <LookUp groups={groups.map(({ group }) => group)} />}
      {groups?.map(each => <GroupSessions key={each.group} sessions={each} />)}
    </>
  )
}

function GroupSessions ({ sessions: { group, shared, members } }: { sessions: GroupSessionsView }) {
  const total = members.reduce((sum, { bound }) => sum + bound, 0)
  const most = Math.max(1, ...members.map(({ bound }) => bound))
  return (
    <section aria-labelledby={`sessions-${group}`}>
      <h2 id={`sessions-${group}`}>
        <a href={linkTo('groups', group)}>{group}</a> · {plural(total, 'session')} bound
        {shared ? ', as this gateway has seen them (shared store)' : ''}
      </h2>
      <div class='card scroll' tabIndex={0}>
        <table>
          <thead>
            <tr><th>Member</th><th>State</th><th class='number'>Sessions</th><th>Share</th><th>Last ends</th></tr>
          </thead>
          <tbody>
            {members.map(({ name, state, bound, lastEnds }) => (
              <tr key={name}>
                <td><b>{name}</b></td>
                <td class={`state-${state ?? 'off'}`}>
                  {state === null
                    ? 'not a member now'
                    : <><StateIcon state={state as Glyph} /> {WORDS[state as Glyph]}</>}
                </td>
                <td class='number'>{count(bound)}</td>
                <td><meter class='share' min={0} max={most} value={bound} aria-label={`Sessions of ${name}`} /></td>
                <td class='muted'>{lastEnds === null ? '–' : new Date(lastEnds).toLocaleTimeString('en-GB')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

interface Found {
  readonly group: string
  readonly id: string
  readonly member: string | null
  /** Finds its recorded messages. */
  readonly fingerprint: string
}

/** The id is typed like a password and sent in a body: it is in no address and no log. */
function LookUp ({ groups }: { groups: readonly string[] }) {
  const [group, setGroup] = useState(groups[0]!)
  const [id, setId] = useState('')
  const [found, setFound] = useState<Found>()
  const [failure, setFailure] = useState<string>()
  const may = gateway.value?.mayChange
  if (may !== true) return <p class='card note'><Icon name='key' /> {may}</p>
  const lookUp = async (): Promise<void> => {
    try {
      const owner = await api<Pick<Found, 'member' | 'fingerprint'>>('sessions/lookup', 'POST', { group, id })
      setFound({ group, id, ...owner })
      setFailure(undefined)
    } catch (error) {
      setFailure(messageOf(error))
    }
  }
  const release = async ({ group: of, id: which, member }: Found): Promise<void> => {
    try {
      await api('sessions/release', 'POST', { group: of, id: which, if: member })
      notify('The session is released: its next message begins it anew.')
      setFound(undefined)
      setId('')
    } catch (error) {
      setFailure(messageOf(error))
    }
  }
  return (
    <form
      class='card lookup'
      onSubmit={event => {
        event.preventDefault()
        void lookUp()
      }}
    >
      <label>
        Group
        <select value={group} onChange={event => setGroup(event.currentTarget.value)}>
          {groups.map(each => <option key={each}>{each}</option>)}
        </select>
      </label>
      <label>
        Session id
        <input
          type='password' autocomplete='off' required value={id} onInput={event => setId(event.currentTarget.value)}
        />
      </label>
      <button class='primary'>Look up</button>
      <p role='status' class={failure === undefined ? '' : 'bad'}>
        {failure ?? (found === undefined
          ? 'Looking up does not prolong a session.'
          : found.member === null
            ? 'This session is bound to no member.'
            : <>The session is bound to <b>{found.member}</b>.</>)}
      </p>
      {found !== undefined && (
        <a class='button' href={`${linkTo('messages')}?q=session:${found.fingerprint}`}>
          Its recorded messages
        </a>
      )}
      {found !== undefined && found.member !== null && (
        <button type='button' onClick={() => { void release(found) }}>Release it</button>
      )}
    </form>
  )
}
