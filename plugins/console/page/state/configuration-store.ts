import { computed, signal } from '@preact/signals'
import type { Problem } from '../../../../lib/definitions/model/problem.js'
import type { Effects } from '../../../../lib/compiler/effects.js'
import type { ArtefactNames } from '../../../../lib/definitions/vocabulary.js'
import type { ReloadEntry } from '../../../admin/project/reload-history.js'
import { api, isApiError, messageOf, operator, operatorQuery } from './api.js'
import { notify } from './notice.js'
import { gateway, refusedReload } from './store.js'

/** What `GET /configuration` returns. */
export interface Configuration {
  readonly sources: readonly { readonly path: string | null, readonly baseDir: string, readonly isFolder: boolean }[]
  /** Folders of Synapse's layout, in which files may be added. */
  readonly folders: readonly string[]
  readonly files: readonly string[]
  readonly isWritable: true | string
  readonly loadedAt: number
  readonly upToDate: boolean
  readonly problems: readonly Problem[]
  readonly unconfirmed: { readonly endsAt: number, readonly files: readonly string[], readonly by?: string } | null
  /** What artefacts are called; null: the caller sees no sources. */
  readonly names: ArtefactNames | null
  readonly reloads: readonly Reload[]
}

export interface Reload extends ReloadEntry {
  /** Whether the texts are kept that it ran. */
  readonly hasTexts: boolean
}

/** A file as it was opened, and as it is in the page. */
export interface Draft {
  readonly text: string | null
  /** As it is on disk; empty for a new file. */
  readonly saved: string
  readonly was: string | null
}

export interface Check {
  readonly problems: readonly Problem[]
  readonly effects: readonly Effects[]
  readonly names: ArtefactNames
}

/** Between the last letter and the check, in milliseconds. */
const CHECK_DELAY_MS = 300
const CHECK_AGAIN_MS = 1_000

export const configuration = signal<Configuration | undefined>(undefined)
/** Files that were opened in this page. */
export const opened = signal<ReadonlyMap<string, Draft>>(new Map())
/** The check of the changes; undefined while it is not known. */
export const check = signal<Check | undefined>(undefined)
/** Why the last check failed. */
export const checkFailure = signal<string | undefined>(undefined)
export const isReviewing = signal(false)

/** A file as it is on disk now; null: it is gone. */
export interface OnDisk {
  readonly text: string | null
  readonly hash: string | null
}

/** Changed files that another hand has changed, too. */
export const conflicts = signal<ReadonlyMap<string, OnDisk>>(new Map())
/** Whether they are compared. */
export const isComparing = signal(false)

export const changed = computed(() => [...opened.value].filter(([, { text, saved, was }]) =>
  text === null ? was !== null : text !== saved || was === null))
/** Whether the changes can be reviewed: they are checked and can run, and no other hand has changed their files. */
export const isReviewable = computed(() =>
  isChanged.value && (check.value?.effects.length ?? 0) > 0 && conflicts.value.size === 0)
export const isChanged = computed(() => changed.value.length > 0)

/** Problems of the changes, or of what runs. */
export const problems = computed((): readonly Problem[] =>
  isChanged.value ? (check.value?.problems ?? []) : (configuration.value?.problems ?? []))
export const errorCount = computed(() => problems.value.filter(({ severity }) => severity === 'error').length)

/** The name of a file below the folder of its configuration. */
export function shortName (file: string): string {
  const { baseDir } = configuration.value?.sources.find(source => file.startsWith(`${source.baseDir}/`)) ?? {}
  return baseDir === undefined ? file : file.slice(baseDir.length + 1)
}

export async function loadConfiguration (): Promise<void> {
  try {
    const read = await api<Configuration>('configuration')
    configuration.value = read
    const { loadedAt, upToDate, reloads } = read
    const last = reloads.at(-1)
    refusedReload.value =
      upToDate || last === undefined || last.outcome !== 'refused'
        ? undefined
        : { at: last.at, reason: last.reason, problems: last.problems.length, runsSince: loadedAt }
  } catch {
    // Without a connection the page shows its last state, and marks it as such.
  }
}

/** Reads a file, unless it is open already. @returns why it cannot be read */
export async function openFile (file: string): Promise<string | undefined> {
  if (opened.value.has(file)) return undefined
  try {
    const { text, hash } = await api<{ text: string, hash: string }>(`configuration/files/${encodeURIComponent(file)}`)
    setDraft(file, { text, saved: text, was: hash })
    return undefined
  } catch (error) {
    return messageOf(error)
  }
}

/** Changes a file that is open, or adds it. */
export const putFile = (file: string, text: string): void => {
  if (opened.value.has(file)) edit(file, text)
  else addFile(file, text)
}

/** Adds a file that is not there yet. */
export const addFile = (file: string, text: string): void => {
  setDraft(file, { text, saved: '', was: null })
  checkSoon()
}

/** Changes the text of an open file. Its lines end as they did; null removes it. */
export function edit (file: string, text: string | null): void {
  const draft = opened.value.get(file)
  if (draft === undefined) return
  const next = text !== null && draft.saved.includes('\r\n') ? text.replace(/\r?\n/g, '\r\n') : text
  if (next === draft.text) return
  if (next === null && draft.was === null) removeDraft(file)
  else setDraft(file, { ...draft, text: next })
  checkSoon()
}

export function discard (): void {
  opened.value = new Map([...opened.value].flatMap(([file, draft]) =>
    draft.was === null ? [] : [[file, { ...draft, text: draft.saved }]]))
  check.value = undefined
  conflicts.value = new Map()
  clearTimeout(timer)
}

let timer: ReturnType<typeof setTimeout> | undefined
let isChecking = false
let checkedVersion = 0
let version = 0

/** Checks a moment after the last change; one check at a time. */
function checkSoon (delay = CHECK_DELAY_MS): void {
  version++
  clearTimeout(timer)
  timer = setTimeout(() => { void checkNow() }, delay)
}

async function checkNow (): Promise<void> {
  if (isChecking || !isChanged.value) return
  isChecking = true
  const mine = version
  try {
    check.value = await api<Check>('configuration/check', 'POST', { files: changes() })
    checkFailure.value = undefined
    checkedVersion = mine
  } catch (error) {
    checkFailure.value = messageOf(error)
    if (isStale(error)) await findConflicts()
    if (isApiError(error) && error.status === 429) timer = setTimeout(() => { void checkNow() }, CHECK_AGAIN_MS)
  } finally {
    isChecking = false
  }
  if (checkedVersion !== version && version !== mine) checkSoon(0)
}

const isStale = (error: unknown): boolean => isApiError(error) && error.status === 409

/** Finds the changed files that are on disk no longer as they were opened. @returns whether there is one */
async function findConflicts (): Promise<boolean> {
  const found = new Map<string, OnDisk>()
  for (const [file, { was }] of changed.value) {
    const gone = (error: unknown): OnDisk | undefined =>
      isApiError(error) && was !== null ? { text: null, hash: null } : undefined
    const onDisk = await api<OnDisk>(`configuration/files/${encodeURIComponent(file)}`).catch(gone)
    if (onDisk !== undefined && onDisk.hash !== was) found.set(file, onDisk)
  }
  conflicts.value = found
  return found.size > 0
}

/** Settles a conflict: the changes are those of `text` against what is on disk. @param text null: it is removed */
export function settleConflict (file: string, text: string | null): void {
  const onDisk = conflicts.value.get(file)
  if (onDisk === undefined) return
  conflicts.value = new Map([...conflicts.value].filter(([each]) => each !== file))
  if (onDisk.text === null && text === null) removeDraft(file)
  else setDraft(file, { text, saved: onDisk.text ?? '', was: onDisk.hash })
  if (conflicts.value.size === 0) isComparing.value = false
  check.value = undefined
  checkFailure.value = undefined
  checkSoon(0)
}

const changes = (): object => Object.fromEntries(changed.value.map(([file, { text, was }]) => [file, { text, was }]))

/** Runs the changes for some minutes, or saves them. @returns why not */
export async function apply (how: 'try' | 'save', minutes: number): Promise<string | undefined> {
  try {
    await api('configuration/apply', 'POST', { files: changes(), how, minutes, ...operator() })
  } catch (error) {
    if (isStale(error) && (await findConflicts())) {
      isReviewing.value = false
      isComparing.value = true
    }
    return messageOf(error)
  }
  if (how === 'save') {
    opened.value = new Map()
    check.value = undefined
    notify('Saved and reloaded. States and sessions are kept where their settings are the same.')
  } else notify(`It runs. It is reverted in ${minutes} min, unless it is kept.`)
  isReviewing.value = false
  await loadConfiguration()
  return undefined
}

const DONE = {
  keep: 'Kept: the files are written.', revert: 'Reverted: the files run again.', reload: 'Reloaded.'
} as const

const PATHS = { keep: 'configuration/keep', revert: 'configuration/revert', reload: 'reload' } as const

/** Keeps or reverts the unconfirmed configuration, or reads the files again. */
export async function act (what: 'keep' | 'revert' | 'reload'): Promise<void> {
  try {
    await api(`${PATHS[what]}${operatorQuery()}`, 'POST')
    if (what === 'keep') opened.value = new Map()
    notify(DONE[what])
  } catch (error) {
    notify(messageOf(error), undefined, true)
  }
  await loadConfiguration()
}

/** Opens the texts of an earlier reload as changes, to be reviewed. @returns why not */
export async function goBackTo (number: number): Promise<string | undefined> {
  try {
    const { files } = await api<{ files: Readonly<Record<string, string>> }>(`configuration/reloads/${number}`)
    for (const file of configuration.value?.files ?? []) {
      const failure = await openFile(file)
      if (failure === undefined && files[file] === undefined) edit(file, null)
    }
    for (const [file, text] of Object.entries(files)) putFile(file, text)
    if (!isChanged.value) notify('The files are already as they were then.')
    return undefined
  } catch (error) {
    return messageOf(error)
  }
}

/** Why the page cannot change the configuration; undefined: it can. */
export const lockedBecause = computed((): string | undefined => {
  const { maySee, mayEdit } = gateway.value ?? {}
  return maySee !== true ? maySee : mayEdit !== true ? mayEdit : undefined
})

function setDraft (file: string, draft: Draft): void {
  opened.value = new Map([...opened.value, [file, draft]])
}

function removeDraft (file: string): void {
  opened.value = new Map([...opened.value].filter(([each]) => each !== file))
}
