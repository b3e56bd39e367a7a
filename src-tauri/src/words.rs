//! The few texts that the system draws: the tray's menu and the titles of windows. All others are the web view's.

use ipc::panel::Language;

/// The texts of one language.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Words {
    /// The tray's line that shows the panel.
    pub(crate) show: &'static str,
    /// The tray's line that opens the settings.
    pub(crate) settings: &'static str,
    /// The tray's line that ends the program.
    pub(crate) quit: &'static str,
    /// The title of the settings window.
    pub(crate) settings_title: &'static str,
}

const ENGLISH: Words =
    Words {
        show: "Show Sidecard", settings: "Settings…", quit: "Quit", settings_title: "Sidecard settings"
    };

const GERMAN: Words = Words {
    show: "Sidecard zeigen",
    settings: "Einstellungen…",
    quit: "Beenden",
    settings_title: "Sidecard-Einstellungen",
};

const PORTUGUESE: Words = Words {
    show: "Mostrar o Sidecard",
    settings: "Configurações…",
    quit: "Sair",
    settings_title: "Configurações do Sidecard",
};

/// The texts for a choice of language.
pub(crate) fn of(choice: Language) -> &'static Words {
    words(choice, sys_locale::get_locales())
}

fn words(choice: Language, system: impl IntoIterator<Item = String>) -> &'static Words {
    match choice {
        Language::En => &ENGLISH,
        Language::De => &GERMAN,
        Language::Pt => &PORTUGUESE,
        Language::System => system.into_iter().find_map(|tag| known(&tag)).unwrap_or(&ENGLISH),
    }
}

fn known(tag: &str) -> Option<&'static Words> {
    match tag.split(['-', '_']).next()? {
        "en" => Some(&ENGLISH),
        "de" => Some(&GERMAN),
        "pt" => Some(&PORTUGUESE),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // PAN-18
    #[test]
    fn pan_18_the_system_s_first_known_language_is_spoken_unless_another_is_chosen() {
        let system = |tags: &[&str]| tags.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(words(Language::System, system(&["fr-FR", "pt-BR", "de"])), &PORTUGUESE);
        assert_eq!(words(Language::System, system(&["de_AT"])), &GERMAN);
        assert_eq!(words(Language::System, system(&["C", "fr"])), &ENGLISH);
        assert_eq!(words(Language::De, system(&["pt-BR"])), &GERMAN);
    }
}
