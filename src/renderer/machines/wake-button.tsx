import { t } from '#messages/text.ts'
import { ActionIcon, Button, Group, Menu, Modal, TextInput } from '@mantine/core'
import { IconChevronDown } from '@tabler/icons-react'
import { useState, type ReactElement } from 'react'
import { parseIpv4, parseMac } from '#shared/wire/bytes.ts'
import type { Client } from '#shared/contract/calls.ts'
import { wake } from '../pages/wake-machines.ts'

/** Wakes a machine, with the SecureOn password where its network card wants one. */
export function WakeButton({ client }: { readonly client: Client }): ReactElement {
  const [isAsking, setAsking] = useState(false)
  const [password, setPassword] = useState('')
  const isValid = parseMac(password) !== undefined || parseIpv4(password.trim()) !== undefined
  const send = (): void => {
    setAsking(false)
    void wake([client], password.trim())
    setPassword('')
  }
  return (
    <Group gap={1}>
      <Button size="compact-sm" variant="default" onClick={() => void wake([client])}>
        {t('machines-page.wake-2')}
      </Button>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon size={26} variant="default" aria-label={t('machines-page.more-ways-wake')}>
            <IconChevronDown size={14} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => setAsking(true)}>{t('machines-page.secureon-password')}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {isAsking && (
        <Modal
          opened
          onClose={() => setAsking(false)}
          title={t('machines-page.wake', { name: client.name ?? client.mac })}
          size="sm"
        >
          <form onSubmit={(event) => (event.preventDefault(), send())}>
            <TextInput
              label={t('machines-page.secureon-password-2')}
              description={t('machines-page.network-card-01-02-03')}
              value={password}
              onChange={(event) => setPassword(event.currentTarget.value)}
              error={password !== '' && !isValid ? t('machines-page.six-octets-four-ipv4-address') : undefined}
              data-autofocus
            />
            <Button type="submit" mt="sm" disabled={!isValid}>
              {t('machines-page.send-wake-up-packet')}
            </Button>
          </form>
        </Modal>
      )}
    </Group>
  )
}
