/** Logs of Windows servers and screens of the boot manager in the languages of Windows, and in the code pages that they are saved in. */
import { describe, expect, test } from 'vitest'
import { LogReading, readLog as read, type LogReport } from '#shared/logs/reading.ts'
import { TextPieces } from '#shared/logs/text-pieces.ts'
import { spoken } from '../helpers/spoken.ts'

const told = (report: LogReport): string[] =>
  spoken(report).stories.flatMap((one) => [
    ...one.failures.filter((failure) => !failure.isOvercome).map(({ id }) => id),
    ...one.notes.map(({ id }) => `~${id}`),
    ...one.steps.map(({ text }) => `+${text}`),
    ...one.strange.map((entry) => `?${entry.text}`),
  ])
const toldOf = (text: string, file = ''): string[] => told(read(text, file))

/** What Event Viewer copies of an event of WDS, in the words of each language. */
const events: Readonly<Record<string, (id: number, code: string) => string>> = {
  German: (id, code) => `Protokollname: Application\nQuelle:        WDSServer\nDatum:         24.11.2026 09:00:01\nEreignis-ID:   ${id}\nAufgabenkategorie:WDSServer\nEbene:         Fehler\nSchlüsselwörter:Klassisch\nBenutzer:      Nicht zutreffend\nComputer:      SRV1.corp.example\nBeschreibung:\nFehler beim Anbieter WDSPXE aus C:\\Windows\\system32\\wdspxe.dll.\n\nFehlerinformationen: ${code}\n`,
  French: (id, code) => `Nom du journal :Application\nSource :       WDSServer\nDate :         24/11/2026 09:00:01\nID de l’événement :${id}\nCatégorie de la tâche :WDSServer\nNiveau :       Erreur\nMots clés :    Classique\nUtilisateur :  N/A\nOrdinateur :   SRV1.corp.example\nDescription :\nUne erreur s’est produite avec WDSPXE, C:\\Windows\\system32\\wdspxe.dll.\n\nInformations sur l’erreur : ${code}\n`,
  Spanish: (id, code) => `Nombre de registro:Application\nOrigen:        WDSServer\nFecha:         24/11/2026 9:00:01\nId. del evento:${id}\nCategoría de la tarea:WDSServer\nNivel:         Error\nPalabras clave:Clásico\nUsuario:       No disponible\nEquipo:        SRV1.corp.example\nDescripción:\nError al inicializar WDSPXE, C:\\Windows\\system32\\wdspxe.dll.\n\nInformación del error: ${code}\n`,
  Japanese: (id, code) => `ログの名前:         Application\nソース:           WDSServer\n日付:            2026/11/24 9:00:01\nイベント ID:       ${id}\nタスクのカテゴリ:      WDSServer\nレベル:           エラー\nキーワード:         クラシック\nユーザー:          N/A\nコンピューター:       SRV1.corp.example\n説明:\nプロバイダー WDSPXE でエラーが発生しました。\n\nエラー情報: ${code}\n`,
  Chinese: (id, code) => `日志名称:          Application\n来源:            WDSServer\n日期:            2026/11/24 9:00:01\n事件 ID:         ${id}\n任务类别:          WDSServer\n级别:            错误\n关键字:           经典\n用户:            暂缺\n计算机:           SRV1.corp.example\n描述:\n提供程序 WDSPXE 出现错误。\n\n错误信息: ${code}\n`,
} // prettier-ignore

describe.each(Object.entries(events))('events of a server in %s', (_, event) => {
  test('the port that another service has, by its code', () => {
    expect(toldOf(event(257, '0x2740'))).toEqual(['wds-port'])
  })

  test('a provider that does not start is no multicast provider', () => {
    expect(toldOf(event(513, '0x906'))).toEqual(['provider-init'])
  })

  test('its time is read', () => {
    expect(read(event(257, '0x5')).stories[0]?.first.localMs).toBe(Date.UTC(2026, 10, 24, 9, 0, 1))
  })
})

test('in English too, a provider that is not that of multicast is named', () => {
  const failed = (provider: string): string => `WDSServer 513 An error occurred while trying to initialize provider ${provider} from C:\\Windows\\system32\\${provider.toLowerCase()}.dll. Windows Deployment Services server will be shutdown. Error Information: 0x906\n` // prettier-ignore
  expect(toldOf(failed('WDSTFTP'))).toEqual(['provider-init'])
  expect(toldOf(failed('WDSMC'))).toEqual(['multicast'])
})

test('an event that another program wrote in French is none of WDS', () => {
  expect(toldOf('Nom du journal :Application\nSource :       MsiInstaller\nID de l’événement :1013\nNiveau :       Informations\nDescription :\nProduit : Outil -- terminé.\n')).toEqual([]) // prettier-ignore
})

test.each([
  ['German', 'Windows konnte nicht gestartet werden.\n\n    Datei: \\Boot\\BCD\n\n    Status: 0xc000000f\n\n    Info: Fehler beim Lesen der Startkonfigurationsdaten.\n'],
  ['French', 'Échec du démarrage de Windows.\n\n    Fichier : \\Boot\\BCD\n\n    État : 0xc000000f\n\n    Info : Une erreur s’est produite.\n'],
  ['Spanish', 'Windows no pudo iniciarse.\n    Archivo: \\Boot\\BCD\n    Estado: 0xc000000f\n    Información: Error al leer los datos de arranque.\n'],
  ['Japanese', 'Windows を起動できませんでした。\nファイル: \\Boot\\BCD\n状態: 0xc000000f\n情報: 読み取り中にエラーが発生しました。\n'],
  ['Chinese', 'Windows 未能启动。\n    文件: \\Boot\\BCD\n    状态: 0xc000000f\n    信息: 尝试读取启动配置数据时出错。\n'],
])('the boot manager in %s names the boot configuration', (_, screen) => {
  expect(toldOf(screen)).toEqual(['boot-0xc000000f-file'])
}) // prettier-ignore

/** The audit log of a DHCP server: a title, what its numbers mean, its columns, a row for each thing. */
const audit = (title: string, meanings: readonly string[], columns: string, rows: readonly string[]): string =>
  [`\t\t${title}`, '', '', 'Event ID  Meaning', ...meanings, '', columns, ...rows, ''].join('\r\n')
const tail = ',,0,6,,,,,,,,,0'

describe('audit logs of DHCP', () => {
  const english = (rows: readonly string[]): string =>
    audit('Microsoft DHCP Service Activity Log', ['00\tThe log was started.', "14\tA lease request could not be satisfied because the scope's address pool was exhausted.", '15\tA lease was denied.', '31\tDNS update failed.', '50+\tCodes above 50 are used for Rogue Server Detection information.'], 'ID,Date,Time,Description,IP Address,Host Name,MAC Address,User Name, TransactionID, QResult', rows) // prettier-ignore
  const healthy = [`00,11/24/26,00:00:12,Started,,,,${tail}`, `55,11/24/26,00:00:13,Authorized(servicing),,corp.example,,${tail}`, `10,11/24/26,09:00:01,Assign,192.0.2.51,PC1.corp.example,525400770001,,2154879,0,,,,0x505845436C69656E74,PXEClient:Arch:00007,,,,0`] // prettier-ignore

  test('a healthy day is no failure, and its head is a legend', () => {
    expect(toldOf(english(healthy))).toEqual(['+DHCP is authorized and serves its scopes', '+DHCP gave addresses'])
    expect(read(english(healthy)).outcome).toBe('good')
    // Who gave addresses only shows no failure; that is no proof.
    expect(read(english(healthy.slice(2))).outcome).toBe('open')
  })

  test('what looks like a failure and is none', () => {
    expect(toldOf(english([`15,11/24/26,09:05:00,NACK,192.0.2.9,,525400770002,${tail}`, `31,11/24/26,09:06:00,DNS Update Failed,192.0.2.51,PC1.corp.example,,${tail}`]))).toEqual(['~audit-denied', '~audit-dns']) // prettier-ignore
  })

  test('addresses that ran out, a conflict, another server', () => {
    expect(toldOf(english([`14,11/24/26,09:07:00,No leases available,192.0.2.0,,525400770003,${tail}`, `13,11/24/26,09:08:00,Conflict,192.0.2.7,,525400770004,${tail}`, `62,11/24/26,09:09:00,Another server found,,,,${tail}`]))).toEqual(['audit-full', '~audit-conflict', '~audit-other-server']) // prettier-ignore
  })

  test('authorization that failed, and that came after all', () => {
    const failed = `54,11/24/26,00:00:13,Authorization failed,,corp.example,,${tail}`
    expect(toldOf(english([failed]))).toEqual(['audit-unauthorized'])
    expect(toldOf(english([failed, healthy[1]!]))).toEqual(['+DHCP is authorized and serves its scopes'])
  })

  test.each([
    ['French', audit("Journal d'activité du service DHCP Microsoft", ["14\tLe pool d'adresses de l'étendue est épuisé.", '15\tUn bail a été refusé.'], "ID,Date,Heure,Description,Adresse IP,Nom d'hôte,Adresse MAC", [`00,24/11/26,00:00:12,Démarré,,,,${tail}`, `14,24/11/26,09:07:00,Aucun bail disponible,192.0.2.0,,525400770003,${tail}`])],
    ['German', audit('Microsoft DHCP-Dienstaktivitätsprotokoll', ['14\tDer Adresspool des Bereichs war erschöpft.'], 'ID,Datum,Uhrzeit,Beschreibung,IP-Adresse,Hostname,MAC-Adresse', [`00,24.11.26,00:00:12,Gestartet,,,,${tail}`, `14,24.11.26,09:07:00,Keine Leases verfügbar,192.0.2.0,,525400770003,${tail}`])],
    ['Japanese', audit('Microsoft DHCP サービスの動作ログ', ['14\tアドレス プールがなくなりました。'], 'ID,日付,時刻,説明,IP アドレス,ホスト名,MAC アドレス', [`00,26/11/24,00:00:12,開始,,,,${tail}`, `14,26/11/24,09:07:00,リースがありません,192.0.2.0,,525400770003,${tail}`])],
  ] as const)('in %s, by its numbers', (_, text) => {
    expect(toldOf(text)).toEqual(['audit-full'])
  }) // prettier-ignore

  test('two figures and a tab in another log are no legend', () => {
    expect(toldOf('SMSPXE said\n14\tFailed to do it\n')).toEqual(['?14\tFailed to do it'])
  })
})

describe('code pages', () => {
  const readBytes = (bytes: Uint8Array): LogReport => {
    const reading = new LogReading()
    reading.begin('events.txt')
    const pieces = new TextPieces((encoding, options) => new TextDecoder(encoding, options), (piece) => reading.push(piece)) // prettier-ignore
    pieces.push(bytes)
    pieces.end()
    return reading.end()
  }
  /** Octets of a text, by the decoder that the other way has. */
  const encoded = (text: string, encoding: string): Uint8Array => {
    const octets = new Map<string, readonly number[]>()
    const decoder = new TextDecoder(encoding)
    for (let lead = 0x80; lead < 0x100; lead++) {
      octets.set(decoder.decode(Uint8Array.of(lead)), [lead])
      for (let trail = 0x40; trail < 0x100; trail++) {
        const one = decoder.decode(Uint8Array.of(lead, trail))
        if (one.length === 1 && !octets.has(one)) octets.set(one, [lead, trail])
      }
    }
    return Uint8Array.from(Array.from(text).flatMap((one) => (one < '\u0080' ? [one.charCodeAt(0)] : octets.get(one)!)))
  }
  /** Letters with accents of code page 850. */
  const of850: Readonly<Record<string, number>> = { ü: 0x81, é: 0x82, â: 0x83, ä: 0x84, à: 0x85, è: 0x8a, ö: 0x94, ó: 0xa2, á: 0xa0, í: 0xa1 } // prettier-ignore
  const consoleText = (text: string): Uint8Array =>
    Uint8Array.from(Array.from(text, (one) => of850[one] ?? one.charCodeAt(0)))

  test.each([
    ['Japanese, code page 932', encoded(events.Japanese!(257, '0x2740'), 'shift_jis')],
    ['Chinese, code page 936', encoded(events.Chinese!(257, '0x2740'), 'gbk')],
    ['German, code page 1252', Buffer.from(events.German!(257, '0x2740'), 'latin1')],
    ['German, the console', consoleText(events.German!(257, '0x2740'))],
    ['French, the console', consoleText(events.French!(257, '0x2740').replaceAll('’', "'"))],
    ['Spanish, the console', consoleText(events.Spanish!(257, '0x2740'))],
    ['French, code page 1252', Buffer.from(events.French!(257, '0x2740').replaceAll('’', "'"), 'latin1')],
  ])('%s', (_, bytes) => {
    expect(told(readBytes(bytes))).toEqual(['wds-port'])
  })

  test.each([
    ['shift_jis', 'エラー情報: 0x5 サーバーの起動中にエラーが発生しました\n'],
    ['gbk', '尝试启动服务器时出错。\n'],
  ] as const)('letters of %s are those that were written', (encoding, text) => {
    let read = ''
    const pieces = new TextPieces((name, options) => new TextDecoder(name, options), (piece) => (read += piece)) // prettier-ignore
    pieces.push(encoded(text, encoding))
    pieces.end()
    expect(read).toBe(text)
  })

  test('letters of a console, of Windows, and quotation marks in English text', () => {
    const decoded = (bytes: Uint8Array): string => {
      let read = ''
      const pieces = new TextPieces((name, options) => new TextDecoder(name, options), (piece) => (read += piece)) // prettier-ignore
      pieces.push(bytes)
      pieces.end()
      return read
    }
    expect(decoded(consoleText('Gerät für Schlüssel\n'))).toBe('Gerät für Schlüssel\n')
    expect(decoded(Buffer.from('Gerät für Schlüssel\n', 'latin1'))).toBe('Gerät für Schlüssel\n')
    expect(decoded(Buffer.from('it\u0092s a \u0093test\u0094\n', 'latin1'))).toBe('it’s a “test”\n') // prettier-ignore
  })
})
