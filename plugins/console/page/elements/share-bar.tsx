interface ShareBarProps {
  /** `progressbar`: the share grows until something has ended. */
  readonly role: 'meter' | 'progressbar'
  readonly value: number
  readonly max: number
  readonly label: string
}

/** A share as a bar, drawn alike in all browsers. */
export const ShareBar = ({ role, value, max, label }: ShareBarProps) => (
  <svg class='share-bar' role={role} aria-label={label} aria-valuemin={0} aria-valuemax={max} aria-valuenow={value}>
    <rect class='track' width='100%' height='100%' rx='4' />
    <rect class='share' width={`${max === 0 ? 0 : (100 * value) / max}%`} height='100%' rx='4' />
  </svg>
)
