import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { create } from 'zustand'
import { persist } from 'zustand/middleware'
import type { ReactElement } from 'react'
import { say } from '#messages/message.ts'
import { t } from '#messages/text.ts'
import { hasBackEnd } from '../connection.ts'
import { copyText } from '../parts/copy.ts'
import { download } from '../parts/download.ts'
import { Rich } from '../parts/rich.tsx'
import { fragmentOf, stepFile, stepFileEnding, type SharedStep } from './shared-step.ts'

/** Where somebody published the simulator; empty for nowhere. */
const useSite = create<{ readonly address: string }>()(
  persist((): { address: string } => ({ address: '' }), { name: 'pxe-lab-simulator-site' }),
)

const isAddress = (text: string): boolean => /^https?:\/\/[^\s/]+/.test(text)

/** A link for others, where there is a site that it opens at; else for this lab alone. A file works everywhere. */
export function ShareDialog({
  isOpen,
  onClose,
  name,
  shared,
}: {
  readonly isOpen: boolean
  readonly onClose: () => void
  /** Of the file, without its ending. */
  readonly name: string
  readonly shared: SharedStep
}): ReactElement {
  const kept = useSite((one) => one.address)
  const site = hasBackEnd ? kept.trim() : window.location.href
  const isWrong = hasBackEnd && site !== '' && !isAddress(site)
  const isForAnyone = isAddress(site)
  const link = isForAnyone ? `${site.replace(/#.*$/, '')}${fragmentOf(shared)}` : window.location.href
  return (
    <Modal opened={isOpen} onClose={onClose} title={t('share.title')} size={560}>
      <Stack gap="md">
        <section aria-label={t('share.copy')}>
          <Text size="sm">{t(isForAnyone ? 'share.link-elsewhere' : 'share.link-here')}</Text>
          <Group mt={6}>
            <Button size="xs" disabled={isWrong} onClick={() => void copyText(link, t('share.copied'))} data-autofocus>
              {t('share.copy')}
            </Button>
          </Group>
        </section>
        <section aria-label={t('share.download')}>
          <Text size="sm">{t('share.file-hint')}</Text>
          <Group mt={6}>
            <Button
              size="xs"
              variant="default"
              onClick={() => download(`${name}${stepFileEnding}`, stepFile(shared), 'application/json')}
            >
              {t('share.download')}
            </Button>
          </Group>
        </section>
        {hasBackEnd && (
          <TextInput
            label={t('share.address')}
            description={
              <Rich message={say('share.address-hint')} tags={{ code: (inside) => <code>{inside}</code> }} />
            }
            placeholder={t('simulator.https-training-example-org-pxe')}
            value={kept}
            onChange={(event) => useSite.setState({ address: event.currentTarget.value })}
            error={isWrong ? t('share.address-wrong') : undefined}
          />
        )}
      </Stack>
    </Modal>
  )
}
