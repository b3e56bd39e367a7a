//! What belongs to a party: its categories, and its sale opportunities where that module is active.

use domain::{
    Related, RelatedPart,
    related::{RelatedList, RelatedRecord, Tag},
};
use jiff::{civil::Date, tz::TimeZone};
use serde::Deserialize;
use url::Url;

/// The model of deals, from the module `sale_opportunity`.
pub(super) const OPPORTUNITY: &str = "sale.opportunity";
/// How many deals are shown.
pub(super) const MOST_DEALS: usize = 20;

/// A party with its categories.
#[derive(Deserialize)]
pub(super) struct Tagged {
    #[serde(rename = "categories.", default)]
    categories: Vec<Category>,
}

#[derive(Deserialize)]
struct Category {
    /// With the names of those it is in: `Customers / Wholesale`.
    rec_name: String,
}

/// A sale opportunity as it is read.
#[derive(Deserialize)]
pub(super) struct Opportunity {
    id: i64,
    number: Option<String>,
    description: Option<String>,
    #[serde(rename = "state:string")]
    state: Option<String>,
    amount: Option<Decimal>,
    #[serde(rename = "currency.")]
    currency: Option<Currency>,
    start_date: Option<Day>,
}

#[derive(Deserialize)]
struct Decimal {
    decimal: String,
}

#[derive(Deserialize)]
struct Currency {
    code: String,
}

#[derive(Deserialize)]
struct Day {
    year: i16,
    month: i8,
    day: i8,
}

/// What belongs to a party; `page` gives a deal's page.
pub(super) fn related(party: Tagged, deals: Vec<Opportunity>, page: impl Fn(i64) -> Url) -> Related {
    let more = deals.len() > MOST_DEALS;
    let records = deals.into_iter().take(MOST_DEALS).map(|deal| deal.record(&page)).collect();
    Related {
        tags: party.categories.into_iter().map(|it| Tag { name: it.rec_name, score: None }).collect(),
        lists: vec![RelatedList { part: RelatedPart::Deals, records, more }],
    }
}

impl Opportunity {
    fn record(self, page: impl Fn(i64) -> Url) -> RelatedRecord {
        let filled = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
        let (description, number) = (filled(self.description), filled(self.number));
        let amount = self.amount.map(|amount| {
            let currency = self.currency.map(|currency| currency.code + " ").unwrap_or_default();
            currency + &amount.decimal
        });
        let (title, number) = match description {
            Some(description) => (description, number),
            None => (number.unwrap_or_else(|| self.id.to_string()), None),
        };
        RelatedRecord {
            title,
            details: [number, filled(self.state), amount].into_iter().flatten().collect(),
            at: self.start_date.and_then(|day| day.noon()),
            url: Some(page(self.id).into()),
        }
    }
}

impl Day {
    /// Noon of the day, which is the same day almost everywhere.
    fn noon(&self) -> Option<i64> {
        let noon = Date::new(self.year, self.month, self.day).ok()?.at(12, 0, 0, 0);
        Some(noon.to_zoned(TimeZone::UTC).ok()?.timestamp().as_millisecond())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn page(id: i64) -> Url {
        Url::parse(&format!("https://crm.example/{id}")).unwrap()
    }

    fn read(deals: serde_json::Value) -> Related {
        let party =
            serde_json::from_value(json!({ "id": 1, "categories.": [{ "id": 2, "rec_name": "VIP" }] }));
        related(party.unwrap(), serde_json::from_value(deals).unwrap(), page)
    }

    // PAN-17
    #[test]
    fn categories_are_tags_and_opportunities_are_deals() {
        let related = read(json!([{
            "id": 7, "number": "14", "description": "Refill", "state:string": "Lead",
            "amount": { "__class__": "Decimal", "decimal": "640.00" },
            "currency.": { "id": 1, "rec_name": "Euro", "code": "EUR" },
            "start_date": { "__class__": "date", "year": 2026, "month": 11, "day": 3 },
        }]));
        assert_eq!(related.tags, [Tag { name: "VIP".to_owned(), score: None }]);
        let [RelatedList { part: RelatedPart::Deals, records, more: false }] = &related.lists[..] else {
            panic!("{:?}", related.lists)
        };
        let expected = RelatedRecord {
            title: "Refill".to_owned(),
            details: ["14", "Lead", "EUR 640.00"].map(str::to_owned).to_vec(),
            at: Some(1_793_707_200_000),
            url: Some("https://crm.example/7".to_owned()),
        };
        assert_eq!(records[..], [expected]);
    }

    // PAN-17
    #[test]
    fn a_deal_without_words_is_called_by_its_number_and_too_many_are_said() {
        let bare = |id: i64| json!({ "id": id, "number": "A", "description": "", "amount": null });
        let related = read((0..=20).map(bare).collect());
        let list = &related.lists[0];
        assert_eq!((list.records.len(), list.more), (20, true));
        assert_eq!((list.records[0].title.as_str(), &list.records[0].details[..]), ("A", &[][..]));
    }
}
