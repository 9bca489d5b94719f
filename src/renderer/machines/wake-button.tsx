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
        Wake
      </Button>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon size={26} variant="default" aria-label="More ways to wake">
            <IconChevronDown size={14} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => setAsking(true)}>With SecureOn password…</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {isAsking && (
        <Modal opened onClose={() => setAsking(false)} title={`Wake ${client.name ?? client.mac}`} size="sm">
          <form onSubmit={(event) => (event.preventDefault(), send())}>
            <TextInput
              label="SecureOn password"
              description="Of the network card: 01:02:03:0a:0b:0c or 192.168.0.1. It is sent in clear."
              value={password}
              onChange={(event) => setPassword(event.currentTarget.value)}
              error={password !== '' && !isValid ? 'six octets, or four as an IPv4 address' : undefined}
              data-autofocus
            />
            <Button type="submit" mt="sm" disabled={!isValid}>
              Send wake-up packet
            </Button>
          </form>
        </Modal>
      )}
    </Group>
  )
}
