//! The page that the browser shows at the end, in the language that the browser asks for.

/// How signing in ended, as far as the page is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// Well.
    SignedIn,
    /// The person, or the server, said no.
    Refused,
    /// Not well; the program says why.
    Failed,
}

struct Words {
    language: &'static str,
    signed_in: (&'static str, &'static str),
    refused: (&'static str, &'static str),
    failed: (&'static str, &'static str),
}

/// The first is for everybody else.
const WORDS: [Words; 3] = [
    Words {
        language: "en",
        signed_in: ("You are signed in", "You can close this page and go back to Sidecard."),
        refused: ("Nothing was allowed", "Sidecard stays signed out. You can close this page."),
        failed: (
            "Signing in did not work",
            "Go back to Sidecard: it says what happened. You can close this page.",
        ),
    },
    Words {
        language: "de",
        signed_in: ("Sie sind angemeldet", "Sie können diese Seite schließen und zu Sidecard zurückkehren."),
        refused: ("Es wurde nichts erlaubt", "Sidecard bleibt abgemeldet. Sie können diese Seite schließen."),
        failed: (
            "Die Anmeldung hat nicht geklappt",
            "Sidecard zeigt, was geschehen ist. Sie können diese Seite schließen.",
        ),
    },
    Words {
        language: "pt",
        signed_in: ("Você entrou", "Pode fechar esta página e voltar ao Sidecard."),
        refused: ("Nada foi permitido", "O Sidecard continua desconectado. Pode fechar esta página."),
        failed: ("Não foi possível entrar", "O Sidecard mostra o que aconteceu. Pode fechar esta página."),
    },
];

/// The page for `ending`; `languages` is what the browser's `Accept-Language` says.
pub(super) fn page(ending: Ending, languages: &str) -> String {
    let words = words(languages);
    let (title, text) = match ending {
        Ending::SignedIn => words.signed_in,
        Ending::Refused => words.refused,
        Ending::Failed => words.failed,
    };
    format!(
        "<!doctype html><html lang=\"{}\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>Sidecard</title><style>{STYLE}</style><main><h1>{title}</h1><p>{text}</p></main></html>",
        words.language
    )
}

const STYLE: &str = "html{color-scheme:light dark;font:1rem/1.5 system-ui,sans-serif}\
     main{max-width:26rem;margin:20vh auto 0;padding:0 1.5rem}h1{font-size:1.375rem;margin:0 0 .5rem}p{margin:0}";

/// Browsers name their languages best first.
fn words(languages: &str) -> &'static Words {
    let wanted = languages.split(',').filter_map(|one| one.split(['-', ';']).next().map(str::trim));
    let find = |language: &str| WORDS.iter().find(|words| words.language.eq_ignore_ascii_case(language));
    wanted.filter_map(find).next().unwrap_or(&WORDS[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    // LC-01
    #[test]
    fn the_page_speaks_the_browsers_language() {
        for (languages, text) in [
            ("de-AT,de;q=0.9,en;q=0.8", "Sie sind angemeldet"),
            ("fr, pt-BR;q=0.8, en;q=0.5", "Você entrou"),
            ("EN-gb", "You are signed in"),
            ("fr", "You are signed in"),
            ("", "You are signed in"),
        ] {
            let page = page(Ending::SignedIn, languages);
            assert!(page.contains(text), "{languages}: {page}");
        }
        assert!(page(Ending::Refused, "de").contains("nichts erlaubt"));
    }
}
