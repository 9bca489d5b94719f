/** Names of authorities in the settings of a simulated machine: shown as on their certificates, kept as the scenario writes them. */
import { MantineProvider } from '@mantine/core'
import { render, screen } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, test } from 'vitest'
import { scenarioSchema } from '#shared/simulation/scenario.ts'
import { issuersIn, NamesSetting, signersIn } from '../../src/renderer/simulator/names-setting.tsx'

const scenario = scenarioSchema.parse({
  group: 'Wrong program',
  title: 'Signed',
  summary: 'Signed programs.',
  segments: { lan: { network: '192.168.77.0/24' } },
  hosts: {
    web: {
      on: { lan: '192.168.77.1' },
      services: { http: { type: 'http', tls: { authority: 'Site CA' } } },
      files: {
        'shimx64.efi': { signedBy: ['uefi-2011'], builtIn: ['Debian'] },
        'grubx64.efi': { signedBy: ['Own key', 'Debian'] },
      },
    },
  },
  clients: { pc: { firmware: 'edk2', on: 'lan', secureBoot: true } },
})

test('what can be chosen is what the scenario has: who signed, and who issued', () => {
  expect(signersIn(scenario)).toEqual(['Debian', 'Own key'])
  expect(issuersIn(scenario)).toEqual(['Site CA'])
})

test('an authority of Microsoft has the name of its certificate, and its key in the scenario; without a name the setting goes', async () => {
  const sets: unknown[] = []
  const user = userEvent.setup()
  const field = (values: readonly string[]) => (
    <MantineProvider env="test">
      <NamesSetting
        label="Trusted"
        values={values}
        known={['uefi-2011', 'Own key']}
        placeholder="every one"
        onSet={(names) => sets.push(names)}
      />
    </MantineProvider>
  )
  const { rerender } = render(field([]))
  await user.type(screen.getByPlaceholderText('every one'), 'Microsoft Corporation UEFI CA 2011{Enter}')
  expect(sets).toEqual([['uefi-2011']])
  rerender(field(['uefi-2011']))
  screen.getByText('Microsoft Corporation UEFI CA 2011')
  expect(screen.queryByPlaceholderText('every one')).toBeNull()
  await user.type(screen.getByRole('combobox', { name: 'Trusted' }), '{Backspace}')
  expect(sets.at(-1)).toBeNull()
})
