import { useState } from 'preact/hooks'
import { count, duration } from '../../model/format.js'
import { kindLabel } from '../../model/proxy-flow.js'
import { glyphOf } from '../elements/icons.js'
import { ShowMore, STEP } from '../elements/show-more.js'
import { linkTo } from '../state/route.js'
import { endpointsByName, endpointsIn, groups, rowsByName, sessionsOf } from '../state/store.js'

/** All groups, with their members and sessions. */
export function GroupList () {
  const [limit, setLimit] = useState(STEP)
  return (
    <>
      <h1 tabIndex={-1}>Groups</h1>
      {groups.value.length === 0
        ? (
          <p class='card empty'>No group is configured.</p>
          )
        : (
          <div class='card scroll' tabIndex={0}>
            <table>
              <thead>
                <tr>
                  <th>Group</th>
                  <th>Kind</th>
                  <th>Ready</th>
                  <th>Members</th>
                  <th class='number'>Sessions</th>
                  <th class='number'>Evicted</th>
                  <th>Session timeout</th>
                </tr>
              </thead>
              <tbody>
                {groups.value.slice(0, limit).map(group => {
                  const all = endpointsIn(group)
                  const ready = all.filter(endpoint => endpoint.ready).length
                  const sessions = sessionsOf(group)
                  return (
                    <tr key={group.name}>
                      <td>
                        <a href={linkTo('groups', group.name)}>
                          <b>{group.name}</b>
                        </a>
                      </td>
                      <td>{kindLabel(group.kind)}</td>
                      <td class={ready === 0 ? 'bad' : ready < all.length ? 'warn' : ''}>
                        {ready} of {all.length}
                      </td>
                      <td>
                        <Members names={group.members} />
                      </td>
                      <td class='number'>{sessions === undefined ? '–' : count(sessions.bound)}</td>
                      <td class='number'>{sessions === undefined ? '–' : count(sessions.evicted)}</td>
                      <td>{sessions === undefined ? '–' : `${duration(sessions.timeout)}, ${sessions.expiry}`}</td>
                    </tr>
                  )
                })}
              </tbody>
            </table>
            <ShowMore count={groups.value.length} limit={limit} show={setLimit} />
          </div>
          )}
    </>
  )
}

/** Members that are named; a long list would take a second to draw. */
const MAX_MEMBERS = 4

/** Those that are not active first. */
function Members ({ names }: { names: readonly string[] }) {
  const isActive = (name: string): boolean => endpointsByName.value.get(name)?.state === 'active'
  const shown =
    names.length <= MAX_MEMBERS
      ? names
      : [...names.filter(name => !isActive(name)), ...names.filter(isActive)].slice(0, MAX_MEMBERS)
  return (
    <>
      {shown.map((name, at) => (
        <span key={name}>
          {at > 0 && ', '}
          <Member name={name} />
        </span>
      ))}
      {names.length > shown.length && ` and ${names.length - shown.length} more`}
    </>
  )
}

function Member ({ name }: { name: string }) {
  const row = rowsByName.value.get(name)
  if (row === undefined) return <span>{name}</span>
  return (
    <a class={`state-${glyphOf(row.endpoint.value)}`} href={`#/groups?endpoint=${encodeURIComponent(name)}`}>
      {name}
    </a>
  )
}
