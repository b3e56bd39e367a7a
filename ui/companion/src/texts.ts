// The page's few sentences, in the browser's language where they are known in it.

const en = {
  signed_out: "Sidecard does not know yet which chat you open here.",
  sign_in: "Sign in to LiveChat",
  speaking: "Sidecard follows the chat you open here.",
  trouble: "LiveChat does not answer. Tried again by itself.",
  not_set_up: "Not set up yet: the client ID is missing in config.json.",
};

type Texts = typeof en;

const de: Texts = {
  signed_out: "Sidecard weiß noch nicht, welchen Chat Sie hier öffnen.",
  sign_in: "Bei LiveChat anmelden",
  speaking: "Sidecard folgt dem Chat, den Sie hier öffnen.",
  trouble: "LiveChat antwortet nicht. Der nächste Versuch folgt von selbst.",
  not_set_up: "Noch nicht eingerichtet: In config.json fehlt die Client-ID.",
};

const pt: Texts = {
  signed_out: "O Sidecard ainda não sabe qual chat você abre aqui.",
  sign_in: "Entrar no LiveChat",
  speaking: "O Sidecard acompanha o chat que você abre aqui.",
  trouble: "O LiveChat não responde. Uma nova tentativa será feita automaticamente.",
  not_set_up: "Ainda não configurado: falta o ID do cliente em config.json.",
};

export function texts(language: string): Texts {
  const known: Record<string, Texts> = { en, de, pt };
  return known[language.split("-")[0] ?? "en"] ?? en;
}
