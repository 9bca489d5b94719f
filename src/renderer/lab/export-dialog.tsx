import { say } from '#messages/message.ts'
import { t, textOf } from '#messages/text.ts'
import { Box, Anchor, Button, Group, Modal, NativeSelect, SegmentedControl, Text, TextInput } from '@mantine/core'
import { useState, type ReactElement, type ReactNode } from 'react'
import type { Lab } from '#shared/lab/lab.ts'
import { planOfLab } from '#shared/interchange/writers/lab-plan.ts'
import type { Exported, ExportNote } from '#shared/interchange/writers/plan.ts'
import { exportTargets, noteTitles, targetTitles, targetVersions, usualVersion, writePlan, type ExportTarget } from '#shared/interchange/writers/targets.ts' // prettier-ignore
import { parseIpv4 } from '#shared/wire/bytes.ts'
import { showHelp } from '../help/state.ts'
import { copyText } from '../parts/copy.ts'
import { download } from '../parts/download.ts'
import { useStore } from '../store.ts'
import { Rich } from '../parts/rich.tsx'

/** What keeps a person from a working network comes first. */
const order: readonly ExportNote['kind'][] = ['keep-beside', 'to-set', 'left-out', 'differs']

/** What stands between backticks is what is written. */
const words = (text: string): ReactNode[] =>
  text.split('`').map((part, at) => (at % 2 === 0 ? part : <code key={at}>{part}</code>))

function Notes({ notes }: { readonly notes: readonly ExportNote[] }): ReactElement {
  if (notes.length === 0) return <Text size="sm">{t('lab-page.nothing-differs')}</Text>
  return (
    <table className="grid-table" aria-label={t('lab-page.differs')}>
      <thead>
        <tr>
          <Box component="th" w={110}>
            {t('lab-page.what')}
          </Box>
          <Box component="th" w={190}>
            {t('lab-page.key')}
          </Box>
          <th>{t('lab-page.difference')}</th>
        </tr>
      </thead>
      <tbody>
        {notes
          .toSorted((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind))
          .map(({ kind, key, text }) => (
            <tr key={`${kind} ${key} ${textOf(text)}`}>
              <td className="no-wrap">{textOf(noteTitles[kind])}</td>
              <td className="mono wraps">{key}</td>
              <td>{words(textOf(text))}</td>
            </tr>
          ))}
      </tbody>
    </table>
  )
}

function Files({ files }: { readonly files: Exported['files'] }): ReactElement {
  const [chosen, choose] = useState<string>()
  const file = files.find(({ name }) => name === chosen) ?? files[0]!
  const save = ({ name, text }: Exported['files'][number]): void => download(name, text, 'text/plain')
  return (
    <>
      {files.length > 1 && (
        <SegmentedControl
          size="xs"
          mb={6}
          aria-label={t('lab-page.file')}
          data={files.map(({ name }) => name)}
          value={file.name}
          onChange={choose}
        />
      )}
      <pre className="mono export-text" tabIndex={0} aria-label={t('lab-page.text', { name: file.name })}>
        {file.text}
      </pre>
      <Group mt={8} gap={8}>
        <Button size="xs" variant="default" onClick={() => void copyText(file.text, file.name)}>
          {t('lab-page.copy')}
        </Button>
        <Button size="xs" onClick={() => files.forEach(save)}>
          {files.length > 1
            ? t('lab-page.save-files', { count: files.length })
            : t('lab-page.save', { name: file.name })}
        </Button>
      </Group>
    </>
  )
}

/** A lab as the configuration of another DHCP server, with what that server does otherwise before it is saved. */
export function ExportDialog({ lab, onClose }: { readonly lab: Lab; readonly onClose: () => void }): ReactElement {
  const interfaces = useStore((one) => one.interfaces)
  const named = [lab.interface].flat()
  const own = interfaces.filter(({ name, address }) => named.includes(name) || named.includes(address))
  const [to, setTarget] = useState<ExportTarget>('kea')
  const [version, setVersion] = useState(usualVersion)
  const [server, setServer] = useState(own[0]?.address ?? '')
  const address = parseIpv4(server)
  // Other addresses of this machine count where it is the file server itself.
  const others = own.some((one) => one.address === server) ? own.filter((one) => one.address !== server) : []
  const addresses = address === undefined ? [] : [address, ...others.flatMap((one) => parseIpv4(one.address) ?? [])]
  const isKnown = address !== undefined || (server === '' && lab.boot.nextServer !== null)
  const exported = isKnown
    ? writePlan(planOfLab({ lab, addresses, lineOf: () => 0 }), { to, engineVersion: version })
    : undefined
  const versions = targetVersions[to]
  return (
    <Modal opened onClose={onClose} title={t('lab-page.export-configuration')} size={880}>
      <Group align="flex-start" mb={12}>
        <NativeSelect
          label={t('lab-page.dhcp-server')}
          data={exportTargets.map((one) => ({ value: one, label: targetTitles[one] }))}
          value={to}
          onChange={({ currentTarget: { value } }) => setTarget(value as ExportTarget)}
          data-autofocus
        />
        {versions && (
          <NativeSelect
            label={t('lab-page.version')}
            data={[...versions]}
            value={version}
            onChange={({ currentTarget: { value } }) => setVersion(value)}
          />
        )}
        <TextInput
          label={t('lab-page.address-file-server')}
          value={server}
          onChange={({ currentTarget: { value } }) => setServer(value.trim())}
          error={isKnown ? undefined : t('lab-page.write-ipv4-address-machine-serves')}
        />
      </Group>
      {exported && (
        <>
          <Notes notes={exported.notes} />
          <div className="spaced">
            <Files key={to} files={exported.files} />
          </div>
        </>
      )}
      <Text size="sm" mt={12}>
        <Rich
          message={say('lab-page.how-files-are-used')}
          tags={{
            article: (text) => (
              <Anchor
                component="button"
                size="sm"
                onClick={() => {
                  // The article is beside the page, and the page is behind this.
                  onClose()
                  showHelp({ kind: 'article', path: 'guide/move-to-a-site.md' })
                }}
              >
                {text}
              </Anchor>
            ),
          }}
        />
      </Text>
    </Modal>
  )
}
