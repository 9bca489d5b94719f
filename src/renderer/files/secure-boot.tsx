import { t, textOf } from '#messages/text.ts'
import { Button, FileButton, Group, Text, Title } from '@mantine/core'
import { useState, type ReactElement } from 'react'
import type { BootChainReply } from '#shared/contract/calls.ts'
import { sbatSource } from '#shared/wire/secure-boot/sbat.ts'
import { call } from '../connection.ts'
import { attempt } from '../store.ts'
import { base64Of } from './upload.ts'

type Link = BootChainReply['links'][number]
type Verdict = BootChainReply['verdicts'][number]

const stateTexts = {
  valid: '',
  'of-another-program': t('files.not-file-changed-cut-off'),
  damaged: t('files.signature-damaged'),
  unknown: t('files.cannot-verified-here'),
} as const satisfies Record<Link['signers'][number]['state'], string>

const roleTexts = {
  program: t('files.boot-program'),
  shim: t('secure-boot.role-shim'),
  'second stage': t('secure-boot.role-second-stage'),
  kernel: t('secure-boot.role-kernel'),
  'chained program': t('secure-boot.role-chained-program'),
} as const satisfies Record<Link['role'], string>

function Signers({ link: { problem, signers } }: { readonly link: Link }): ReactElement {
  if (problem !== '') return <span className="bad-text">{textOf(problem)}</span>
  if (signers.length === 0) return <span className="bad-text">{t('files.not-signed')}</span>
  return (
    <>
      {signers.map((one) => (
        <div key={`${one.name} ${one.authority} ${one.thumbprints[0]}`}>
          {one.name === ''
            ? t('files.signature-cannot-read')
            : t('files.under', { signer: one.name, authority: one.authority })}
          {[stateTexts[one.state], one.problem].filter(Boolean).map((text) => (
            <Text key={text} size="xs" c="var(--lab-bad)">
              {text}
            </Text>
          ))}
        </div>
      ))}
    </>
  )
}

const looks = {
  yes: { className: 'good-text', shape: 'dot', word: t('files.verdict-start') },
  no: { className: 'bad-text', shape: 'square', word: t('files.verdict-refuse') },
  unknown: { className: 'quiet-text', shape: 'dot', word: t('files.verdict-not-known') },
} as const

function VerdictRow({ verdict: { name, starts, because } }: { readonly verdict: Verdict }): ReactElement {
  const { className, shape, word } = looks[starts]
  return (
    <tr>
      <td>{textOf(name)}</td>
      <td className={className}>
        <span className="dot" data-shape={shape} />
        {word}
      </td>
      <td>{textOf(because)}</td>
    </tr>
  )
}

function Chain({ chain }: { readonly chain: BootChainReply }): ReactElement {
  return (
    <div role="group" className="spaced" aria-label={t('files.chain', { file: chain.links[0]!.file })}>
      <table className="grid-table">
        <thead>
          <tr>
            <th>{t('files.file-title')}</th>
            <th>{t('files.what-title')}</th>
            <th>{t('files.signed')}</th>
            <th>SBAT</th>
          </tr>
        </thead>
        <tbody>
          {chain.links.map((link) => (
            <tr key={`${link.role} ${link.file}`}>
              <td className="mono">{link.file}</td>
              <td>{roleTexts[link.role]}</td>
              <td>
                <Signers link={link} />
              </td>
              <td>{link.sbat.map((one) => `${one.name} ${one.generation}`).join(', ')}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <table className="grid-table spaced">
        <thead>
          <tr>
            <th>{t('files.secure-boot')}</th>
            <th>{t('files.they')}</th>
            <th>{t('files.because')}</th>
          </tr>
        </thead>
        <tbody>
          {chain.verdicts.map((one) => (
            <VerdictRow key={one.machine} verdict={one} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** Who signed what the rules hand out, and which machines start it. Programs are read whole, so only when asked. */
export function SecureBoot(): ReactElement {
  const [chains, setChains] = useState<readonly BootChainReply[]>()
  const [isBusy, setBusy] = useState(false)
  const check = async (dbx?: File): Promise<void> => {
    setBusy(true)
    const found = await attempt(t('files.signatures'), async () =>
      call('files.chains', dbx ? { dbx: { name: dbx.name, base64: await base64Of(dbx) } } : {}),
    )
    if (found) setChains(found)
    setBusy(false)
  }
  return (
    <section className="section" aria-label={t('files.secure-boot-2')}>
      <Group justify="space-between">
        <Title order={2}>{t('files.secure-boot-2')}</Title>
        <Group gap="xs">
          <FileButton onChange={(file) => file && void check(file)}>
            {(props) => (
              <Button size="compact-sm" variant="default" disabled={isBusy} {...props}>
                {t('files.check-dbx-file')}
              </Button>
            )}
          </FileButton>
          <Button size="compact-sm" variant="default" loading={isBusy} onClick={() => void check()}>
            {t('files.check-signatures')}
          </Button>
        </Group>
      </Group>
      {!chains && (
        <Text size="sm" c="dimmed">
          {t('files.who-signed-programs-these-rules')}
        </Text>
      )}
      {chains?.length === 0 && <Text c="dimmed">{t('files.no-rule-hands-out-uefi')}</Text>}
      {chains?.map((one) => (
        <Chain key={one.links[0]!.file} chain={one} />
      ))}
      {chains && chains.length > 0 && (
        <Text size="xs" c="dimmed">
          {t('files.sbat-level-newest-keys-were', {
            sbatLevel: chains[0]!.sbatLevel,
            asOf: sbatSource.asOf,
            dbx: textOf(chains[0]!.dbx),
          })}
        </Text>
      )}
    </section>
  )
}
