import { useMantineColorScheme } from '@mantine/core'
import { Spotlight, type SpotlightActionData } from '@mantine/spotlight'
import { useEffect, useState, type ReactElement } from 'react'
import type { Client, Reply } from '#shared/contract/calls.ts'
import { pxeErrors } from '#shared/diagnosis/pxe-errors.ts'
import { pageLinks } from '#shared/contract/pages.ts'
import { nothingAsked, showAsked } from '../ask/place.ts'
import { call } from '../connection.ts'
import { go } from '../route.ts'
import { shellBridge } from '../shell-bridge.ts'
import { attempt, useStore } from '../store.ts'
import { hasShell, openCapture, openLab, saveLabAs } from './file-commands.ts'
import { showSheet } from './sheets.ts'
import { startResponder, stopResponder } from './top-bar.tsx'

const nobody: ReadonlyMap<string, Client> = new Map()

/** Everything that has a name, one key away. */
export function Palette(): ReactElement {
  // Hundreds of clients change a few times a second: they concern nobody while it is closed.
  const [isOpen, setOpen] = useState(false)
  const clients = useStore((one) => (isOpen ? one.clients : nobody))
  const capture = useStore((one) => one.capture)
  const interfaces = useStore((one) => one.interfaces)
  const hasLab = useStore((one) => one.lab?.exists ?? false)
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
    ...(hasShell
      ? [{ id: 'new-lab', label: 'New lab', description: 'File', onClick: () => shellBridge?.ask({ type: 'new-lab' }) }]
      : []),
    { id: 'open-lab', label: 'Open lab', description: 'File', onClick: openLab },
    { id: 'open-capture', label: 'Open capture', description: 'File', onClick: openCapture },
    ...(hasLab ? [{ id: 'save-lab-as', label: 'Save lab as', description: 'File', onClick: saveLabAs }] : []),
    { id: 'shortcuts', label: 'Keyboard shortcuts', description: 'Help, ?', onClick: () => showSheet('shortcuts') },
    { id: 'about', label: 'About PXE Lab', description: 'Help', onClick: () => showSheet('about') },
    { id: 'theme', label: 'Switch between light and dark', onClick: toggleColorScheme },
    {
      id: 'use-dhcp-ports',
      label: 'UseDHCPPorts: one port, two services',
      description: 'Doctor',
      onClick: () => go('doctor', 'use-dhcp-ports'),
    },
    {
      id: 'ask',
      label: 'Find the cause of a boot that fails',
      description: 'Doctor',
      onClick: () => showAsked(nothingAsked),
    },
    ...pxeErrors.map(({ code, bios, uefi }) => ({
      id: code,
      label: code,
      description: [...new Set([bios, uefi])].filter(Boolean).join('; on UEFI: '),
      // As people say it.
      keywords: [code.slice(4)],
      onClick: () => showAsked({ ...nothingAsked, code }),
    })),
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
