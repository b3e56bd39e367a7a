// Names that the backend gives in English because it does not know the reader's language: the chat fields that every
// platform has, and the rules that come with Sidecard. What a supervisor or a site called differently stays as it is.

import { languageOf, locale, type Spoken } from "./locale.svelte";

type Names = Record<Spoken, string>;

const CHAT_FIELDS: Record<string, Names> = {
  "system.name": { en: "Name", de: "Name", pt: "Nome" },
  "system.email": { en: "E-mail", de: "E-Mail", pt: "E-mail" },
  "system.phone": { en: "Phone", de: "Telefon", pt: "Telefone" },
  "system.visitor_id": { en: "Visitor id", de: "Besucher-ID", pt: "ID do visitante" },
  "system.country": { en: "Country", de: "Land", pt: "País" },
  "system.city": { en: "City", de: "Ort", pt: "Cidade" },
  "page.url": { en: "Page address", de: "Seitenadresse", pt: "Endereço da página" },
  "page.title": { en: "Page title", de: "Seitentitel", pt: "Título da página" },
  "page.start_url": { en: "First page of the chat", de: "Erste Seite des Chats", pt: "Primeira página do chat" },
  "page.referrer": { en: "Came from", de: "Kam von", pt: "Veio de" },
  "utm.source": { en: "UTM source", de: "UTM-Quelle", pt: "Origem UTM" },
  "utm.medium": { en: "UTM medium", de: "UTM-Medium", pt: "Mídia UTM" },
  "utm.campaign": { en: "UTM campaign", de: "UTM-Kampagne", pt: "Campanha UTM" },
  "utm.term": { en: "UTM term", de: "UTM-Suchbegriff", pt: "Termo UTM" },
  "utm.content": { en: "UTM content", de: "UTM-Inhalt", pt: "Conteúdo UTM" },
  "session.user_agent": { en: "Browser", de: "Browser", pt: "Navegador" },
  "session.ip": { en: "Network address", de: "Netzwerkadresse", pt: "Endereço de rede" },
  "session.timezone": { en: "Time zone", de: "Zeitzone", pt: "Fuso horário" },
};

const RULES: Names[] = [
  { en: "Customer number", de: "Kundennummer", pt: "Número do cliente" },
  { en: "Customer ID", de: "Kunden-ID", pt: "ID do cliente" },
  { en: "E-mail", de: "E-Mail", pt: "E-mail" },
  { en: "Phone", de: "Telefon", pt: "Telefone" },
  { en: "Mobile", de: "Mobiltelefon", pt: "Celular" },
  { en: "Known browser", de: "Bekannter Browser", pt: "Navegador conhecido" },
];

/** What a chat field is called. */
export function chatLabel(key: string, label: string): string {
  const names = CHAT_FIELDS[key];
  return names?.en === label ? names[languageOf(locale())] : label;
}

/** What a rule is called. */
export function ruleLabel(name: string): string {
  return RULES.find(({ en }) => en === name)?.[languageOf(locale())] ?? name;
}
