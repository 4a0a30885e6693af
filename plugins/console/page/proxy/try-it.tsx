import { useEffect, useState } from 'preact/hooks'
import type { ProxyDetail } from '../../../admin/proxies/proxy-details.js'
import type { MessageDetail } from '../../../admin/messages/message-views.js'
import type { TryView } from '../../../admin/proxies/tries.js'
import { headersOfLines, linesOfHeaders } from '../../model/header-lines.js'
import { headerLines } from '../../model/recorded-request.js'
import { api, messageOf, operator } from '../state/api.js'
import { Icon } from '../elements/icons.js'
import { ReasonList } from '../elements/reason-list.js'
import { route } from '../state/route.js'
import { gateway } from '../state/store.js'

const METHODS = ['POST', 'GET', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'] as const
const MAX_KEPT = 20
const MANY = 10

/** One message that was tried, or why it could not be. */
interface Tried {
  readonly number: number
  readonly result: TryView | string
}

interface Request {
  readonly method: string
  readonly path: string
  readonly headers: string
  readonly body: string
}

/** A request made from the WSDL, which the operator completes and sends; and what came of it. */
export function TryIt ({ detail }: { detail: ProxyDetail }) {
  const { name, operations } = detail
  const [operation, setOperation] = useState(operations[0]?.name ?? '')
  const [version, setVersion] = useState('1.1')
  const [request, setRequest] = useState<Request>({ method: 'POST', path: '', headers: '', body: '' })
  const [tried, setTried] = useState<readonly Tried[]>([])
  const [isSending, setSending] = useState(false)
  const change = (part: Partial<Request>): void => setRequest(before => ({ ...before, ...part }))
  const recorded = route.value.query.get('message')
  useEffect(() => {
    if (recorded === null) return
    void api<MessageDetail>(`messages/${encodeURIComponent(recorded)}`).then(
      message => setRequest({
        method: message.method,
        path: message.path.startsWith(detail.path) ? message.path.slice(detail.path.length) : '',
        headers: headerLines(message.request, ['host', 'user-agent', 'expect']),
        body: message.request.body.text ?? ''
      }),
      () => {}
    )
  }, [recorded])
  useEffect(() => {
    if (recorded !== null) return
    const query = new URLSearchParams({ proxy: name, soap: version, ...(operation !== '' && { operation }) })
    void api<{ headers: Record<string, string>; body: string }>(`samples?${query}`).then(
      sample => change({ headers: linesOfHeaders(sample.headers), body: sample.body }),
      () => {}
    )
  }, [name, operation, version, recorded])
  const headers = headersOfLines(request.headers)
  const may = gateway.value?.mayChange
  const send = async (times: number): Promise<void> => {
    setSending(true)
    for (let n = 0; n < times; n++) {
      const { method, path, body } = request
      const content = /^(GET|HEAD)$/.test(method) ? '' : body
      const message = { proxy: name, method, path, headers, body: content, ...operator() }
      const result = await api<TryView>('tries', 'POST', message).catch(messageOf)
      setTried(before => [{ number: (before[0]?.number ?? 0) + 1, result }, ...before].slice(0, MAX_KEPT))
    }
    setSending(false)
  }
  const isLocked = may !== true || headers === undefined || isSending
  return (
    <section aria-labelledby='try'>
      <h2 id='try'>Try it</h2>
      <div class='card try'>
        <form
          class='try-in'
          onSubmit={event => {
            event.preventDefault()
            void send(1)
          }}
        >
          <div class='try-bar'>
            {operations.length > 0 && (
              <select
                aria-label='Operation'
                value={operation}
                onChange={event => setOperation(event.currentTarget.value)}
              >
                {operations.map(each => (
                  <option key={each.name} value={each.name}>
                    {each.name}
                  </option>
                ))}
              </select>
            )}
            <select
              aria-label='SOAP version'
              value={version}
              onChange={event => setVersion(event.currentTarget.value)}
            >
              <option value='1.1'>SOAP 1.1</option>
              <option value='1.2'>SOAP 1.2</option>
            </select>
            <span class='grow' />
            <button
              type='button'
              disabled={isLocked}
              onClick={() => {
                void send(MANY)
              }}
            >
              Send {MANY} times
            </button>
            <button class='primary' disabled={isLocked}>
              Send a real message
            </button>
          </div>
          {may !== true && (
            <p class='note'>
              <Icon name='key' /> {may}
            </p>
          )}
          <div class='try-bar'>
            <select
              aria-label='Method'
              value={request.method}
              onChange={event => change({ method: event.currentTarget.value })}
            >
              {METHODS.map(each => (
                <option key={each} value={each}>
                  {each}
                </option>
              ))}
            </select>
            <code class='muted'>{detail.path}</code>
            <input
              class='grow'
              aria-label='Path and query after those of the proxy'
              placeholder='/path?query'
              value={request.path}
              onInput={event => change({ path: event.currentTarget.value })}
            />
          </div>
          <textarea
            class='code'
            aria-label='Headers'
            rows={3}
            spellcheck={false}
            value={request.headers}
            aria-invalid={headers === undefined}
            onInput={event => change({ headers: event.currentTarget.value })}
          />
          {headers === undefined && <p class='warning'>Write each header as "name: value" in a line of its own.</p>}
          <textarea
            class='code'
            aria-label='Body'
            rows={16}
            spellcheck={false}
            value={request.body}
            onInput={event => change({ body: event.currentTarget.value })}
          />
          {recorded !== null && (
            <p class='note'>
              <Icon name='hint' /> From a recorded message: replace each *** before you send it.
            </p>
          )}
          <p class='muted'>
            {operations.length > 0 && recorded === null ? 'Made from the WSDL. ' : ''}It passes all hooks and
            mediators, and reaches a real back-end.
          </p>
        </form>
        <div class='try-out' aria-live='polite'>
          {tried.length === 0
            ? (
              <p class='empty muted'>The response, its endpoint, and why it went there.</p>
              )
            : (
              <Results tried={tried} />
              )}
        </div>
      </div>
    </section>
  )
}

function Results ({ tried }: { tried: readonly Tried[] }) {
  const [chosen, setChosen] = useState<number>()
  const shown = tried.find(({ number }) => number === chosen) ?? tried[0]!
  return (
    <>
      {tried.length > 1 && <Spread tried={tried} />}
      {tried.length > 1 && (
        <select
          aria-label='Messages'
          value={shown.number}
          onChange={event => setChosen(Number(event.currentTarget.value))}
        >
          {tried.map(each => (
            <option key={each.number} value={each.number}>
              {each.number}: {headlineOf(each.result)}
            </option>
          ))}
        </select>
      )}
      {typeof shown.result === 'string'
        ? (
          <p class='bad'>{shown.result}</p>
          )
        : (
          <Result key={shown.number} result={shown.result} />
          )}
    </>
  )
}

const responder = ({ message }: TryView): string =>
  message?.attempts.findLast(({ outcome }) => outcome === 'answered')?.endpoint ?? 'the gateway'

const headlineOf = (result: TryView | string): string =>
  typeof result === 'string' ? 'not sent' : `${result.status} from ${responder(result)}`

/** How the messages spread over endpoints. */
function Spread ({ tried }: { tried: readonly Tried[] }) {
  const by = Map.groupBy(
    tried.flatMap(({ result }) => (typeof result === 'string' ? [] : [responder(result)])),
    name => name
  )
  return (
    <ul class='spread' aria-label='Messages by endpoint'>
      {[...by]
        .sort(([a], [b]) => a.localeCompare(b))
        .map(([name, all]) => (
          <li key={name}>
            <span>{name}</span>
            <svg viewBox='0 0 100 4' preserveAspectRatio='none' aria-hidden='true'>
              <rect class='track' width='100' height='4' />
              <rect class='answered' width={(all.length / tried.length) * 100} height='4' />
            </svg>
            <b>{all.length}</b>
          </li>
        ))}
    </ul>
  )
}

function Result ({ result }: { result: TryView }) {
  const { status, headers, body, message } = result
  const isFailed = status >= 500
  return (
    <>
      <p>
        <span class={isFailed ? 'bad' : 'good'}>
          <Icon name={isFailed ? 'close' : 'check'} />{' '}
        </span>
        <b>{status}</b> from <b>{responder(result)}</b>
        {message?.ms == null ? '' : ` in ${Math.round(message.ms)} ms`}
      </p>
      <section class='why'>
        <h3>Why</h3>
        {message === undefined
          ? (
            <p>A hook of the app responded before the proxy.</p>
            )
          : (
            <ReasonList message={message} />
            )}
      </section>
      <details class='head'>
        <summary>Headers</summary>
        <dl>
          {headers.map(([name, value], at) => (
            <div key={`${at}`}>
              <dt>{name}</dt>
              <dd>{typeof value === 'string' ? value : <span class='badge'>hidden</span>}</dd>
            </div>
          ))}
        </dl>
      </details>
      <pre class='code' tabIndex={0} aria-label='Body of the response'>
        {body.text ?? body.base64}
      </pre>
      {body.isCut && <p class='muted'>Cut after 1 MiB.</p>}
      {body.base64 !== undefined && <p class='muted'>Not text: shown in Base64.</p>}
    </>
  )
}
