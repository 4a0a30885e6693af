import { useEffect, useState } from 'preact/hooks'
import { orDash, percent, rate } from '../../model/format.js'
import { watchProxies } from '../state/connection.js'
import { ShowMore, STEP } from '../elements/show-more.js'
import { linkTo } from '../state/route.js'
import { proxies, proxyTraffic } from '../state/store.js'

/** All proxies, with where they are served and their traffic. */
export function ProxyList () {
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
