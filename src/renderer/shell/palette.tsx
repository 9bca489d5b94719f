import { useMantineColorScheme } from '@mantine/core'
import { Spotlight, type SpotlightActionData } from '@mantine/spotlight'
import type { ReactElement } from 'react'
import { go } from '../route.ts'
import { useStore } from '../store.ts'
import { pageLinks } from './rail.tsx'
import { startResponder, stopResponder } from './top-bar.tsx'

/** Everything that has a name, one key away. */
export function Palette(): ReactElement {
  const clients = useStore((one) => one.clients)
  const { toggleColorScheme } = useMantineColorScheme()
  const actions: SpotlightActionData[] = [
    ...pageLinks.map(({ page, label, key }) => ({
      id: page,
      label,
      description: `Page, g ${key}`,
      onClick: () => go(page),
    })),
    { id: 'start', label: 'Start the responder', onClick: () => void startResponder() },
    { id: 'stop', label: 'Stop the responder', onClick: () => void stopResponder() },
    { id: 'theme', label: 'Switch between light and dark', onClick: toggleColorScheme },
    ...[...clients.values()].map((client) => ({
      id: client.mac,
      label: client.mac,
      description: [client.hostName, client.firmware, client.address].filter(Boolean).join(', '),
      onClick: () => go('clients', client.mac),
    })),
  ]
  return (
    <Spotlight
      actions={actions}
      shortcut="mod + K"
      limit={12}
      highlightQuery
      nothingFound="Nothing has that name."
      searchProps={{ placeholder: 'Page, action, client', 'aria-label': 'Search pages, actions and clients' }}
    />
  )
}
