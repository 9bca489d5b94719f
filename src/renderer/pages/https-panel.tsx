/** HTTPS boot of the lab: the certificate that its web server shows, and how machines come to trust the authority above it. */
import { say, type Message } from '#messages/message.ts'
import { t } from '#messages/text.ts'
import { Alert, Button, Group, Menu, Text, Title } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import type { ReactElement } from 'react'
import type { HttpsReport } from '#shared/contract/calls.ts'
import { formatDateTime } from '#shared/wire/time.ts'
import { call } from '../connection.ts'
import { download } from '../parts/download.ts'
import { useRead } from '../parts/use-read.ts'
import { useStore } from '../store.ts'
import { Rich } from '../parts/rich.tsx'

type Authority = NonNullable<HttpsReport['authority']>

const bytesOf = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(text), (one) => one.charCodeAt(0))

const files = [
  { key: 'der', name: 'pxe-lab-ca.cer', label: t('pages.firmware-der-cer') },
  { key: 'pem', name: 'pxe-lab-ca.pem', label: t('pages.ipxe-curl-pem') },
  { key: 'list', name: 'cacerts.bin', label: t('pages.qemu-ovmf-efi-signature-list') },
] as const

function Download({ authority }: { readonly authority: Authority }): ReactElement {
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <Button size="compact-sm" variant="default" leftSection={<IconDownload size={14} />}>
          {t('pages.download-authority')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {files.map(({ key, name, label }) => (
          <Menu.Item key={key} onClick={() => download(name, bytesOf(authority[key]), 'application/octet-stream')}>
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

/** What to do with each kind of machine. */
const steps: readonly (readonly [machine: string, text: Message])[] = [
  [t('pages.uefi-firmware'), say('pages.enrol-in-firmware')],
  [t('pages.qemu-with-ovmf'), say('pages.enrol-in-ovmf')],
  ['iPXE', say('pages.build-ipxe')],
]
const code = { code: (text: string) => <code>{text}</code> }

/** Nothing where HTTPS boot is off. */
export function HttpsPanel(): ReactElement | null {
  const lab = useStore((one) => one.lab?.lab)
  const labText = useStore((one) => one.lab?.text)
  // The certificate is made, and renewed, when the responder starts.
  const startedAt = useStore((one) => one.status?.startedAt)
  const isOn = lab?.https.enabled === true
  const { value, error } = useRead(
    () => (isOn ? call('https.read', {}) : Promise.resolve(null)),
    `${labText}${startedAt}`,
  )
  if (!isOn) return null
  const server = value?.server
  const authority = value?.authority
  return (
    <section className="section">
      <Group justify="space-between" mb={4}>
        <Title order={2}>{t('pages.https-boot')}</Title>
        {authority && <Download authority={authority} />}
      </Group>
      {error !== undefined && <Text c="var(--lab-bad)">{error}</Text>}
      {value?.warnings.map((one) => (
        <Alert key={one} color="yellow" variant="light" mb={8} role="alert">
          {one}
        </Alert>
      ))}
      {value && (
        <table className="grid-table" aria-label={t('pages.certificate-https-boot')}>
          <tbody>
            <tr>
              <th scope="row">{t('pages.certificate')}</th>
              <td className="wraps">
                {server ? (
                  <>
                    <Rich
                      message={say('pages.certificate-for', {
                        names: server.names.join(', '),
                        until: formatDateTime(server.until),
                        key: server.key,
                      })}
                      tags={{ names: (text) => <span className="mono">{text}</span> }}
                    />
                  </>
                ) : value.isOwn ? (
                  t('pages.made-when-responder-starts')
                ) : (
                  t('pages.cannot-used')
                )}
              </td>
            </tr>
            <tr>
              <th scope="row">{t('pages.authority')}</th>
              <td className="wraps">
                {authority ? (
                  <>
                    {t('pages.authority-until', { name: authority.name, until: formatDateTime(authority.until) })}
                    <div className="mono">{authority.fingerprint}</div>
                  </>
                ) : value.isOwn ? (
                  t('pages.made-when-responder-starts')
                ) : (
                  (server?.issuer ?? t('pages.not-known'))
                )}
              </td>
            </tr>
            {steps.map(([machine, text]) => (
              <tr key={machine}>
                <th scope="row">{machine}</th>
                <td className="wraps">
                  <Rich message={text} tags={code} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}
