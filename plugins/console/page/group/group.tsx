import { useEffect, useMemo, useState } from 'preact/hooks'
import { readGroupForm } from '../../../../lib/definitions/group-form/edit-group.js'
import type { LiveGroup } from '../../../admin/contract/live-protocol.js'
import { count } from '../../model/format.js'
import {
  configuration,
  edit,
  loadConfiguration,
  lockedBecause,
  opened,
  problems,
  shortName
} from '../state/configuration-store.js'
import { EndpointTable } from '../operation/endpoint-table.js'
import { EventsOf } from '../operation/events.js'
import { DesignView } from './group-form.js'
import { GroupReadiness } from '../operation/group-readiness.js'
import { cursorLine, findGroup, type GroupLocation } from './group-store.js'
import { Icon } from '../elements/icons.js'
import { OtherLanguage } from './other-language.js'
import { ProblemList } from '../configuration/problem-list.js'
import { Loading } from '../elements/loading.js'
import { ApplyBar } from '../configuration/review.js'
import { linkTo, route, setQuery } from '../state/route.js'
import { Sessions } from '../operation/sessions.js'
import { SourceEditor } from '../configuration/source-editor.js'
import { endpointsIn, groups, groupsByName, sessionsOf } from '../state/store.js'
import { UnknownName } from '../operation/unknown-name.js'

const VIEWS = [
  ['design', 'Design'],
  ['both', 'Design and source'],
  ['source', 'Source']
] as const

const LANGUAGES = [
  ['xml', 'XML'],
  ['json', 'JSON']
] as const

const PARTS = [
  ['members', 'Members'],
  ['configuration', 'Configuration'],
  ['sessions', 'Sessions'],
  ['events', 'Events']
] as const

/** One group: its members, its configuration as a form and as its source, its sessions and what happened to it. */
export default function GroupPage ({ name }: { name: string }) {
  const part = PARTS.find(([key]) => key === route.value.part)?.[0] ?? 'configuration'
  const group = groupsByName.value.get(name)
  const view = viewOf(route.value.query)
  return (
    <>
      <div class='section-head'>
        <div>
          <p class='crumbs'>
            <a href='#/groups'>Groups</a> /
          </p>
          <GroupTitle name={name} />
        </div>
        {part === 'configuration' && (
          <div class='segments' role='group' aria-label='View'>
            {VIEWS.map(([key, label]) => (
              <button key={key} type='button' aria-pressed={view === key} onClick={() => setQuery({ view: key })}>
                {label}
              </button>
            ))}
          </div>
        )}
      </div>
      <div class='parts' role='navigation' aria-label={`Parts of ${name}`}>
        {PARTS.map(([key, label]) => (
          <a key={key} href={linkTo('groups', name, key)} aria-current={key === part ? 'page' : undefined}>
            {label}
            {key === 'sessions' && <SessionCount group={group} />}
          </a>
        ))}
      </div>
      {part === 'configuration'
        ? <GroupConfiguration name={name} view={view} />
        : group === undefined
          ? <UnknownName kind='group' name={name} known={groups.value.map(each => each.name)} />
          : <Part part={part} group={group} />}
      <ApplyBar />
    </>
  )
}

function Part ({ part, group }: { part: 'members' | 'sessions' | 'events'; group: LiveGroup }) {
  if (part === 'members') return <EndpointTable group={group} />
  if (part === 'sessions') return <Sessions group={group.name} />
  const endpoints = endpointsIn(group)
  return <EventsOf names={[group.name, ...endpoints.map(({ name }) => name)]} />
}

const viewOf = (query: URLSearchParams): string => query.get('view') ?? 'both'

function SessionCount ({ group }: { group: LiveGroup | undefined }) {
  const sessions = group && sessionsOf(group)
  return sessions === undefined ? null : <span class='badge'>{count(sessions.bound)}</span>
}

/** The form and the source, which are always of the same text. */
function GroupConfiguration ({ name, view }: { name: string; view: string }) {
  const [location, setLocation] = useState<GroupLocation | 'none'>()
  const files = configuration.value?.files.join('\n')
  useEffect(() => {
    if (configuration.value === undefined) void loadConfiguration()
  }, [])
  useEffect(() => {
    if (files !== undefined) void findGroup(name).then(found => setLocation(found ?? 'none'))
  }, [name, files])
  return (
    <>
      {lockedBecause.value !== undefined && (
        <p class='card note'>
          <Icon name='key' /> {lockedBecause.value}
        </p>
      )}
      {location === undefined
        ? <Loading />
        : location !== 'none'
          ? <GroupEditor location={location} view={view} />
          : groupsByName.value.has(name)
            ? <p class='card empty'>No file that can be read here has this group.</p>
            : <UnknownName kind='group' name={name} known={groups.value.map(each => each.name)} />}
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

function GroupEditor ({ location, view }: { location: GroupLocation; view: string }) {
  const text = opened.value.get(location.file)?.text ?? ''
  const form = useMemo(() => readGroupForm(text, location.group), [text, location.group])
  const [reveal, setReveal] = useState<{ line: number; focus: boolean }>()
  const own = location.file.endsWith('.json') ? 'json' : 'xml'
  const language = route.value.query.get('language') ?? own
  useEffect(() => {
    if (form !== undefined) setReveal({ line: form.line, focus: false })
  }, [location])
  return (
    <div class={`split card view-${view}`}>
      {view !== 'source' &&
        (form === undefined
          ? (
            <p class='empty muted'>The source is malformed: the form is shown when it is well-formed.</p>
            )
          : (
            <DesignView location={location} form={form} onFocus={line => setReveal({ line, focus: false })} />
            ))}
      {view !== 'design' && (
        <div class='source-side'>
          <header class='file-head'>
            <code>{shortName(location.file)}</code>
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
                  file={location.file}
                  text={text.replaceAll('\r\n', '\n')}
                  saved={opened.value.get(location.file)?.saved.replaceAll('\r\n', '\n')}
                  readOnly={lockedBecause.value !== undefined}
                  problems={problems.value.filter(({ file }) => file === location.file)}
                  reveal={reveal}
                  onChange={next => edit(location.file, next)}
                  onCursor={line => {
                    cursorLine.value = line
                  }}
                />
                <ProblemList />
              </>
              )
            : (
              <OtherLanguage file={location.file} text={text} />
              )}
        </div>
      )}
    </div>
  )
}
