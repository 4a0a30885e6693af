import { useState } from 'preact/hooks'
import type { PartView } from '../../../admin/messages/message-views.js'
import { capitalised, count } from '../../model/format.js'
import { linesOfBody, linesThatDiffer, type BodyForm } from '../../model/shown-body.js'
import { Icon } from '../elements/icons.js'
import { downloadFile } from '../elements/download-file.js'

/** Lines of a body that are drawn. */
const MAX_LINES = 2_000

interface MessagePartProps {
  readonly title: string
  /** The name of its file, without an extension. */
  readonly name: string
  readonly part: PartView
  /** What it is compared with: lines that are not there are marked. */
  readonly original?: PartView | null | undefined
}

/** The head and the body of one direction of one hop. */
export const MessagePart = ({ title, name, part, original }: MessagePartProps) => (
  <div class='head'>
    <h3>
      <code>{title}</code>
    </h3>
    <dl>
      {part.headers.map(([header, value], at) => (
        <div key={`${at}`} class={original != null && !hasHeader(original, part.headers[at]!) ? 'differs' : ''}>
          <dt>{header}</dt>
          <dd>
            {typeof value === 'string'
              ? value
              : (
                <span class='badge'>
                  <Icon name='key' /> {value.hidden === '' ? 'hidden' : `${value.hidden}, hidden`}
                </span>
                )}
          </dd>
        </div>
      ))}
    </dl>
    <Body name={name} part={part} original={original} />
  </div>
)

type Header = PartView['headers'][number]

const hasHeader = ({ headers }: PartView, [name, value]: Header): boolean =>
  headers.some(
    ([other, its]) => other.toLowerCase() === name.toLowerCase() && JSON.stringify(its) === JSON.stringify(value)
  )

function Body ({ name, part, original }: Omit<MessagePartProps, 'title'>) {
  const [form, setForm] = useState<BodyForm>('formatted')
  const { text, size, isCut, hidden, reason } = part.body
  const length = size === null ? 'Its end did not come' : `${count(size)} bytes`
  if (text === null) {
    const why = reason === null ? '' : `: ${reason}`
    return <p class='muted'>{size === 0 ? 'No body.' : `${length}. The body is not kept${why}.`}</p>
  }
  const lines = linesOfBody(text, form)
  const others = original == null ? undefined : linesOfBody(original.body.text ?? '', form)
  const differs = others === undefined || part.sameAs === 'request' ? undefined : linesThatDiffer(lines, others)
  const notes = [
    length,
    ...(isCut ? ['cut off'] : []),
    ...(hidden > 0 ? [`${count(hidden)} hidden`] : []),
    ...(part.sameAs === null ? [] : [`the same as ${part.sameAs}`]),
    ...(lines.length > MAX_LINES ? [`${count(MAX_LINES)} of ${count(lines.length)} lines shown`] : [])
  ]
  return (
    <>
      <div class='section-head'>
        <span class='muted'>{notes.join(' · ')}</span>
        <div class='segments' role='group' aria-label='Form of the body'>
          {(['formatted', 'raw', 'hex'] as const).map(each => (
            <button key={each} type='button' aria-pressed={form === each} onClick={() => setForm(each)}>
              {capitalised(each)}
            </button>
          ))}
        </div>
        <button type='button' onClick={() => downloadFile(`${name}.txt`, new Blob([text], { type: 'text/plain' }))}>
          Download
        </button>
      </div>
      <pre class='code body-lines' tabIndex={0} aria-label='Body'>
        {lines.slice(0, MAX_LINES).map((line, at) => (
          <span key={`${at}`} class={differs?.[at] === true ? 'differs' : ''}>
            {line}
            {'\n'}
          </span>
        ))}
      </pre>
    </>
  )
}
