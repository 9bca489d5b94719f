import { t } from '#messages/text.ts'
import { Button, Group, Select, Text, TextInput, Title } from '@mantine/core'
import { useState, type ReactElement } from 'react'
import { call } from '../connection.ts'
import { attempt, useStore } from '../store.ts'

/** The conflict on real sockets: a second DHCP server on this machine, for the machines of the demonstration only. */
export function RivalPanel(): ReactElement {
  const interfaces = useStore((one) => one.interfaces)
  const rival = useStore((one) => one.rival)
  const [name, setName] = useState<string | null>(null)
  const [macs, setMacs] = useState('')
  const chosen = name ?? interfaces[0]?.name ?? null
  return (
    <section className="section" aria-label={t('simulator.rival-real-sockets')}>
      <Title order={2} size="h4" mb={4}>
        {t('simulator.rival-real-sockets')}
      </Title>
      <Text size="sm" c="dimmed" maw={760}>
        {t('simulator.starts-second-dhcp-server-machine')}
      </Text>
      {rival?.isRunning ? (
        <Group mt="xs" gap="sm">
          <Text size="sm">
            {t('simulator.holds-port-67-process-answered', {
              address: rival.address,
              interface: rival.interface,
              pid: rival.pid,
              answered: rival.answered,
              passedOver: rival.passedOver,
            })}
          </Text>
          <Button
            size="xs"
            color="red"
            variant="light"
            onClick={() => void attempt(t('simulator.rival'), () => call('rival.stop', {}))}
          >
            {t('simulator.stop-rival')}
          </Button>
        </Group>
      ) : (
        <Group mt="xs" gap="sm" align="flex-end">
          <Select
            size="xs"
            label={t('simulator.interface')}
            allowDeselect={false}
            data={interfaces.map((one) => one.name)}
            value={chosen}
            onChange={setName}
          />
          <TextInput
            size="xs"
            w={300}
            label={t('simulator.hardware-addresses-may-answer')}
            placeholder="52:54:00:00:00:01"
            value={macs}
            onChange={(event) => setMacs(event.currentTarget.value)}
          />
          <Button
            size="xs"
            variant="default"
            disabled={chosen === null}
            onClick={() =>
              chosen !== null &&
              void attempt(t('simulator.rival'), () =>
                call('rival.start', { interface: chosen, clients: macs.split(/[\s,;]+/).filter(Boolean) }),
              )
            }
          >
            {t('simulator.start-rival')}
          </Button>
        </Group>
      )}
    </section>
  )
}
