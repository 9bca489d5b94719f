import { TagsInput } from '@mantine/core'
import type { ReactElement } from 'react'
import type { Scenario } from '#shared/simulation/scenario.ts'
import { authorities, authorityIds, authorityNamed, type AuthorityId } from '#shared/wire/secure-boot/authorities.ts'

const isAuthority = (name: string): name is AuthorityId => (authorityIds as readonly string[]).includes(name)

/** The name on the certificate; another name stays. */
const shown = (name: string): string => (isAuthority(name) ? authorities[name].name : name)

/** Who signed a file of the scenario, without the authorities of Microsoft. */
export function signersIn({ hosts }: Scenario): readonly string[] {
  const files = Object.values(hosts).flatMap((host) => Object.values(host.files))
  return [...new Set(files.flatMap(({ signedBy = [], builtIn = [] }) => [...signedBy, ...builtIn]))].filter(
    (name) => !isAuthority(name),
  )
}

/** Who issued the certificates of its web servers. */
export function issuersIn({ hosts }: Scenario): readonly string[] {
  const services = Object.values(hosts).flatMap((host) => Object.values(host.services))
  return [...new Set(services.flatMap((one) => ('tls' in one && one.tls ? [one.tls.authority] : [])))]
}

/** Names that are chosen from those known, or typed; each at once a setting. */
export function NamesSetting({
  label,
  values,
  known,
  placeholder,
  onSet,
}: {
  readonly label: string
  readonly values: readonly string[]
  readonly known: readonly string[]
  /** What holds where there is none. */
  readonly placeholder: string
  /** Without the names where none is left. */
  readonly onSet: (names: readonly string[] | null) => void
}): ReactElement {
  return (
    <TagsInput
      size="xs"
      label={label}
      data={known.map(shown)}
      value={values.map(shown)}
      placeholder={values.length === 0 ? placeholder : ''}
      splitChars={[',', ';']}
      acceptValueOnBlur
      onChange={(names) => onSet(names.length === 0 ? null : names.map((name) => authorityNamed(name) ?? name))}
    />
  )
}
