import { useEffect, useState } from 'preact/hooks'
import type { OtherLanguage as Other } from '../../../../lib/definitions/conversion.js'
import { api, isApiError, messageOf } from '../state/api.js'
import { Icon } from '../elements/icons.js'
import { Loading } from '../elements/loading.js'
import { SourceEditor } from '../configuration/source-editor.js'

const DELAY_MS = 400
const AGAIN_MS = 1_000
const NAMES = { json: 'JSON', xml: 'XML' } as const

/** A file in the other language, as `convert` writes it. It is not edited: writing it back would lose comments. */
export function OtherLanguage ({ file, text }: { file: string; text: string }) {
  const [other, setOther] = useState<Other | string>()
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>
    let isGone = false
    const convert = async (): Promise<void> => {
      try {
        const converted = await api<Other>('configuration/convert', 'POST', { file, text })
        if (!isGone) setOther(converted)
      } catch (error) {
        if (isGone) return
        if (isApiError(error) && error.status === 429) {
          timer = setTimeout(() => {
            void convert()
          }, AGAIN_MS)
        } else setOther(messageOf(error))
      }
    }
    timer = setTimeout(
      () => {
        void convert()
      },
      other === undefined ? 0 : DELAY_MS
    )
    return () => {
      isGone = true
      clearTimeout(timer)
    }
  }, [file, text])
  if (other === undefined) return <Loading />
  if (typeof other === 'string') return <p class='empty muted'>{other}</p>
  const { to, losesComments, losses = [], problems } = other
  if (other.text === undefined) {
    return (
      <p class='empty muted'>
        Not valid: {problems[0]?.message}. {NAMES[to]} is shown when it is.
      </p>
    )
  }
  return (
    <>
      <SourceEditor file={`${file}.${to}`} text={other.text} readOnly problems={[]} onChange={() => {}} />
      <section class='problems' aria-label={`What ${NAMES[to]} cannot express`}>
        <p class='label'>Read-only, as convert writes it.</p>
        <ul>
          {losesComments && (
            <li>
              <Icon name='hint' /> Comments are not in it.
            </li>
          )}
          {losses.map(lost => (
            <li key={lost} class='warn'>
              <Icon name='warning' /> {lost} cannot be expressed in {NAMES[to]}.
            </li>
          ))}
        </ul>
      </section>
    </>
  )
}
