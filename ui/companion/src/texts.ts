// The page's few sentences, in the browser's language where they are known in it.

const en = {
  signed_out: "Sidecard does not know yet which chat you open here.",
  sign_in: "Sign in to LiveChat",
  speaking: "Sidecard follows the chat you open here.",
  trouble: "LiveChat does not answer. Tried again by itself.",
  not_set_up: "Not set up yet: the client ID is missing in config.json.",
  unpaired: "Pair this page with Sidecard: copy the pairing text in Sidecard’s settings and paste it here.",
  unreached: "Sidecard on this computer does not answer. If it runs, pair this page again.",
  pairing: "Pairing text",
  pair: "Pair",
  no_pairing: "This is no pairing text.",
};

type Texts = typeof en;

const de: Texts = {
  signed_out: "Sidecard weiß noch nicht, welchen Chat Sie hier öffnen.",
  sign_in: "Bei LiveChat anmelden",
  speaking: "Sidecard folgt dem Chat, den Sie hier öffnen.",
  trouble: "LiveChat antwortet nicht. Der nächste Versuch folgt von selbst.",
  not_set_up: "Noch nicht eingerichtet: In config.json fehlt die Client-ID.",
  unpaired:
    "Koppeln Sie diese Seite: Kopieren Sie den Kopplungstext in den Einstellungen von Sidecard und fügen Sie ihn hier ein.",
  unreached: "Sidecard auf diesem Computer antwortet nicht. Wenn es läuft, koppeln Sie diese Seite neu.",
  pairing: "Kopplungstext",
  pair: "Koppeln",
  no_pairing: "Das ist kein Kopplungstext.",
};

const pt: Texts = {
  signed_out: "O Sidecard ainda não sabe qual chat você abre aqui.",
  sign_in: "Entrar no LiveChat",
  speaking: "O Sidecard acompanha o chat que você abre aqui.",
  trouble: "O LiveChat não responde. Uma nova tentativa será feita automaticamente.",
  not_set_up: "Ainda não configurado: falta o ID do cliente em config.json.",
  unpaired: "Pareie esta página: copie o texto de pareamento nas configurações do Sidecard e cole-o aqui.",
  unreached: "O Sidecard neste computador não responde. Se ele estiver aberto, pareie esta página de novo.",
  pairing: "Texto de pareamento",
  pair: "Parear",
  no_pairing: "Este não é um texto de pareamento.",
};

export function texts(language: string): Texts {
  const known: Record<string, Texts> = { en, de, pt };
  return known[language.split("-")[0] ?? "en"] ?? en;
}
