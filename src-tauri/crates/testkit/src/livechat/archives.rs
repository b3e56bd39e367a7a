//! `list_archives`: one entry for each thread, page by page.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    actions::{Answer, Refusal},
    render,
    unknowns::{ArchiveRange, Archived},
    world::{Chat, Thread, World},
};

/// What may stand in the first request alone.
const FIRST_ONLY: &[&str] = &["filters", "limit", "sort_order"];

/// Answers a request for a page.
pub(super) fn list(world: &mut World, version: &str, request: &Value) -> Answer {
    let (question, start) = match request["page_id"].as_str() {
        Some(_) if FIRST_ONLY.iter().any(|name| !request[*name].is_null()) => {
            return Err(Refusal("validation"));
        }
        Some(page) => world.pages.get(page).cloned().ok_or(Refusal("validation"))?,
        None => (request.clone(), 0),
    };
    let limit = question["limit"].as_u64().unwrap_or(10);
    if !(1..=100).contains(&limit) {
        return Err(Refusal("validation"));
    }
    let end = start + usize::try_from(limit).unwrap_or(100);
    let found = found(world, &question);
    let page = found.iter().skip(start).take(end - start);
    let page: Vec<_> = page.map(|(chat, thread)| render::chat(world, chat, thread, version)).collect();
    let (all, more) = (found.len(), found.len() > end);
    let mut answer = json!({ "chats": page, "found_chats": all });
    if more {
        let id = format!("page-{}", world.number());
        answer["next_page_id"] = json!(id);
        world.pages.insert(id, (question, end));
    }
    Ok(answer)
}

fn found<'a>(world: &'a World, question: &Value) -> Vec<(&'a Chat, &'a Thread)> {
    let threads = world.chats.values().flat_map(|chat| chat.threads.iter().map(move |thread| (chat, thread)));
    let contents = world.unknowns.archived;
    let mut found: Vec<_> = threads
        .filter(|(_, thread)| contents == Archived::All || !thread.active)
        .filter(|(chat, thread)| is_wanted(world, chat, thread, &question["filters"]))
        .collect();
    found.sort_by(|a, b| a.1.created_at.cmp(&b.1.created_at));
    if question["sort_order"] != "asc" {
        found.reverse();
    }
    found
}

fn is_wanted(world: &World, chat: &Chat, thread: &Thread, filters: &Value) -> bool {
    let among = |list: &Value, wanted: &dyn Fn(&str) -> bool| match list["values"].as_array() {
        Some(values) => values.iter().filter_map(Value::as_str).any(wanted),
        None => true,
    };
    let of_these = |list: &Value| list.as_array().is_none_or(|ids| ids.iter().any(|id| *id == thread.id));
    of_these(&filters["thread_ids"])
        && among(&filters["customer_id"], &|id| id == chat.customer)
        && among(&filters["agents"], &|id| thread.agents.iter().any(|agent| agent == id))
        && in_range(world.unknowns.archive_range, thread, &filters["from"], &filters["to"])
}

fn in_range(range: ArchiveRange, thread: &Thread, from: &Value, to: &Value) -> bool {
    let bound =
        |value: &Value, open: Timestamp| value.as_str().and_then(|text| text.parse().ok()).unwrap_or(open);
    let (from, to) = (bound(from, Timestamp::MIN), bound(to, Timestamp::MAX));
    let events = thread.events.iter().filter_map(|event| event["created_at"].as_str());
    let touched = events.filter(|_| range == ArchiveRange::Touched);
    let moments = std::iter::once(thread.created_at.as_str()).chain(touched);
    moments.filter_map(|text| text.parse::<Timestamp>().ok()).any(|at| from <= at && at <= to)
}
