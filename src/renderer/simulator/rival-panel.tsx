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
    <section className="section" aria-label="A rival on real sockets">
      <Title order={2} size="h4" mb={4}>
        A rival on real sockets
      </Title>
      <Text size="sm" c="dimmed" maw={760}>
        Starts a second DHCP server on this machine that holds UDP port 67: the responder then cannot start and says who
        has the port, and a client gets addresses of the wrong server. It answers the machines named here and nobody
        else, and ends with this program.
      </Text>
      {rival?.isRunning ? (
        <Group mt="xs" gap="sm">
          <Text size="sm">
            Holds port 67 as {rival.address} on {rival.interface}, process {rival.pid}. {rival.answered} answered,{' '}
            {rival.passedOver} of others passed over.
          </Text>
          <Button
            size="xs"
            color="red"
            variant="light"
            onClick={() => void attempt('Rival', () => call('rival.stop', {}))}
          >
            Stop the rival
          </Button>
        </Group>
      ) : (
        <Group mt="xs" gap="sm" align="flex-end">
          <Select
            size="xs"
            label="Interface"
            allowDeselect={false}
            data={interfaces.map((one) => one.name)}
            value={chosen}
            onChange={setName}
          />
          <TextInput
            size="xs"
            w={300}
            label="Hardware addresses it may answer"
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
              void attempt('Rival', () =>
                call('rival.start', { interface: chosen, clients: macs.split(/[\s,;]+/).filter(Boolean) }),
              )
            }
          >
            Start the rival
          </Button>
        </Group>
      )}
    </section>
  )
}
