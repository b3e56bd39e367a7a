//! The page of a customer in Optimove's web application. The vendor documents no address for it: it is taken from one
//! that a person has copied from the browser.

use domain::config::OptimoveConfig;
use url::Url;

use super::api::encoded;

/// Where the id stands in a template.
pub(crate) const ID: &str = "{id}";

/// The template of customers' pages, from the address of the page of the customer `id`. The id is looked for behind the
/// host, as it is and encoded, and only as a whole: `73` is not found in `731`. `None` when it is not there.
pub fn record_url_template(pasted: &str, id: &str) -> Option<String> {
    let (pasted, id) = (pasted.trim(), id.trim());
    let url =
        Url::parse(pasted).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())?;
    if id.is_empty() {
        return None;
    }
    // The text is searched as it was pasted: a parsed address may be spelled differently.
    let begin = pasted.find("://")? + 3;
    let host_end = begin + pasted[begin..].find(['/', '?', '#'])?;
    let (origin, rest) = pasted.split_at(host_end);
    let template = spellings(id).into_iter().find_map(|spelling| replaced(rest, &spelling))?;
    (url.username().is_empty() && url.password().is_none()).then(|| format!("{origin}{template}"))
}

/// The ways in which an address may spell `id`, the most encoded first.
fn spellings(id: &str) -> Vec<String> {
    let full = encoded(id);
    // Encoded twice, as an address within an address.
    let twice = encoded(&full);
    vec![twice, full, id.to_owned(), id.replace(' ', "+")]
}

/// `text` with every whole `spelling` in it replaced; `None` without any. The digits of an encoded character may be small.
fn replaced(text: &str, spelling: &str) -> Option<String> {
    let (mut out, mut from, mut at) = (String::new(), 0, 0);
    let mut before = None;
    while let Some(rest) = text.get(at..) {
        let Some(first) = rest.chars().next() else { break };
        match rest.get(..spelling.len()) {
            Some(here) if same(here, spelling) && is_whole(before, &rest[spelling.len()..]) => {
                out.push_str(&text[from..at]);
                out.push_str(ID);
                at += spelling.len();
                from = at;
                before = Some('}');
            }
            _ => {
                at += first.len_utf8();
                before = Some(first);
            }
        }
    }
    out.push_str(&text[from..]);
    out.contains(ID).then_some(out)
}

fn same(here: &str, spelling: &str) -> bool {
    if spelling.contains('%') { here.eq_ignore_ascii_case(spelling) } else { here == spelling }
}

/// Whether what stands before and behind does not belong to a longer word.
fn is_whole(before: Option<char>, behind: &str) -> bool {
    let belongs = |c: char| c.is_alphanumeric() || matches!(c, '%' | '_');
    !before.is_some_and(belongs) && !behind.chars().next().is_some_and(belongs)
}

/// Where to look at the customer `id`: its page, or the web application.
pub(super) fn page(config: &OptimoveConfig, id: &str) -> Option<Url> {
    match &config.record_url {
        Some(template) => Url::parse(&template.replace(ID, &encoded(id))).ok(),
        None => config.web_app.clone(),
    }
}

/// The hosts that pages are at.
pub(super) fn hosts(config: &OptimoveConfig) -> Vec<String> {
    let of_pages = page(config, "0").and_then(|url| url.host_str().map(str::to_owned));
    of_pages.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(web_app: Option<&str>, record_url: Option<&str>) -> OptimoveConfig {
        OptimoveConfig {
            web_app: web_app.map(|url| Url::parse(url).unwrap()),
            record_url: record_url.map(str::to_owned),
            ..OptimoveConfig::at(Url::parse("https://api4.optimove.example").unwrap())
        }
    }

    // OPT-06
    #[test]
    fn opt_06_the_template_is_derived_from_the_address_of_any_customers_page() {
        let derived = record_url_template;
        let of = |template: &str| Some(template.to_owned());
        assert_eq!(
            derived(" https://acme.optimove.example/#/customer-360/00731 ", "00731"),
            of("https://acme.optimove.example/#/customer-360/{id}")
        );
        assert_eq!(
            derived("https://acme.example/app?c=731&tab=1#731", "731"),
            of("https://acme.example/app?c={id}&tab=1#{id}")
        );
        for spelled in ["P%2F2%2B%C3%A4", "p%2f2%2b%c3%a4", "P%252F2%252B%25C3%25A4", "P/2+ä"] {
            let pasted = format!("https://acme.example/#/c/{spelled}/view");
            assert_eq!(derived(&pasted, "P/2+ä"), of("https://acme.example/#/c/{id}/view"), "{spelled}");
        }
    }

    // OPT-06
    #[test]
    fn opt_06_no_template_is_guessed_where_the_id_is_not_in_the_address() {
        for (pasted, id) in [
            ("https://acme.example/#/c/7310", "731"),
            ("https://acme.example/#/c/1731", "731"),
            ("https://731.example/#/c/8", "731"),
            ("https://acme.example/#/c/p-1", "P-1"),
            ("https://acme.example/#/c/1", ""),
            ("https://acme.example", "acme"),
            ("javascript:alert(731)", "731"),
            ("https://ana:731@acme.example/731", "731"),
            ("not an address 731", "731"),
        ] {
            assert_eq!(record_url_template(pasted, id), None, "{pasted}");
        }
    }

    // OPT-04, OPT-08
    #[test]
    fn opt_04_open_leads_to_the_customers_page_and_without_a_template_to_the_web_application() {
        let web_app = Some("https://acme.example/");
        let template = Some("https://acme.example/#/customer-360/{id}?from={id}");
        let at = |config: &OptimoveConfig, id| page(config, id).map(|url| url.to_string());
        let with = config(web_app, template);
        assert_eq!(
            at(&with, "P/2+ä").as_deref(),
            Some("https://acme.example/#/customer-360/P%2F2%2B%C3%A4?from=P%2F2%2B%C3%A4")
        );
        assert_eq!(at(&config(web_app, None), "00731").as_deref(), web_app);
        assert_eq!(at(&config(None, None), "00731"), None);
        assert_eq!(hosts(&with), ["acme.example"], "the key's own host is not among them");
    }
}
