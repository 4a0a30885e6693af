import { useState } from 'preact/hooks'
import { SelectField, TextField, type FieldProps } from './form-field.js'
import { proposing } from '../configuration/vocabulary-store.js'

const ALGORITHMS = [
  [undefined, 'Round robin (not set)', 'Members in turn; those that are not ready are skipped.'],
  ['roundRobin', 'Round robin', 'Members in turn; those that are not ready are skipped.'],
  ['weightedRoundRobin', 'Weighted round robin', 'Members in turn, each as often as its weight requires.'],
  ['weightedRRLC', 'Weighted by load', 'Weighted round robin whose weights follow the load.'],
  ['leastRequests', 'Least requests', 'The member with the fewest requests in flight, by its weight.'],
  ['powerOfTwoChoices', 'Two choices', 'Of two members chosen by chance, the one with fewer requests in flight.'],
  ['rendezvous', 'Rendezvous', 'By the id of the session, so that several gateways agree.']
] as const

const OWN = 'own'

/** The algorithm of a group: one of the list, or one of the app by its name or class. */
export function AlgorithmField (props: FieldProps) {
  const { field, onChange } = props
  const [isChosen, setChosen] = useState(false)
  const isListed = ALGORITHMS.some(([each]) => each === field.value)
  const isOwn = isChosen || !isListed
  return (
    <>
      <SelectField
        {...props}
        field={isOwn ? { ...field, value: OWN } : field}
        options={[...ALGORITHMS, [OWN, 'Of your own…', 'An algorithm that the app brings.']]}
        onChange={value => {
          setChosen(value === OWN)
          if (value !== OWN) onChange(value)
        }}
      />
      {isOwn && (
        <TextField
          {...props}
          id={`${props.id}-own`}
          label='Name or class of the algorithm'
          field={isListed ? { ...field, value: undefined } : field}
          proposals={ownAlgorithms()}
          onChange={value => {
            setChosen(true)
            onChange(value)
          }}
        />
      )}
    </>
  )
}

/** Names that the vocabulary has and the list does not. */
function ownAlgorithms (): readonly string[] {
  const group = proposing.value?.vocabulary.elements.find(({ name }) => name === 'loadbalance')
  const names = group?.attributes.find(({ name }) => name === 'algorithm')?.values ?? []
  const isListed = (name: string): boolean =>
    ALGORITHMS.some(([each]) => each === name) || name.startsWith('org.apache.synapse.endpoints.algorithms.')
  return names.map(({ value }) => value).filter(name => !isListed(name))
}
