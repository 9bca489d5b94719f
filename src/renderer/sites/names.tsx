/** Names that people give to machines of all sites. */
import { t } from '#messages/text.ts'
import { Button, Group, TextInput } from '@mantine/core'
import { createContext, useContext, useMemo, useState, type ReactElement, type ReactNode } from 'react'
import { mostNameLetters, type MachineName } from '#shared/contract/sites.ts'
import { call } from '../connection.ts'
import { attempt } from '../store.ts'
import { offerUndo } from '../undo.tsx'
import { useHub } from './use-hub.ts'

interface Names {
  readonly nameOf: (mac: string) => string
  /** Of a whole name, in any case. */
  readonly macOf: (name: string) => string | undefined
  readonly rename: (mac: string, name: string) => Promise<void>
}

const NamesContext = createContext<Names>({ nameOf: () => '', macOf: () => undefined, rename: () => Promise.resolve() })

export const useSiteNames = (): Names => useContext(NamesContext)

/** What people call the machines of the hub, for everything within. */
export function SiteNames({ children }: { readonly children: ReactNode }): ReactElement {
  const { value } = useHub('sites.names', {})
  // What the hub replied counts until it tells its names anew.
  const [said, setSaid] = useState<{ readonly after: unknown; readonly names: readonly MachineName[] }>()
  const names = useMemo((): Names => {
    const newest = said?.after === value ? said?.names : value
    const known = new Map((newest ?? []).map((one) => [one.mac, one.name]))
    const byName = new Map([...known].map(([mac, name]) => [name.toLowerCase(), mac]))
    const say = async (mac: string, name: string): Promise<void> => {
      setSaid({ after: value, names: await call('sites.rename', { mac, name }) })
    }
    return {
      nameOf: (mac) => known.get(mac) ?? '',
      macOf: (name) => byName.get(name.toLowerCase()),
      rename: async (mac, name) => {
        const before = known.get(mac) ?? ''
        const isDone = await attempt(t('sites.name-2'), async () => {
          await say(mac, name)
          return true
        })
        if (isDone)
          offerUndo(name === '' ? t('sites.no-name-any-more', { mac }) : t('sites.called', { mac, name }), () =>
            say(mac, before),
          )
      },
    }
  }, [value, said])
  return <NamesContext value={names}>{children}</NamesContext>
}

/** A machine by its name, where it has one, and its address. */
export function MachineText({ mac }: { readonly mac: string }): ReactElement {
  const name = useSiteNames().nameOf(mac)
  return name === '' ? (
    <span className="mono">{mac}</span>
  ) : (
    <span title={`${name}, ${mac}`}>
      {name} <span className="mono quiet">{mac}</span>
    </span>
  )
}

/** Gives a machine a name, changes it or takes it away. */
export function NameField({ mac }: { readonly mac: string }): ReactElement {
  const { nameOf, rename } = useSiteNames()
  const name = nameOf(mac)
  const [draft, setDraft] = useState<string>()
  if (draft === undefined)
    return (
      <Button size="compact-xs" variant="subtle" onClick={() => setDraft(name)}>
        {name === '' ? t('sites.name-machine') : t('sites.rename')}
      </Button>
    )
  return (
    <Group
      component="form"
      gap={6}
      wrap="nowrap"
      onSubmit={(event) => {
        event.preventDefault()
        setDraft(undefined)
        if (draft.trim() !== name) void rename(mac, draft.trim())
      }}
      onKeyDown={(event) => event.key === 'Escape' && setDraft(undefined)}
    >
      <TextInput
        size="xs"
        w={180}
        aria-label={t('sites.name', { mac })}
        data-autofocus
        autoFocus
        maxLength={mostNameLetters}
        value={draft}
        onChange={(event) => setDraft(event.currentTarget.value)}
      />
      <Button size="compact-xs" type="submit">
        {t('sites.save')}
      </Button>
    </Group>
  )
}
