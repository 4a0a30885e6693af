import { computed, signal } from '@preact/signals'
import type { ArtefactNames, Vocabulary } from '../../../../lib/definitions/vocabulary.js'
import { api } from '../state/api.js'
import { check, configuration, isChanged } from '../state/configuration-store.js'

/** What the editors propose: the words of configurations, and the names of the artefacts of this one. */
export interface Proposing {
  readonly vocabulary: Vocabulary
  readonly names: ArtefactNames
}

const vocabulary = signal<Vocabulary | undefined>(undefined)
/** The names as JSON: editors are changed only where these are others. */
const names = computed(() => {
  const checked = isChanged.value ? check.value?.names : undefined
  const known = checked ?? configuration.value?.names
  return known ? JSON.stringify(known) : undefined
})

/** Undefined while it is not known. */
export const proposing = computed((): Proposing | undefined =>
  vocabulary.value === undefined || names.value === undefined
    ? undefined
    : { vocabulary: vocabulary.value, names: JSON.parse(names.value) as ArtefactNames })

/** Reads the vocabulary, once. Without it the editor proposes end tags only. */
export async function loadVocabulary (): Promise<void> {
  if (vocabulary.value !== undefined) return
  vocabulary.value = await api<Vocabulary>('configuration/vocabulary').catch(() => undefined)
}
