import { signal } from '@preact/signals'
import { editGroup, groupsIn } from '../../../../lib/definitions/group-form/edit-group.js'
import type { GroupChange, GroupName } from '../../../../lib/definitions/group-form/group-form.js'
import { configuration, edit, opened, openFile } from '../state/configuration-store.js'

/** Where a group is configured. */
export interface GroupLocation {
  readonly file: string
  readonly group: GroupName
}

/** Files that are opened to find a group. */
const MAX_OPENED = 300

/** The line of the cursor in the source; undefined: the reader has not moved it. */
export const cursorLine = signal<number | undefined>(undefined)

/** What the form cannot change in place; shown until the next change. */
export const onlyInSource = signal<string | undefined>(undefined)

/**
 * Finds the file that contains a group. A group without a name of its own is found by the artefact that contains it,
 * with whose name its name in the gateway begins.
 * @returns undefined if no file has it
 */
export async function findGroup (name: string): Promise<GroupLocation | undefined> {
  const files = (configuration.value?.files ?? []).filter(file => /\.(?:xml|json)$/.test(file))
  const isNamed = (file: string): boolean => file.slice(0, file.lastIndexOf('.')).endsWith(`/${name}`)
  const searchRank = (file: string): number => (isNamed(file) ? 0 : file.includes('/endpoints/') ? 1 : 2)
  let unnamed: GroupLocation | undefined
  for (const file of files.toSorted((a, b) => searchRank(a) - searchRank(b)).slice(0, MAX_OPENED)) {
    await openFile(file)
    const groups = groupsIn(opened.value.get(file)?.text ?? '')
    const at = groups.findIndex(group => group.name === name)
    if (at >= 0) return { file, group: at }
    const inArtefact = groups.findIndex(
      ({ name: own, artefact }) => own === undefined && artefact !== undefined && name.startsWith(artefact)
    )
    if (inArtefact >= 0) unnamed ??= { file, group: inArtefact }
  }
  return unnamed
}

/** Changes the text of a group in place, or reports that this is possible in the source only. */
export function changeGroup ({ file, group }: GroupLocation, change: GroupChange): void {
  const text = opened.value.get(file)?.text
  const edited = text === undefined || text === null ? undefined : editGroup(text, group, change)
  onlyInSource.value = edited === undefined ? 'This can be changed in the source only.' : undefined
  if (edited !== undefined) edit(file, edited)
}
