import { linkTo } from '../state/route.js'

interface NameLinksProps {
  readonly names: readonly string[]
  readonly hrefOf: (name: string) => string
  /** Names that are listed. Default: all */
  readonly max?: number
}

/** `A, B, C and 2 more`, where each name leads to its page. */
export const NameLinks = ({ names, hrefOf, max = names.length }: NameLinksProps) => (
  <>
    {names.slice(0, max).map((name, at) => (
      <span key={name}>
        {at > 0 && ', '}
        <a href={hrefOf(name)}>{name}</a>
      </span>
    ))}
    {names.length > max && ` and ${names.length - max} more`}
  </>
)

const MAX_PROXIES = 3

export const ProxyLinks = ({ names }: { names: readonly string[] }) => (
  <NameLinks names={names} hrefOf={name => linkTo('proxies', name)} max={MAX_PROXIES} />
)
