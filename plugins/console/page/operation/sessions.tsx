import { useEffect, useState } from 'preact/hooks'
import type { GroupSessionsView, SessionOwnerView } from '../../../admin/contract/session-schemas.js'
import { clock, count, duration, plural } from '../../model/format.js'
import { api, messageOf, operator } from '../state/api.js'
import { Icon, StateIcon, WORDS, type Glyph } from '../elements/icons.js'
import { notify } from '../state/notice.js'
import { linkTo } from '../state/route.js'
import { ShareBar } from '../elements/share-bar.js'
import { gateway, groups, now } from '../state/store.js'

const POLL_MS = 2_000

/** Sessions of groups by member, and the look-up of one session. Ids are shown nowhere. */
export default function SessionsPage () {
  return (
    <>
      <h1 tabIndex={-1}>Sessions</h1>
      <Sessions />
    </>
  )
}

/** @param group only this one. Default: all */
export function Sessions ({ group }: { group?: string }) {
  const [tables, setTables] = useState<readonly GroupSessionsView[]>()
  const [failure, setFailure] = useState<string>()
  useEffect(() => {
    const read = (): void => {
      if (document.hidden) return
      api<{ list: readonly GroupSessionsView[] }>('sessions').then(({ list }) => {
        setTables(group === undefined ? list : list.filter(each => each.group === group))
        setFailure(undefined)
      }, error => setFailure(messageOf(error)))
    }
    read()
    const timer = setInterval(read, POLL_MS)
    return () => clearInterval(timer)
  }, [group])
  const withSessions = groups.value.filter(({ name, sessionKind }) =>
    sessionKind !== null && (group === undefined || name === group))
  return (
    <>
      {failure !== undefined && <p class='card note warning' role='alert'>{failure}</p>}
      {withSessions.length === 0 && (
        <p class='card empty'>{group === undefined ? 'No group has sessions.' : 'This group has no sessions.'}</p>
      )}
      {withSessions.length > 0 && <LookUp groups={withSessions.map(({ name, sessionKind }) => [name, sessionKind])} />}
      {tables?.map(each => <GroupSessions key={each.group} sessions={each} />)}
    </>
  )
}

/** How long sessions last, how many there may be, and who has them. */
function limitsOf ({ timeout, expiry, maxSessions, evicted, storeIsUp, fallbacks }: GroupSessionsView): string {
  const last = `end ${duration(timeout)} after their ${expiry === 'sliding' ? 'last' : 'first'} message`
  const store =
    storeIsUp === null
      ? []
      : [`shared, the store is ${storeIsUp ? 'up' : 'down'}`, `own table used ${plural(fallbacks, 'time')}`]
  return [last, `at most ${count(maxSessions)}`, `${count(evicted)} evicted`, ...store].join(' · ')
}

function GroupSessions ({ sessions }: { sessions: GroupSessionsView }) {
  const { group, shared, members } = sessions
  const total = members.reduce((sum, { bound }) => sum + bound, 0)
  const most = Math.max(1, ...members.map(({ bound }) => bound))
  return (
    <section aria-labelledby={`sessions-${group}`}>
      <div>
        <h2 id={`sessions-${group}`}>
          <a href={linkTo('groups', group)}>{group}</a> · {plural(total, 'session')} bound
          {shared ? ', as this gateway has seen them (shared store)' : ''}
        </h2>
        <p class={sessions.storeIsUp === false ? 'warn' : 'muted'}>{limitsOf(sessions)}</p>
      </div>
      <div class='card scroll' tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th>Member</th><th>State</th><th class='number'>Sessions</th><th class='number'>Share %</th>
              <th><span class='aside'>As a bar</span></th><th>Last ends</th>
            </tr>
          </thead>
          <tbody>
            {members.map(({ name, state, bound, lastEnds }) => (
              <tr key={name}>
                <td><b>{name}</b></td>
                <td class={`state-${state ?? 'off'}`}>
                  {state === null
                    ? 'not a member now'
                    : <><StateIcon state={state as Glyph} /> {WORDS[state as Glyph]}</>}
                  {bound > 0 && (state === 'suspended' || state === 'timeout') && (
                    <p class='cause'>{plural(bound, 'session')} bound to it</p>
                  )}
                </td>
                <td class='number'>{count(bound)}</td>
                <td class='number'>{total === 0 ? '–' : Math.round((bound / total) * 100)}</td>
                <td><ShareBar role='meter' value={bound} max={most} label={`Sessions of ${name}`} /></td>
                <td class='muted'>{lastEnds === null ? '–' : clock(Date.parse(lastEnds))}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

/** A session that was looked up, and by what. */
interface Found extends SessionOwnerView {
  readonly id: string
}

/** The id is typed like a password and sent in a body: it is in no address and no log. */
function LookUp ({ groups: known }: { groups: readonly (readonly [name: string, kind: string | null])[] }) {
  const [group, setGroup] = useState(known[0]![0])
  const [id, setId] = useState('')
  const [found, setFound] = useState<Found>()
  const [failure, setFailure] = useState<string>()
  const may = gateway.value?.mayChange
  if (may !== true) return <p class='card note'><Icon name='key' /> {may}</p>
  const isCookie = known.find(([name]) => name === group)?.[1] === 'cookie'
  const lookUp = async (): Promise<void> => {
    setFound(undefined)
    try {
      setFound({ id, ...(await api<SessionOwnerView>('sessions/lookup', 'POST', { group, id, ...operator() })) })
      setFailure(undefined)
    } catch (error) {
      setFailure(messageOf(error))
    }
  }
  const release = async ({ group: of, id: which, member }: Found): Promise<void> => {
    try {
      await api('sessions/release', 'POST', { group: of, id: which, if: member, ...operator() })
      notify('The session is released: its next message starts it over.')
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
        <select
          value={group}
          onChange={event => {
            setGroup(event.currentTarget.value)
            setFound(undefined)
          }}
        >
          {known.map(([name]) => <option key={name}>{name}</option>)}
        </select>
      </label>
      <label>
        {isCookie ? 'Cookie, name=value' : 'Session id'}
        <input
          type='password' autocomplete='off' required value={id} onInput={event => setId(event.currentTarget.value)}
        />
      </label>
      <button class='primary'>Look up</button>
      <div role='status' class={failure === undefined ? 'found' : 'found bad'}>
        {failure ?? (found === undefined
          ? 'Looking up does not prolong a session.'
          : <Owner found={found} isCookie={isCookie} />)}
      </div>
      {found?.fingerprint !== undefined && !isCookie && (
        <a class='button' href={`${linkTo('messages')}?q=session:${found.fingerprint}`}>
          Its recorded messages
        </a>
      )}
      {found !== undefined && found.member !== null && !isCookie && (
        <button type='button' onClick={() => { void release(found) }}>Release it</button>
      )}
    </form>
  )
}

/** What is known of a session. */
function Owner ({ found: { group, member, state, since, ends }, isCookie }: { found: Found; isCookie: boolean }) {
  if (member === null) {
    return (
      <>
        {isCookie
          ? 'This is no valid cookie of the group: another name, forged, or expired.'
          : 'This session is bound to no member: it was never begun, or has ended.'}
      </>
    )
  }
  const { expiry } = groups.value.find(({ name }) => name === group)?.sessions ?? {}
  const left = ends === null ? 0 : Date.parse(ends) - now.value
  return (
    <>
      <p>
        The session is bound to <b>{member}</b>
        {state !== null && <>, which is <span class={`state-${state}`}>{WORDS[state as Glyph].toLowerCase()}</span></>}.
      </p>
      {since !== null && ends !== null && (
        <p class='muted'>
          {expiry === 'absolute' ? 'Bound' : 'Last used'} at {clock(Date.parse(since))} (
          {duration(now.value - Date.parse(since))} ago), ends in {duration(left)}
          {expiry === 'absolute' ? '.' : ' unless it is used. When it began is not known.'}
        </p>
      )}
      {since === null && !isCookie && <p class='muted'>When it ends is known to the session store only.</p>}
    </>
  )
}
