import { Box, Button, Group, Modal, ScrollArea, Text } from '@mantine/core'
import { useState, type ReactElement } from 'react'
import { t } from '#messages/text.ts'
import { call } from '../connection.ts'
import { Copyable } from '../parts/copyable.tsx'
import { shellBridge } from '../shell-bridge.ts'
import { attempt, useStore } from '../store.ts'
import { closeSheet, useSheets } from './sheets.ts'

/** What runs here, for whoever reports a defect, and under which licences. */
export function AboutSheet(): ReactElement {
  const isOpen = useSheets((one) => one.open === 'about')
  const version = useStore((one) => one.version)
  const machine = useStore((one) => one.machine)
  const shell = useStore((one) => one.shell)
  const [texts, setTexts] = useState<string>()
  const showLicences = (): Promise<void> =>
    attempt(t('shell.licences'), async () => {
      const { own, others } = await call('app.licences', {})
      setTexts([own ?? '', others ?? t('shell.licences-missing')].join('\n\n'))
    })
  const rows = [
    { name: 'PXE Lab', version },
    ...(shell?.versions ?? [{ name: t('shell.about-browser'), version: navigator.userAgent }]),
    { name: t('shell.about-machine'), version: machine },
  ]
  return (
    <Modal opened={isOpen} onClose={closeSheet} title={t('shell.about')} size={520}>
      <Text mb={12}>{t('shell.about-purpose')}</Text>
      <table className="grid-table">
        <tbody>
          {rows.map((row) => (
            <tr key={row.name}>
              <Box component="th" scope="row" w={100}>
                {row.name}
              </Box>
              <td className="mono wraps">{row.version}</td>
            </tr>
          ))}
          {shell && (
            <tr>
              <th scope="row">{t('shell.logs')}</th>
              <td className="wraps">
                <Copyable text={shell.logFolder} />
              </td>
            </tr>
          )}
        </tbody>
      </table>
      <Text mt={12} size="xs" c="dimmed">
        {t('shell.about-licence')}
      </Text>
      {texts && (
        <ScrollArea h={240} mt={8} type="auto" className="licences">
          <pre tabIndex={0} aria-label={t('shell.licences')}>
            {texts}
          </pre>
        </ScrollArea>
      )}
      <Group mt={16} justify="flex-end">
        <Button variant="default" onClick={() => void showLicences()} disabled={texts !== undefined}>
          {t('shell.licences')}
        </Button>
        {shell && (
          <Button variant="default" onClick={() => shellBridge?.ask({ type: 'open-log-folder' })}>
            {t('shell.log-folder')}
          </Button>
        )}
        <Button onClick={closeSheet} data-autofocus>
          {t('common.close')}
        </Button>
      </Group>
    </Modal>
  )
}
