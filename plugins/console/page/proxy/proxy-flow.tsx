import type { OutlineEndpoint, OutlineStep, ProxyOutline } from '../../../../lib/explain/proxy-outline.js'
import { countdown, count, orDash, rate } from '../../model/format.js'
import { endpointsOfFlow } from '../../../../lib/explain/outline-endpoints.js'
import { mannerOf } from '../../model/proxy-flow.js'
import { glyphOf, Icon, StateIcon, WORDS } from '../elements/icons.js'
import { SourceLink } from '../operation/source-link.js'
import { linkTo, route, setQuery } from '../state/route.js'
import { endpointsIn, groups, groupsByName, now, rowsByName, type Row } from '../state/store.js'

/** The way of a message: in sequence, endpoints with their live states, out sequence; below, what follows a failure. */
export function ProxyFlow ({ flow }: { flow: ProxyOutline }) {
  const targets = endpointsOfFlow(flow)
  return (
    <section aria-labelledby='flow'>
      <h2 id='flow'>Flow</h2>
      <div class='card flow' role='group' aria-label='The way of a message'>
        <div class='flow-column'>
          <h3>In sequence</h3>
          <Steps steps={flow.in} empty='passes requests on as they are' />
        </div>
        <div class='flow-column targets'>
          {targets.length === 0 && <p class='muted'>Requests are sent to no endpoint of the configuration.</p>}
          {targets.map(each => (
            <Target key={each.name} endpoint={each} />
          ))}
        </div>
        <div class='flow-column'>
          <h3>Out sequence</h3>
          <Steps steps={flow.out ?? []} empty='responses go to the client as they are' />
        </div>
        <div class='fault-column'>
          <h3>
            <span class='bad'>
              <Icon name='warning' />
            </span>{' '}
            If no endpoint responds{' '}
            <span class='muted'>{flow.fault?.name == null ? '' : `sequence ${flow.fault.name}`}</span>
          </h3>
          <Steps steps={flow.fault?.steps ?? []} empty='the client gets a fault' />
        </div>
        {flow.isCut && <p class='muted'>The flow has more steps than are shown: see its source.</p>}
      </div>
    </section>
  )
}

interface StepsProps {
  readonly steps: readonly OutlineStep[]
  /** What happens without any step. */
  readonly empty: string
}

function Steps ({ steps, empty }: StepsProps) {
  if (steps.length === 0) return <p class='muted'>{empty}</p>
  return (
    <ol class='steps'>
      {steps.map((step, at) => (
        <li key={`${at}`}>
          <div class='step'>
            <SourceLink position={step.at}>
              <code>{step.kind}</code>
            </SourceLink>
            <span class='step-text' title={step.text}>
              {step.text}
            </span>
          </div>
          {step.branches.map(branch => (
            <details key={branch.label} class='branch' open={step.branches.length < 4}>
              <summary>{branch.label}</summary>
              <Steps steps={branch.steps} empty='nothing' />
            </details>
          ))}
        </li>
      ))}
    </ol>
  )
}

/** Names of the endpoints of a group, or of the endpoint itself. */
export function membersOf ({ name }: Pick<OutlineEndpoint, 'name'>): readonly string[] {
  const group = groupsByName.value.get(name)
  if (group === undefined) return [name]
  return endpointsIn(group).map(each => each.name)
}

function Target ({ endpoint }: { endpoint: OutlineEndpoint }) {
  const isGroup = groups.value.some(group => group.name === endpoint.name)
  const rows = membersOf(endpoint).flatMap(name => rowsByName.value.get(name) ?? [])
  return (
    <div class='target'>
      <h3>
        {isGroup ? <a href={linkTo('groups', endpoint.name)}>{endpoint.name}</a> : endpoint.name}{' '}
        <span class='muted'>{mannerOf(endpoint)}</span>
      </h3>
      {rows.length === 0
        ? (
          <p class='muted'>The message, or discovery, names its address.</p>
          )
        : (
          <ul>
            {rows.map(row => (
              <Member key={row.index} row={row} />
            ))}
          </ul>
          )}
    </div>
  )
}

function Member ({ row }: { row: Row }) {
  const endpoint = row.endpoint.value
  const traffic = row.traffic.value
  const glyph = glyphOf(endpoint)
  const isOut = glyph !== 'active'
  const left = endpoint.retryAt === null ? 0 : endpoint.retryAt - now.value
  return (
    <li class={`member ${isOut ? `is-out state-${glyph}` : ''}`}>
      <StateIcon state={glyph} />
      <a
        href={`${linkTo('proxies', route.value.name)}?endpoint=${encodeURIComponent(endpoint.name)}`}
        onClick={event => {
          event.preventDefault()
          setQuery({ endpoint: endpoint.name })
        }}
      >
        <b>{endpoint.name}</b>
      </a>
      {isOut && <span>{WORDS[glyph]}</span>}
      {left > 0 && (
        <span class='countdown' role='timer'>
          {countdown(left)}
        </span>
      )}
      <span class='muted'>
        {traffic === undefined
          ? '–'
          : `${rate(traffic.requestsPerSecond)}/s · p99 ${orDash(traffic.p99, rate)} ms`}
        {traffic !== undefined && traffic.inFlight > 0 && ` · ${count(traffic.inFlight)} in flight`}
      </span>
    </li>
  )
}
