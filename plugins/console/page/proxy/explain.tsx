import { useEffect, useState } from 'preact/hooks'
import type { ExplanationView } from '../../../admin/proxies/explanation-view.js'
import type { MessageDetail } from '../../../admin/messages/message-views.js'
import type { ProxyDetail } from '../../../admin/proxies/proxy-details.js'
import { requestOfMessage } from '../../model/recorded-request.js'
import { endpointsOfFlow } from '../../../../lib/explain/outline-endpoints.js'
import { api, messageOf } from '../state/api.js'
import { glyphOf, Icon, StateIcon } from '../elements/icons.js'
import { SourceName } from '../operation/source-link.js'
import { membersOf } from './proxy-flow.js'
import { route, setQuery } from '../state/route.js'
import { endpointsByName, proxies } from '../state/store.js'

/** A question about a proxy, and what the gateway would do. Nothing is sent. */
export default function ExplainPage () {
  const wanted = route.value.query.get('proxy') ?? undefined
  const proxy = proxies.value.find(({ name }) => name === wanted)?.name ?? proxies.value[0]?.name
  if (proxy === undefined) {
    return (
      <>
        <h1 tabIndex={-1}>Explain</h1>
        <p class='card empty'>No proxy takes messages yet.</p>
      </>
    )
  }
  return (
    <>
      <div>
        <h1 tabIndex={-1}>Explain</h1>
        <p class='muted'>What the gateway would do with a request. It runs on a copy: nothing is sent or changed.</p>
      </div>
      <div class='card try'>
        <Question key={proxy} proxy={proxy} />
      </div>
    </>
  )
}

function Question ({ proxy }: { proxy: string }) {
  const [members, setMembers] = useState<readonly string[]>([])
  const [request, setRequest] = useState('')
  const [state, setState] = useState<'live' | 'fresh'>('live')
  const [down, setDown] = useState<readonly string[]>([])
  const [session, setSession] = useState('')
  const [explanation, setExplanation] = useState<ExplanationView | string>()
  const message = route.value.query.get('message')
  useEffect(() => {
    void api<ProxyDetail>(`proxy-services/${encodeURIComponent(proxy)}`).then(
      ({ flow }) => setMembers([...new Set(endpointsOfFlow(flow).flatMap(membersOf))]),
      () => {}
    )
  }, [proxy])
  useEffect(() => {
    if (message === null) return
    void api<MessageDetail>(`messages/${encodeURIComponent(message)}`).then(
      detail => setRequest(requestOfMessage(detail)),
      error => setExplanation(messageOf(error))
    )
  }, [message])
  const explain = (): void => {
    const suppose = { down, ...(session !== '' && { session }) }
    void api<ExplanationView>('explain', 'POST', { proxy, request, state, suppose }).then(setExplanation, error =>
      setExplanation(messageOf(error))
    )
  }
  const toggle = (name: string): void =>
    setDown(before => (before.includes(name) ? before.filter(each => each !== name) : [...before, name]))
  return (
    <>
      <form
        class='try-in'
        onSubmit={event => {
          event.preventDefault()
          explain()
        }}
      >
        <div class='try-bar'>
          <select
            aria-label='Proxy'
            value={proxy}
            onChange={event => setQuery({ proxy: event.currentTarget.value, message: undefined })}
          >
            {proxies.value.map(({ name }) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
          <span class='grow' />
          <button class='primary'>Explain</button>
        </div>
        <label class='stack-label'>
          Request
          <textarea
            class='code'
            rows={10}
            spellcheck={false}
            placeholder={'A whole HTTP request, or a body.\nEmpty: a SOAP message without content.'}
            value={request}
            onInput={event => setRequest(event.currentTarget.value)}
          />
        </label>
        <div class='segments' role='group' aria-label='State'>
          <button type='button' aria-pressed={state === 'live'} onClick={() => setState('live')}>
            As things are now
          </button>
          <button type='button' aria-pressed={state === 'fresh'} onClick={() => setState('fresh')}>
            As if nothing had happened
          </button>
        </div>
        {members.length > 0 && (
          <fieldset class='suppose'>
            <legend>Suppose that these do not respond</legend>
            {members.map(name => {
              const endpoint = endpointsByName.value.get(name)
              return (
                <label key={name} class='check'>
                  <input type='checkbox' checked={down.includes(name)} onChange={() => toggle(name)} />
                  {endpoint !== undefined && <StateIcon state={glyphOf(endpoint)} />} {name}
                </label>
              )
            })}
          </fieldset>
        )}
        {members.length > 1 && (
          <label class='stack-label'>
            The session is bound
            <select value={session} onChange={event => setSession(event.currentTarget.value)}>
              <option value=''>as it is</option>
              {members.map(name => (
                <option key={name} value={name}>
                  to {name}
                </option>
              ))}
            </select>
          </label>
        )}
      </form>
      <div class='try-out' aria-live='polite'>
        {explanation === undefined
          ? (
            <p class='empty muted'>Each step, to the response that the client would get.</p>
            )
          : typeof explanation === 'string'
            ? (
              <p class='bad'>{explanation}</p>
              )
            : (
              <Steps explanation={explanation} />
              )}
      </div>
    </>
  )
}

const ICONS = {
  choice: 'groups',
  passed: 'close',
  trial: 'events',
  session: 'key',
  bind: 'key',
  attempt: 'proxies',
  race: 'proxies',
  split: 'groups',
  log: 'configuration',
  detach: 'check',
  response: 'messages'
} as const

function Steps ({ explanation: { request, steps } }: { explanation: ExplanationView }) {
  return (
    <>
      <p>
        <code>{request}</code>
      </p>
      <section class='why'>
        <ol>
          {steps.map(({ kind, text, at: position }, at) => {
            const [line, ...body] = text.split('\n')
            return (
              <li key={`${at}`} class={kind === 'passed' ? 'bad' : ''}>
                <Icon name={ICONS[kind]} />
                <span>
                  {line} {position !== null && <SourceName position={position} />}
                  {body.length > 0 && (
                    <pre class='code' tabIndex={0}>
                      {body.join('\n').trim()}
                    </pre>
                  )}
                </span>
              </li>
            )
          })}
        </ol>
      </section>
    </>
  )
}
