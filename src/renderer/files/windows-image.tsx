import { keyOf } from '#messages/message.ts'
import { t, textOf } from '#messages/text.ts'
import {
  Button,
  Group,
  Loader,
  Modal,
  NumberInput,
  Select,
  SegmentedControl,
  Text,
  TextInput,
  Title,
} from '@mantine/core'
import { useState, type ReactElement } from 'react'
import { tellBytes } from '#shared/contract/amounts.ts'
import type { BootFiles, Client } from '#shared/contract/calls.ts'
import { chooseInterface } from '#shared/lab/interface-choice.ts'
import {
  chooseSizes,
  usualSizes,
  windowsPeMemory,
  windowsPeWays,
  type ChosenSizes,
  type TriedSizes,
} from '#shared/lab/windows-pe.ts'
import { writeBootConfiguration } from '#shared/wire/boot-configuration-writer.ts'
import { call } from '../connection.ts'
import { attempt, useStore } from '../store.ts'
import { addFiles } from './upload.ts'

type Firmware = 'uefi' | 'bios'

const wayNames = { wimboot: 'wimboot', 'boot-manager': t('files.boot-manager') } as const
/** The boot manager asks for this one by itself; machines of the other firmware are told theirs by option 252. */
const storeOf: Readonly<Record<Firmware, string>> = { uefi: 'Boot/BCD', bios: 'Boot/BIOS/BCD' }
const serverPath = (name: string): string => `\\${name.replaceAll('/', '\\')}`
/** Of a file that says something of the speed. */
const fewestBytes = 128 * 1024

/** What machines of this lab loaded over TFTP, each pair of sizes once: the longest file. */
function loadedBy(clients: Iterable<Client>): TriedSizes[] {
  const longest = new Map<string, Client['boots'][number]['files'][number]>()
  for (const { boots } of clients)
    for (const file of boots.flatMap(({ files }) => files)) {
      const { blockSize, windowSize, bytes, state } = file
      if (blockSize === undefined || bytes < fewestBytes || state === 'loading' || state === 'refused') continue
      const key = `${blockSize} ${windowSize}`
      if (bytes > (longest.get(key)?.bytes ?? 0)) longest.set(key, file)
    }
  return [...longest.values()].map(({ blockSize = 0, windowSize = 1, rate, retransmissions, state, detail }) => ({
    blockSize,
    agreedBlockSize: blockSize,
    agreedWindowSize: windowSize,
    bytesPerSecond: Math.round(rate),
    lost: retransmissions,
    problem: state === 'done' ? '' : detail,
  }))
}

const clientOf = (firmware: Firmware, architecture: BootFiles['files'][number]['architecture']) =>
  firmware === 'bios' ? 'bios' : architecture === 'arm64' ? 'arm64-uefi' : 'x64-uefi'

function Memory({ bytes }: { readonly bytes: number }): ReactElement {
  return (
    <section className="preset" aria-label={t('files.memory')}>
      <Title order={3}>{t('files.memory-machine')}</Title>
      {windowsPeWays.map((way) => {
        const need = windowsPeMemory(way, bytes)
        return (
          <Text key={way} size="sm">
            {t('files.memory-by-way', { way: wayNames[way], memory: tellBytes(need.bytes) })}{' '}
            <Text span size="xs" c="dimmed">
              {need.parts
                .map((part) => t('files.memory-for', { memory: tellBytes(part.bytes), what: part.what }))
                .join('; ')}
            </Text>
          </Text>
        )
      })}
    </section>
  )
}

/** A boot image of Windows: what it is, the memory it needs, and a boot configuration for it with measured sizes. */
export function WindowsImageSheet({
  image,
  boot,
  onClose,
  onSaved,
}: {
  readonly image: BootFiles['files'][number]
  readonly boot: BootFiles
  readonly onClose: () => void
  readonly onSaved: () => void
}): ReactElement {
  const interfaces = useStore((one) => one.interfaces)
  const clients = useStore((one) => one.clients)
  const wire = useStore((one) => one.wire)
  const [firmware, setFirmware] = useState<Firmware>('uefi')
  const [sdi, setSdi] = useState('\\Boot\\boot.sdi')
  const [typed, setTyped] = useState<string>()
  const [sizes, setSizes] = useState<ChosenSizes>({ ...usualSizes, why: [] })
  const [said, setSaid] = useState<string>()
  const [isBusy, setBusy] = useState(false)
  const [chosen, setChosen] = useState<string | null>(null)
  const name = chosen ?? chooseInterface(interfaces).recommended ?? interfaces[0]?.name ?? null
  const store = typed ?? storeOf[firmware]
  const loaded = loadedBy(clients.values())
  const hasSdi = boot.files.some((one) => serverPath(one.name).toLowerCase() === sdi.toLowerCase())
  const take = (found: ChosenSizes | undefined, why: string): void => {
    if (found) setSizes(found)
    setSaid(found ? undefined : why)
  }
  const measure = async (): Promise<void> => {
    setBusy(true)
    setSaid(undefined)
    await attempt(t('files.wire'), async () => {
      const client = clientOf(firmware, image.architecture)
      const census = await call('wire.census', { interface: name! })
      const heard = census.results.find((one) => one.client === client)
      if (census.complaint !== undefined || !heard)
        return take(
          undefined,
          census.complaint === undefined
            ? t('files.not-measured-no-machine')
            : t('files.not-measured', { reason: census.complaint }),
        )
      const boot = await call('wire.rehearse', { interface: name!, census: heard })
      const step = boot?.steps.findLast((one) => one.state === 'failed' || one.name === 'Block sizes')
      take(boot?.recommended && { ...boot.recommended, why: boot.recommended.why ?? [] }, boot ? (step?.detail === undefined ? t('files.not-measured-no-tftp') : t('files.not-measured-because', { reason: step.detail })) : t('files.stopped')) // prettier-ignore
    })
    setBusy(false)
  }
  const write = (): void =>
    void attempt(t('files.boot-configuration'), async () => {
      const { blockSize, windowSize } = sizes
      const bytes = writeBootConfiguration({ entries: [{ title: t('files.windows-pe'), image: serverPath(image.name) }], sdi, firmware, blockSize, windowSize, timeoutSeconds: 0 }) // prettier-ignore
      const file = new File([Uint8Array.from(bytes)], store.split('/').at(-1)!)
      const added = await addFiles([{ name: store, file }], boot.files.map((one) => one.name), onSaved) // prettier-ignore
      if (added.length === 0) return
      onSaved()
      onClose()
    })
  const isStore = /^[^\\:*?"<>|]+$/.test(store)
  const isSdi = /^\\[^/:*?"<>|]+$/.test(sdi)
  return (
    <Modal opened onClose={onClose} title={image.name} size={760}>
      <Text size="sm" mb={8}>
        {textOf(image.description)}
      </Text>
      {image.remarks?.map((one) => (
        <Text key={keyOf(one)} size="sm" c="dimmed">
          {textOf(one)}
        </Text>
      ))}
      <Memory bytes={image.size} />
      <section className="preset" aria-label={t('files.boot-configuration')}>
        <Title order={3}>{t('files.boot-configuration-bcd')}</Title>
        <Text size="xs" c="dimmed">
          {t('files.boot-manager-over-tftp-wimboot')}
        </Text>
        <Group gap="sm" align="flex-end" mt={8}>
          <SegmentedControl
            size="xs"
            aria-label={t('files.firmware')}
            data={[
              { value: 'uefi', label: t('files.uefi') },
              { value: 'bios', label: t('files.bios') },
            ]}
            value={firmware}
            onChange={setFirmware}
          />
          <TextInput
            size="xs"
            w={150}
            label={t('files.file-title')}
            value={store}
            error={isStore ? undefined : t('files.write-path-boot-folder-such')}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
          <TextInput
            size="xs"
            w={150}
            label={t('files.boot-sdi')}
            value={sdi}
            error={isSdi ? undefined : t('files.write-path-such-boot-boot')}
            onChange={(event) => setSdi(event.currentTarget.value)}
          />
          {(
            [
              ['blockSize', t('files.block-bytes'), 512, 65_464],
              ['windowSize', t('files.window-blocks'), 1, 64],
            ] as const
          ).map(([key, label, min, max]) => (
            <NumberInput
              key={key}
              size="xs"
              w={105}
              label={label}
              min={min}
              max={max}
              allowDecimal={false}
              value={sizes[key]}
              onChange={(value) => setSizes({ ...sizes, [key]: Number(value) || usualSizes[key], why: [] })}
            />
          ))}
        </Group>
        {!hasSdi && (
          <Text size="xs" mt={6} c="var(--lab-wait)">
            {t('files.not-boot-folder-boot-sdi', { file: sdi })}
          </Text>
        )}
        <Group gap="sm" align="flex-end" mt={8}>
          <Select
            size="xs"
            label={t('files.network')}
            w={150}
            allowDeselect={false}
            data={interfaces.map((one) => one.name)}
            value={name}
            onChange={setChosen}
          />
          <Button size="xs" variant="default" disabled={name === null || isBusy} onClick={() => void measure()}>
            {t('files.measure')}
          </Button>
          <Button
            size="xs"
            variant="default"
            disabled={loaded.length === 0 || isBusy}
            title={loaded.length === 0 ? t('files.no-machine-loaded-file-128') : undefined}
            onClick={() => take(chooseSizes(loaded), t('files.every-file-machines-loaded-over'))} // prettier-ignore
          >
            {t('files.machines-loaded')}
          </Button>
          {isBusy && (
            <Group gap="xs" role="status">
              <Loader size="xs" />
              <Text size="sm">{wire === '' ? t('files.asking-machine-would') : wire}</Text>
              <Button size="compact-xs" variant="default" onClick={() => void call('wire.cancel', {})}>
                {t('common.stop')}
              </Button>
            </Group>
          )}
        </Group>
        {said !== undefined && (
          <Text size="sm" c="var(--lab-wait)" role="status">
            {said}
          </Text>
        )}
        {sizes.why.length > 0 && (
          <ul className="preset-needs" aria-label={t('files.why-these-sizes')}>
            {sizes.why.map((one) => (
              <li key={textOf(one)}>{textOf(one)}</li>
            ))}
          </ul>
        )}
        {firmware === 'bios' && (
          <Text size="xs" c="dimmed">
            {t('files.tell-bios-machines-path-option', { serverPath: serverPath(store) })}
          </Text>
        )}
        <Group mt={8}>
          <Button size="compact-sm" disabled={!isStore || !isSdi || isBusy} onClick={write}>
            {t('files.write', { store })}
          </Button>
        </Group>
      </section>
    </Modal>
  )
}
