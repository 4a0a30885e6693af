import { useEffect, useMemo, useState } from 'preact/hooks'
import { readGroupForm } from '../../../lib/definitions/group-form/edit-group.js'
import {
  configuration,
  edit,
  loadConfiguration,
  lockedBecause,
  opened,
  problems,
  shortName
} from './configuration-store.js'
import { DesignView } from './group-form.js'
import { GroupReadiness } from './group-readiness.js'
import { findGroup, type GroupPlace } from './group-store.js'
import { Icon } from './icons.js'
import { OtherLanguage } from './other-language.js'
import { ProblemList } from './problem-list.js'
import { Reading } from './reading.js'
import { ApplyBar } from './review.js'
import { route, setQuery } from './route.js'
import { SourceEditor } from './source-editor.js'
import { groupsByName } from './store.js'

const VIEWS = [
  ['design', 'Design'],
  ['both', 'Design and source'],
  ['source', 'Source']
] as const

const LANGUAGES = [
  ['xml', 'XML'],
  ['json', 'JSON']
] as const

/** One group: its form and its source, which are always of the same text. */
export default function GroupPage ({ name }: { name: string }) {
  const [place, setPlace] = useState<GroupPlace | 'none'>()
  const files = configuration.value?.files.join('\n')
  useEffect(() => {
    if (configuration.value === undefined) void loadConfiguration()
  }, [])
  useEffect(() => {
    if (files !== undefined) void findGroup(name).then(found => setPlace(found ?? 'none'))
  }, [name, files])
  const view = route.value.query.get('view') ?? 'both'
  return (
    <>
      <div class='section-head'>
        <div>
          <p class='crumbs'>
            <a href='#/groups'>Groups</a> /
          </p>
          <GroupTitle name={name} />
        </div>
        <div class='segments' role='group' aria-label='View'>
          {VIEWS.map(([key, label]) => (
            <button key={key} type='button' aria-pressed={view === key} onClick={() => setQuery({ view: key })}>
              {label}
            </button>
          ))}
        </div>
      </div>
      {lockedBecause.value !== undefined && (
        <p class='card note'>
          <Icon name='key' /> {lockedBecause.value}
        </p>
      )}
      {place === undefined
        ? <Reading />
        : place === 'none'
          ? (
            <p class='card empty'>No file that can be read here has this group.</p>
            )
          : (
            <GroupEditor place={place} view={view} />
            )}
      <ApplyBar />
    </>
  )
}

function GroupTitle ({ name }: { name: string }) {
  const group = groupsByName.value.get(name)
  if (group === undefined) return <h1 tabIndex={-1}>{name}</h1>
  return (
    <div class='group-title'>
      <h1 tabIndex={-1}>{name}</h1>
      <GroupReadiness group={group} />
    </div>
  )
}

function GroupEditor ({ place, view }: { place: GroupPlace; view: string }) {
  const text = opened.value.get(place.file)?.text ?? ''
  const form = useMemo(() => readGroupForm(text, place.group), [text, place.group])
  const [reveal, setReveal] = useState<{ line: number; focus: boolean }>()
  const own = place.file.endsWith('.json') ? 'json' : 'xml'
  const language = route.value.query.get('language') ?? own
  useEffect(() => {
    if (form !== undefined) setReveal({ line: form.line, focus: false })
  }, [place])
  return (
    <div class={`split card view-${view}`}>
      {view !== 'source' &&
        (form === undefined
          ? (
            <p class='empty muted'>The source is malformed: the form is shown when it is well-formed.</p>
            )
          : (
            <DesignView place={place} form={form} onFocus={line => setReveal({ line, focus: false })} />
            ))}
      {view !== 'design' && (
        <div class='source-side'>
          <header class='file-head'>
            <code>{shortName(place.file)}</code>
            <div class='segments' role='group' aria-label='Language'>
              {LANGUAGES.map(([key, label]) => (
                <button
                  key={key}
                  type='button'
                  aria-pressed={language === key}
                  onClick={() => setQuery({ language: key === own ? undefined : key })}
                >
                  {label}
                </button>
              ))}
            </div>
          </header>
          {language === own
            ? (
              <>
                <SourceEditor
                  file={place.file}
                  text={text.replaceAll('\r\n', '\n')}
                  readOnly={lockedBecause.value !== undefined}
                  problems={problems.value.filter(({ file }) => file === place.file)}
                  reveal={reveal}
                  onChange={next => edit(place.file, next)}
                />
                <ProblemList />
              </>
              )
            : (
              <OtherLanguage file={place.file} text={text} />
              )}
        </div>
      )}
    </div>
  )
}
