import { useMantineColorScheme } from '@mantine/core'
import { Spotlight, type SpotlightActionData } from '@mantine/spotlight'
import { useEffect, useState, type ReactElement } from 'react'
import type { Client, Reply } from '#shared/contract/calls.ts'
import { call } from '../connection.ts'
import { go } from '../route.ts'
import { attempt, useStore } from '../store.ts'
import { pageLinks } from './rail.tsx'
import { startResponder, stopResponder } from './top-bar.tsx'

const nobody: ReadonlyMap<string, Client> = new Map()

/** Everything that has a name, one key away. */
export function Palette(): ReactElement {
  // Hundreds of clients change a few times a second: they concern nobody while it is closed.
  const [isOpen, setOpen] = useState(false)
  const clients = useStore((one) => (isOpen ? one.clients : nobody))
  const capture = useStore((one) => one.capture)
  const interfaces = useStore((one) => one.interfaces)
  const { toggleColorScheme } = useMantineColorScheme()
  const [scenarios, setScenarios] = useState<readonly Reply<'scenarios.list'>[number][]>([])
  useEffect(() => {
    if (isOpen) void call('scenarios.list', {}).then(setScenarios, () => {})
  }, [isOpen])
  const actions: SpotlightActionData[] = [
    ...pageLinks.map(({ page, label, key }) => ({
      id: page,
      label,
      description: `Page, g ${key}`,
      onClick: () => go(page),
    })),
    { id: 'start', label: 'Start the responder', onClick: () => void startResponder() },
    { id: 'stop', label: 'Stop the responder', onClick: () => void stopResponder() },
    ...(capture?.interface == null
      ? interfaces.map((one) => ({
          id: `capture ${one.name}`,
          label: `Capture on ${one.name}`,
          description: capture?.tool ?? 'no program that captures',
          onClick: () =>
            void attempt('Capture', async () => {
              await call('capture.start', { interface: one.name })
              go('flows', 'live')
            }),
        }))
      : [
          {
            id: 'capture',
            label: 'Stop the capture',
            onClick: () => void attempt('Capture', () => call('capture.stop', {})),
          },
        ]),
    { id: 'theme', label: 'Switch between light and dark', onClick: toggleColorScheme },
    {
      id: 'use-dhcp-ports',
      label: 'UseDHCPPorts: one port, two services',
      description: 'Doctor',
      onClick: () => go('doctor', 'use-dhcp-ports'),
    },
    { id: 'matrix', label: 'Co-hosting matrix', description: 'Simulator', onClick: () => go('simulator', 'matrix') },
    ...scenarios.map(({ id, input }) => ({
      id: `scenario ${id}`,
      label: (input as { title: string }).title,
      description: 'Scenario',
      onClick: () => go('simulator', id),
    })),
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
      onSpotlightOpen={() => setOpen(true)}
      onSpotlightClose={() => setOpen(false)}
      shortcut="mod + K"
      limit={12}
      highlightQuery
      nothingFound="Nothing has that name."
      searchProps={{ placeholder: 'Page, action, client', 'aria-label': 'Search pages, actions and clients' }}
    />
  )
}
