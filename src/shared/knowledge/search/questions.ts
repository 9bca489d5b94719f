/** What newcomers ask in words of their own, and what answers it; whatever names a code or an option is found by that. */

/** `What is option 60?` and its like without the words that only make it a question. */
export function withoutQuestion(text: string): string {
  const plain = text.trim().replace(/[?!.]+$/, '')
  const left = plain
    .replace(
      /^(?:please\s+)?(?:what(?:'s|\s+is|\s+are|\s+does|\s+do)|what\s+means|meaning\s+of|define|explain|was\s+ist|was\s+bedeutet)\s+(?:(?:the|an?|error|code)\s+)*/i,
      '',
    ) // prettier-ignore
    .replace(/\s+(?:mean|means|stand\s+for|do|for)$/i, '')
  return left === '' ? plain : left
}

/** British and American spellings as one: `authorise`, `colour`, `licence`. */
export const oneSpelling = (word: string): string =>
  word.length < 6
    ? word
    : word
        .replace(/iz(?=e|i|a)/, 'is')
        .replace(/our(?=$|s$|ed$|ing$|able$)/, 'or')
        .replace(/licence/, 'license')
        .replace(/cancell/, 'cancel')
        .replace(/^cent(?:er|re)/, 'center')

const verb = (...words: readonly string[]): string => `\\b(?:${words.join('|')})\\b`
const boots = verb('boots?', 'booting', 'starts?', 'starting', 'pxe')
const fails = verb("won'?t", "doesn'?t", 'does not', 'do not', "don'?t", 'cannot', "can'?t", 'not', 'fails?', 'failed', 'never', 'no longer') // prettier-ignore
const both = (...parts: readonly string[]): RegExp => new RegExp(parts.map((one) => `(?=.*${one})`).join(''), 'i')

/** The first that fits counts: what is special stands before what is general. */
const questions: readonly (readonly [asked: RegExp, id: string])[] = [
  [/(?:start|starting|>>)\s*pxe over ipv[46]|checking media presence|black screen|\b(stuck|hangs?|hanging|frozen|freezes?)\b.*\b(pxe|boot)|\bpxe\b.*\b(stuck|hangs?|hanging|frozen|freezes?)\b/i, 'page ask'],
  [/\bnbp\b.*\b(?:0|zero|empty)\b|^nbp file ?size$/i, 'scenario missing-file'],
  [/^no boot(?:able)? (?:device|medi(?:um|a))(?: found|\b.*\binsert\b.*)?$|^(?:missing |no )?operating system(?: not)?(?: found)?$|\bno operating system found$|^reboot and select proper boot device\b|^(?:kein|no) (?:startgerät|bootfähiges|dispositivo|périphérique)/i, 'page ask'],
  [both(verb('slow', 'slowly', 'speed up', 'faster', 'takes (?:too )?long'), verb('tftp', 'boots?', 'booting', 'pxe', 'downloads?', 'transfers?')), 'registry RamDiskTFTPWindowSize'],
  [both(verb('same', 'one', 'single', 'together'), verb('server', 'machine', 'host', 'computer'), '\\bdhcp\\b', verb('wds', 'pxe', 'configmgr', 'sccm')), 'page use-dhcp-ports'],
  [both(verb('beside', 'next to', 'alongside', 'together with', 'use with', 'existing'), verb('wds', 'dhcp', 'sccm', 'configmgr', 'mecm')), 'article guide/beside-wds.md'],
  [/\b(?:behind|across|through|over|another|different|other)\b.*\b(?:routers?|subnets?|vlans?|networks?|segments?)\b|\b(?:ip[- ]helpers?|helper[- ]address(?:es)?|dhcp relays?|relay agents?|relays?)$/i, 'article guide/relays.md'],
  [/\b(?:two|2|second|another|other|multiple|rogue)\s+dhcp\s*servers?\b/i, 'scenario rogue-dhcp'],
  [/^(?:dhcp server )?(?:not |un)?authori[sz](?:e|ed|ing|ation)\b.*\bdhcp|\bdhcp\b.*\b(?:not |un)?authori[sz](?:e|ed|ing|ation)\b/i, 'scenario dhcp-not-authorised'],
  [/\b(?:who|which|what)\b.*\b(?:answers?|offers?|gives?)\b.*\b(?:dhcp|addresses|pxe)\b|\bfind\b.*\bdhcp servers?\b/i, 'page doctor'],
  [both(verb('set ?up', 'setting up', 'install', 'begin', 'first', 'get started', 'getting started', 'configure', 'how (?:do|to|can).*'), verb('pxe boot', 'pxe server', 'network boot', 'first boot', 'get started', 'getting started', 'a lab', 'first machine')), 'article guide/first-boot.md'],
  [/\b(?:read|analy[sz]e|understand|explain)\b.*\b(?:ladder|diagram)\b|^ladder diagram$/i, 'article guide/reading-a-ladder.md'],
  [/\b(?:read|open|analy[sz]e|load|import)\b.*\b(?:captures?|pcap|pcapng|traces?|wireshark)\b/i, 'page flows'],
  [/\b(?:capture|record|sniff|trace|dump)\b.*\b(?:packets?|traffic|network|boots?|pxe)\b|^(?:capture|sniff|tcpdump|pktmon)$/i, 'article guide/capturing.md'],
  [/\b(?:smspxe|smsts|setupact|setuperr|wds)\.?\s*logs?\b|\b(?:read|open|where)\b.*\blogs?\b/i, 'article guide/logs.md'],
  [/\b(?:approve|allow|let in|accept|permit)\b.*\b(?:computers?|machines?|clients?|pcs?|devices?)\b|\bpending (?:devices?|computers?|machines?)\b/i, 'page approvals'],
  [/\b(?:reserve|fix(?:ed)?|static|always (?:the )?same|reservations?)\b.*\b(?:address(?:es)?|ips?)\b|\b(?:free|release|delete)\b.*\b(?:lease|address|ip)\b/i, 'page clients'],
  [/^where\b.*\b(?:boot )?files\b|\b(?:add|put|copy|upload|drop)\b.*\bboot ?(?:files?|programs?|loaders?)\b|^tftp (?:root|folder|directory)$/i, 'page files'],
  [/\bipxe\b.*\bmenus?\b|\bboot menus?\b/i, 'scenario boot-menu'],
  [/\buefi\b.*\bhttp\b|\bhttps? boot\b/i, 'article guide/http-boot.md'],
  [/\b(?:upgrade|update)\b.*\b(?:configmgr|sccm|mecm|configuration manager)\b|\b(?:configmgr|sccm|mecm)\b.*\b(?:upgrade|update|readiness)\b/i, 'page planner'],
  [/\b(?:teach\w*|training|demonstrat\w*|(?:a|my|the) class|classroom|students|lessons?|practi[sc]e|learn(?:ing)?)\b/i, 'page simulator'],
  [/^(?:check|test|diagnose|inspect)\b.*\b(?:wds|dhcp|configmgr|sccm|server)\b/i, 'page doctor'],
  [new RegExp(`(?=.*${verb('computers?', 'machines?', 'clients?', 'pcs?', 'laptops?', 'device')})(?=.*${fails})(?=.*${boots})`, 'i'), 'page ask'],
  [both(verb('pxe boot', 'network boot', 'boot(?:ing)? from (?:the )?(?:network|lan)'), fails), 'page ask'],
  [/^(?:why\b.*\bboot|pxe (?:problem|troubleshooting|issue|error)s?|troubleshoot(?:ing)?\b.*)/i, 'page ask'],
] // prettier-ignore

/** The entry that answers a question, where it is one of those that people ask; a line off a screen is none. */
export const answerTo = (text: string): string | undefined =>
  /^\s*(?:error|fatal)\b.*:/i.test(text) ? undefined : questions.find(([asked]) => asked.test(text.trim()))?.[1]

/** Every entry that a question leads to. */
export const answers: readonly string[] = [...new Set(questions.map(([, id]) => id))]
