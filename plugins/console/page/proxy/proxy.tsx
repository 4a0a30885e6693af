import { useEffect, useState } from 'preact/hooks'
import type { ProxyDetail } from '../../../admin/proxies/proxy-details.js'
import { orDash, percent, plural, rate } from '../../model/format.js'
import { endpointsOfFlow } from '../../../../lib/explain/outline-endpoints.js'
import { configuration } from '../state/configuration-store.js'
import { api, messageOf } from '../state/api.js'
import { watchProxies, watchRows } from '../state/connection.js'
import { Icon } from '../elements/icons.js'
import { membersOf, ProxyFlow } from './proxy-flow.js'
import { Loading } from '../elements/loading.js'
import { linkTo } from '../state/route.js'
import { Sparkline } from '../elements/sparkline.js'
import { groups, proxies, proxyTraffic } from '../state/store.js'
import { TryIt } from './try-it.js'
import { UnknownName } from '../operation/unknown-name.js'
import { WsdlButton } from './wsdl.js'

/** One proxy: its flow with live endpoints, its traffic and its operations, and messages that are tried. */
export default function ProxyPage ({ name }: { name: string }) {
  const [detail, setDetail] = useState<ProxyDetail>()
  const [failure, setFailure] = useState<string>()
  const loadedAt = configuration.value?.loadedAt
  useEffect(() => {
    void api<ProxyDetail>(`proxy-services/${encodeURIComponent(name)}`).then(
      found => {
        setDetail(found)
        setFailure(undefined)
      },
      error => setFailure(messageOf(error))
    )
  }, [name, loadedAt])
  useEffect(() => {
    watchProxies([name])
    return () => watchProxies([])
  }, [name])
  const shown = detail === undefined ? '' : endpointsOfFlow(detail.flow).flatMap(membersOf).join('\n')
  useEffect(() => {
    if (shown !== '') watchRows(shown.split('\n'))
  }, [shown, groups.value])
  return (
    <>
      <div class='section-head'>
        <div>
          <p class='crumbs'>
            <a href='#/proxies'>Proxies</a> /
          </p>
          <h1 tabIndex={-1}>{name}</h1>
        </div>
        {detail !== undefined && <Facts detail={detail} />}
      </div>
      {failure !== undefined &&
        (proxies.value.some(each => each.name === name)
          ? <p class='card note warning'>{failure}</p>
          : <UnknownName kind='proxy' name={name} known={proxies.value.map(each => each.name)} />)}
      {detail === undefined
        ? (
            failure === undefined && <Loading />
          )
        : (
          <>
            <Traffic name={name} />
            <ProxyFlow flow={detail.flow} />
            <TryIt key={name} detail={detail} />
          </>
          )}
    </>
  )
}

const READS = { nothing: undefined, header: 'reads the SOAP header', body: 'reads the body' } as const

function Facts ({ detail }: { detail: ProxyDetail }) {
  const { name, path, transports, at, isRunning, wsdl, wsdlProblem, operations, reads } = detail
  const depth = READS[reads.request]
  const file = configuration.value?.files.find(each => each === at?.file)
  return (
    <div class='facts'>
      <code class='muted'>{path}</code>
      {transports.map(each => (
        <span key={each} class='badge'>
          {each}
        </span>
      ))}
      {!isRunning && <span class='badge warn'>stopped</span>}
      {depth !== undefined && <span class='badge'>{depth}</span>}
      <span class={`badge ${wsdlProblem === null ? '' : 'warn'}`} title={wsdlProblem ?? undefined}>
        {wsdl === 'published'
          ? `WSDL, ${plural(operations.length, 'operation')}`
          : wsdl === 'generated'
            ? 'WSDL is generated'
            : `no WSDL: ${wsdlProblem ?? 'it is being read'}`}
      </span>
      {wsdl !== 'unavailable' && <WsdlButton name={name} path={path} />}
      {file !== undefined && at !== null && (
        <a class='button' href={`${linkTo('configuration', file)}?line=${at.line}`}>
          <Icon name='configuration' /> Source
        </a>
      )}
      <a class='button' href={`${linkTo('messages')}?q=${encodeURIComponent(`proxy:${name}`)}`}>
        <Icon name='messages' /> Messages
      </a>
      <a class='button' href={`${linkTo('explain')}?proxy=${encodeURIComponent(name)}`}>
        <Icon name='explain' /> Explain
      </a>
    </div>
  )
}

/** What its clients see. */
function Traffic ({ name }: { name: string }) {
  const now = proxyTraffic.value.get(name)
  const tile = (label: string, value: string, unit: string) => (
    <div class='tile'>
      <span class='label'>{label}</span>
      <span>
        <b>{value}</b> {unit}
      </span>
    </div>
  )
  return (
    <div class='tiles' role='group' aria-label='Traffic of its clients'>
      <div class='tile'>
        <span class='label'>Requests</span>
        <span>
          <b>{now === undefined ? '–' : rate(now.requestsPerSecond)}</b> /s
        </span>
        <Sparkline values={now?.steps ?? []} seconds={5} label='Requests' />
      </div>
      {tile('Faults', now === undefined ? '–' : percent(now.errors), '%')}
      {tile('p50', orDash(now?.p50 ?? null, rate), 'ms')}
      {tile('p99', orDash(now?.p99 ?? null, rate), 'ms')}
      {tile('In flight', now === undefined ? '–' : String(now.inFlight), '')}
    </div>
  )
}
