import { useEffect, useState } from 'preact/hooks'
import { count, duration, orDash, percent, rate } from '../../model/format.js'
import { wordsOf } from '../../model/proxy-flow.js'
import { watchProxies } from '../state/connection.js'
import { glyphOf } from './icons.js'
import { ShowMore, STEP } from './show-more.js'
import { linkTo } from '../state/route.js'
import { endpointsByName, endpointsIn, groups, proxies, proxyTraffic, rowsByName, sessionsOf } from '../state/store.js'

/** All groups, with their members and sessions. */
export function Groups () {
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
                      <td>{wordsOf(group.kind)}</td>
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

/** All proxies, with where they are served and their traffic. */
export function Proxies () {
  const [limit, setLimit] = useState(STEP)
  const names = proxies.value.slice(0, limit).map(({ name }) => name).join('\n')
  useEffect(() => {
    watchProxies(names === '' ? [] : names.split('\n'))
    return () => watchProxies([])
  }, [names])
  return (
    <>
      <h1 tabIndex={-1}>Proxies</h1>
      {proxies.value.length === 0
        ? (
          <p class='card empty'>No proxy takes messages yet.</p>
          )
        : (
          <div class='card scroll' tabIndex={0}>
            <table>
              <thead>
                <tr>
                  <th>Proxy</th>
                  <th>Path</th>
                  <th>State</th>
                  <th class='number'>Req/s</th>
                  <th class='number'>Faults %</th>
                  <th class='number'>p99, ms</th>
                  <th>WSDL</th>
                </tr>
              </thead>
              <tbody>
                {proxies.value.slice(0, limit).map(({ name, path, isRunning, wsdlProblem }) => (
                  <tr key={name}>
                    <td>
                      <a href={linkTo('proxies', name)}>
                        <b>{name}</b>
                      </a>
                    </td>
                    <td>
                      <code>{path}</code>
                    </td>
                    <td class={isRunning ? '' : 'warn'}>{isRunning ? 'Running' : 'Stopped'}</td>
                    <ProxyNumbers name={name} />
                    <td class={wsdlProblem === null ? 'muted' : 'warn'}>{wsdlProblem ?? 'no problem'}</td>
                  </tr>
                ))}
              </tbody>
            </table>
            <ShowMore count={proxies.value.length} limit={limit} show={setLimit} />
          </div>
          )}
    </>
  )
}

function ProxyNumbers ({ name }: { name: string }) {
  const now = proxyTraffic.value.get(name)
  return (
    <>
      <td class='number'>{now === undefined ? '–' : rate(now.requestsPerSecond)}</td>
      <td class={now !== undefined && now.errors > 0.01 ? 'number bad' : 'number'}>
        {now === undefined ? '–' : percent(now.errors)}
      </td>
      <td class='number'>{orDash(now?.p99 ?? null, rate)}</td>
    </>
  )
}
